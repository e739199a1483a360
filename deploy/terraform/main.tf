# The role that fivexx takes, one policy a feature, and, where asked for, what runs it on ECS.

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  on_ecs = var.ecs != null
  tags   = merge({ Name = var.name }, var.tags)
  place = {
    PARTITION  = data.aws_partition.current.partition
    REGION     = data.aws_region.current.region
    ACCOUNT_ID = data.aws_caller_identity.current.account_id
    NAME       = var.name
  }
}

module "policies" {
  source = "./modules/policies"

  partition  = local.place.PARTITION
  region     = local.place.REGION
  account_id = local.place.ACCOUNT_ID
  features   = var.features
}

resource "aws_iam_role" "watch" {
  name               = "${var.name}-watch"
  description        = "What fivexx may read, and where it may report"
  assume_role_policy = templatefile("${path.module}/../iam/trust/${local.on_ecs ? "ecs-tasks" : "ec2"}.json", local.place)
  tags               = local.tags
}

# Inline, one a feature: they mean nothing without the role, and go with it.
resource "aws_iam_role_policy" "feature" {
  for_each = module.policies.policies

  name   = each.key
  role   = aws_iam_role.watch.id
  policy = each.value
}

resource "aws_iam_instance_profile" "watch" {
  count = local.on_ecs ? 0 : 1

  name = "${var.name}-watch"
  role = aws_iam_role.watch.name
  tags = local.tags
}

module "ecs" {
  source = "./modules/ecs"
  count  = local.on_ecs ? 1 : 0

  place     = local.place
  settings  = var.ecs
  task_role = { id = aws_iam_role.watch.id, arn = aws_iam_role.watch.arn }
  tags      = local.tags
}
