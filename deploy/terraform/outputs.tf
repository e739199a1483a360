output "role_arn" {
  description = "The role that fivexx runs as."
  value       = aws_iam_role.watch.arn
}

output "instance_profile_name" {
  description = "For the EC2 machine; null on ECS."
  value       = one(aws_iam_instance_profile.watch[*].name)
}

output "log_group" {
  description = "Where the task's own log goes; null without ECS."
  value       = one(module.ecs[*].log_group)
}

output "task_definition_arn" {
  description = "To run one look by hand: aws ecs run-task; null without ECS."
  value       = one(module.ecs[*].task_definition_arn)
}

output "security_group_id" {
  description = "The task's security group; null without ECS."
  value       = one(module.ecs[*].security_group_id)
}

output "file_system_id" {
  description = "The file system with the state and the reports; null without ECS."
  value       = one(module.ecs[*].file_system_id)
}
