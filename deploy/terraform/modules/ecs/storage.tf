# A file system that lasts. The watch keeps an embedded database of what it has reported; a task's own disk is gone when the task ends, and a watch that
# forgets reports every incident again at each look. S3 is no place for it: a database file is written in the middle, and locked while it is open.

resource "aws_efs_file_system" "state" {
  encrypted  = true
  kms_key_id = var.settings.storage_kms_key_arn

  # Kilobytes of state and the reports: what nobody has opened for a month costs less.
  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }

  tags = var.tags
}

resource "aws_efs_backup_policy" "state" {
  file_system_id = aws_efs_file_system.state.id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_mount_target" "state" {
  for_each = toset(var.settings.subnet_ids)

  file_system_id  = aws_efs_file_system.state.id
  subnet_id       = each.value
  security_groups = [aws_security_group.state.id]
}

# The task sees this folder alone, as this user, whatever it claims to be.
resource "aws_efs_access_point" "state" {
  file_system_id = aws_efs_file_system.state.id

  posix_user {
    uid = 10001
    gid = 10001
  }

  root_directory {
    path = "/fivexx"

    creation_info {
      owner_uid   = 10001
      owner_gid   = 10001
      permissions = "0750"
    }
  }

  tags = var.tags
}

# With a policy, whoever is not named may not mount: without one, anybody in the network might.
resource "aws_efs_file_system_policy" "state" {
  file_system_id = aws_efs_file_system.state.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for statement in jsondecode(local.state_policy).Statement : merge(statement, { Principal = { AWS = var.task_role.arn } })
    ]
  })
}
