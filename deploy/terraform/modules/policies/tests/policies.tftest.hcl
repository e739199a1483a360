# `terraform init && terraform test` in this folder; needs neither a provider nor an account.

variables {
  region     = "eu-west-1"
  account_id = "111122223333"
}

run "nothing_asked_nothing_granted" {
  command = plan

  assert {
    condition     = length(output.policies) == 0
    error_message = "A role without features must have no policy."
  }
}

run "only_what_was_asked" {
  command = plan
  variables {
    features = { metrics = true, sns_topic_arns = ["arn:aws:sns:eu-west-1:111122223333:oncall"] }
  }

  assert {
    condition     = join(",", sort(keys(output.policies))) == "metrics,sns"
    error_message = "Only metrics and sns were asked for."
  }
}

run "several_log_groups_in_one_policy" {
  command = plan
  variables {
    features = { log_groups = ["/shop/nginx", "/shop/uwsgi"], logs_insights = true }
  }

  assert {
    condition     = length(jsondecode(output.policies["logs-filter"]).Statement[0].Resource) == 4
    error_message = "Each log group gives two resources, the group and what is in it."
  }

  assert {
    condition     = jsondecode(output.policies["logs-insights"]).Statement[2].Resource == ["*"]
    error_message = "A resource of * stays one."
  }

  assert {
    condition     = length(regexall("\\$\\{", join("", values(output.policies)))) == 0
    error_message = "No placeholder may be left."
  }
}

run "prefixes_are_closed_by_a_slash" {
  command = plan
  variables {
    features = {
      access_logs = { bucket = "shop-alb-logs", prefix = "/prod" }
      athena      = { database = "logs", table = "alb_access_logs", results_bucket = "shop-athena", results_prefix = "fivexx" }
      reports     = { bucket = "shop-reports", prefix = "fivexx/" }
    }
  }

  assert {
    condition = jsondecode(output.policies["access-logs-s3"]).Statement[2].Resource == [
      "arn:aws:s3:::shop-alb-logs/prod/AWSLogs/111122223333/elasticloadbalancing/eu-west-1/*"
    ]
    error_message = "Access logs lie under PREFIX/AWSLogs/."
  }

  assert {
    condition     = jsondecode(output.policies["reports-s3"]).Statement[0].Resource == ["arn:aws:s3:::shop-reports/fivexx/*"]
    error_message = "Reports go under their prefix and nowhere else."
  }

  assert {
    condition     = jsondecode(output.policies["reports-s3"]).Statement[0].Condition.StringEquals["aws:ResourceAccount"] == "111122223333"
    error_message = "Without an account of their own, reports stay in this one."
  }

  assert {
    condition     = strcontains(output.policies["athena"], "arn:aws:s3:::shop-athena/fivexx/*")
    error_message = "Athena's answers go under their prefix."
  }
}

run "the_prefix_ends_before_awslogs" {
  command = plan
  variables {
    features = { access_logs = { bucket = "shop-alb-logs", prefix = "prod/AWSLogs" } }
  }
  expect_failures = [var.features]
}

run "no_prefix_is_no_slash" {
  command = plan
  variables {
    features = { access_logs = { bucket = "shop-alb-logs" } }
  }

  assert {
    condition     = strcontains(output.policies["access-logs-s3"], "shop-alb-logs/AWSLogs/")
    error_message = "Without a prefix, AWSLogs/ is at the bucket's root."
  }
}

run "a_star_is_no_log_group" {
  command = plan
  variables {
    features = { log_groups = ["*"] }
  }
  expect_failures = [var.features]
}

run "insights_needs_groups" {
  command = plan
  variables {
    features = { logs_insights = true }
  }
  expect_failures = [var.features]
}

run "athena_needs_the_bucket" {
  command = plan
  variables {
    features = { athena = { database = "logs", table = "t", results_bucket = "b", results_prefix = "p" } }
  }
  expect_failures = [var.features]
}
