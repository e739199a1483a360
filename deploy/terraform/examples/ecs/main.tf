# Everything for a watch on ECS Fargate that looks every five minutes, reports to S3 and tells an SNS topic.

variable "image" {
  description = "The image made by deploy/ecs/Dockerfile, with its tag."
  type        = string
}

variable "vpc_id" {
  description = "A VPC whose private subnets reach AWS, by NAT or by VPC endpoints."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, one in each zone: each gets a mount target of the file system."
  type        = list(string)
}

resource "aws_sns_topic" "oncall" {
  name              = "fivexx-oncall"
  kms_master_key_id = "alias/aws/sns"
}

module "fivexx" {
  source = "../.."

  features = {
    metrics        = true
    log_groups     = ["/shop/nginx", "/shop/uwsgi"]
    logs_insights  = true
    access_logs    = { bucket = "shop-alb-logs", prefix = "prod" }
    reports        = { bucket = "shop-reports", prefix = "fivexx" }
    sns_topic_arns = [aws_sns_topic.oncall.arn]
  }

  ecs = {
    image            = var.image
    image_repository = "fivexx-watch"
    vpc_id           = var.vpc_id
    subnet_ids       = var.subnet_ids
  }

  tags = { team = "on-call" }
}

output "log_group" {
  description = "Where to read what each look said."
  value       = module.fivexx.log_group
}
