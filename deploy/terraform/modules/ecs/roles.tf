# Three roles, for three parties: the task (the parent's), ECS that starts it, and the scheduler that asks ECS to.

locals {
  policies = "${path.module}/../../../ecs/iam"
  trust    = "${path.module}/../../../iam/trust"

  state_policy = templatefile("${local.policies}/state.json", merge(var.place, {
    FILE_SYSTEM_ID  = aws_efs_file_system.state.id
    ACCESS_POINT_ID = aws_efs_access_point.state.id
  }))
}

resource "aws_iam_role_policy" "state" {
  name   = "state"
  role   = var.task_role.id
  policy = local.state_policy
}

resource "aws_iam_role" "execution" {
  name               = "${var.place.NAME}-execution"
  description        = "ECS: pull the image, write the log, read the webhook"
  assume_role_policy = templatefile("${local.trust}/ecs-tasks.json", var.place)
  tags               = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name = "execution"
  role = aws_iam_role.execution.id
  policy = templatefile("${local.policies}/execution.json", merge(var.place, {
    OWN_LOG_GROUP    = aws_cloudwatch_log_group.watch.name
    IMAGE_REPOSITORY = var.settings.image_repository
  }))
}

resource "aws_iam_role_policy" "webhook" {
  count = var.settings.webhook_secret_arn == null ? 0 : 1

  name   = "webhook"
  role   = aws_iam_role.execution.id
  policy = templatefile("${local.policies}/execution-webhook.json", { WEBHOOK_SECRET_ARN = var.settings.webhook_secret_arn })
}

resource "aws_iam_role" "scheduler" {
  name               = "${var.place.NAME}-scheduler"
  description        = "EventBridge Scheduler: start the task"
  assume_role_policy = templatefile("${local.trust}/scheduler.json", var.place)
  tags               = var.tags
}

resource "aws_iam_role_policy" "run_task" {
  name = "run-task"
  role = aws_iam_role.scheduler.id
  policy = templatefile("${local.policies}/run-task.json", merge(var.place, {
    CLUSTER_ARN        = local.cluster_arn
    TASK_ROLE_ARN      = var.task_role.arn
    EXECUTION_ROLE_ARN = aws_iam_role.execution.arn
  }))
}
