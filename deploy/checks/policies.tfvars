# Every feature of modules/policies, with the values that policies.py knows.
region     = "eu-west-1"
account_id = "111122223333"
features = {
  metrics       = true
  log_groups    = ["/shop/nginx", "/shop/uwsgi"]
  logs_insights = true
  access_logs   = { bucket = "shop-alb-logs", prefix = "prod" }
  athena = {
    workgroup      = "fivexx"
    database       = "logs"
    table          = "alb_access_logs"
    results_bucket = "shop-athena"
    results_prefix = "fivexx/"
  }
  reports        = { bucket = "shop-reports", prefix = "fivexx" }
  sns_topic_arns = ["arn:aws:sns:eu-west-1:111122223333:oncall"]
  kms_key_arns   = ["arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"]
}
