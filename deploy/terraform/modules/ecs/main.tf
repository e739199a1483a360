# One look a tick: the schedule starts a task, the task looks, reports what is new, and ends.

locals {
  cluster_arn = coalesce(var.settings.cluster_arn, one(aws_ecs_cluster.watch[*].arn))
}

resource "aws_cloudwatch_log_group" "watch" {
  name              = "/${var.place.NAME}/watch"
  retention_in_days = var.settings.log_retention_days
  kms_key_id        = var.settings.storage_kms_key_arn
  tags              = var.tags
}

resource "aws_ecs_cluster" "watch" {
  count = var.settings.cluster_arn == null ? 1 : 0

  name = var.place.NAME
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "watch" {
  family                   = var.place.NAME
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.settings.cpu
  memory                   = var.settings.memory
  task_role_arn            = var.task_role.arn
  execution_role_arn       = aws_iam_role.execution.arn
  tags                     = var.tags

  runtime_platform {
    cpu_architecture        = var.settings.arm64 ? "ARM64" : "X86_64"
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([
    {
      name                   = "fivexx"
      image                  = var.settings.image
      essential              = true
      command                = ["watch", "--once", "--config", "/etc/fivexx/fivexx.toml"]
      user                   = "10001:10001"
      readonlyRootFilesystem = true
      stopTimeout            = 30
      linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
      mountPoints            = [{ sourceVolume = "state", containerPath = "/var/lib/fivexx", readOnly = false }]
      secrets                = [for arn in var.settings.webhook_secret_arn[*] : { name = "FIVEXX_WEBHOOK", valueFrom = arn }]
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.watch.name
          awslogs-region        = var.place.REGION
          awslogs-stream-prefix = "watch"
        }
      }
    }
  ])

  volume {
    name = "state"

    efs_volume_configuration {
      file_system_id     = aws_efs_file_system.state.id
      transit_encryption = "ENABLED"

      authorization_config {
        access_point_id = aws_efs_access_point.state.id
        iam             = "ENABLED"
      }
    }
  }

  # A task that starts before it may mount, or before there is something to mount, fails; the next tick would succeed, but why begin with an error?
  depends_on = [aws_efs_mount_target.state, aws_efs_file_system_policy.state, aws_iam_role_policy.state]
}

# A group of its own: the scheduler's role can then be taken by this group's schedules and no others.
resource "aws_scheduler_schedule_group" "watch" {
  name = var.place.NAME
  tags = var.tags
}

resource "aws_scheduler_schedule" "watch" {
  name                = var.place.NAME
  group_name          = aws_scheduler_schedule_group.watch.name
  description         = "One look of fivexx"
  schedule_expression = var.settings.schedule
  #checkov:skip=CKV_AWS_297:The schedule holds a name and a rate; a key of one's own would need grants for the scheduler and keep nothing secret

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = local.cluster_arn
    role_arn = aws_iam_role.scheduler.arn

    # The next tick reads as far back as this one would have: trying again would only start two at a time.
    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }

    ecs_parameters {
      # Without a revision: the newest at each tick.
      task_definition_arn = aws_ecs_task_definition.watch.arn_without_revision
      launch_type         = "FARGATE"
      task_count          = 1

      network_configuration {
        subnets          = var.settings.subnet_ids
        security_groups  = [aws_security_group.task.id]
        assign_public_ip = var.settings.assign_public_ip
      }
    }
  }

  depends_on = [aws_iam_role_policy.run_task]
}
