# Nothing but the role, for fivexx under systemd on one EC2 machine that has the logs of its own nginx and app server.

module "fivexx" {
  source = "../.."

  features = {
    metrics = true
    # Other machines' logs, which an agent sends to CloudWatch Logs:
    log_groups = ["/shop/nginx"]
    # The load balancer's access logs:
    access_logs = { bucket = "shop-alb-logs", prefix = "prod" }
  }
}

output "instance_profile_name" {
  description = "Give it to the machine: aws ec2 associate-iam-instance-profile."
  value       = module.fivexx.instance_profile_name
}
