output "log_group" {
  description = "Where the task's own log goes."
  value       = aws_cloudwatch_log_group.watch.name
}

output "task_definition_arn" {
  description = "The task definition."
  value       = aws_ecs_task_definition.watch.arn
}

output "security_group_id" {
  description = "The task's security group."
  value       = aws_security_group.task.id
}

output "file_system_id" {
  description = "The file system with the state and the reports."
  value       = aws_efs_file_system.state.id
}
