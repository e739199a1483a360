# The policies of deploy/iam, filled in. No provider is needed here, so `terraform test` proves it without an account.

locals {
  features = var.features

  # "prod" and "/prod/" are both written "prod/" in a policy; no prefix is the empty text.
  slashed = {
    for name, prefix in {
      access_logs = try(local.features.access_logs.prefix, "")
      results     = try(local.features.athena.results_prefix, "")
      reports     = try(local.features.reports.prefix, "")
    } : name => trim(prefix, "/") == "" ? "" : "${trim(prefix, "/")}/"
  }

  place = {
    PARTITION  = var.partition
    REGION     = var.region
    ACCOUNT_ID = var.account_id
  }

  access_logs = {
    ACCESS_LOGS_BUCKET = try(local.features.access_logs.bucket, "")
    ACCESS_LOGS_PREFIX = local.slashed.access_logs
  }

  # A feature's file is filled in once for each set of values; a feature without a set is not granted.
  sets = {
    metrics        = local.features.metrics ? [{}] : []
    logs-filter    = [for group in local.features.log_groups : { LOG_GROUP = group }]
    logs-insights  = [for group in local.features.log_groups : { LOG_GROUP = group } if local.features.logs_insights]
    access-logs-s3 = [for one in [local.access_logs] : one if local.features.access_logs != null]
    athena = [
      for athena in local.features.athena[*] : merge(local.access_logs, {
        ATHENA_WORKGROUP      = athena.workgroup
        ATHENA_DATABASE       = athena.database
        ATHENA_TABLE          = athena.table
        ATHENA_RESULTS_BUCKET = athena.results_bucket
        ATHENA_RESULTS_PREFIX = local.slashed.results
      })
    ]
    reports-s3 = [
      for reports in local.features.reports[*] : {
        REPORTS_BUCKET     = reports.bucket
        REPORTS_PREFIX     = local.slashed.reports
        REPORTS_ACCOUNT_ID = coalesce(reports.account_id, var.account_id)
      }
    ]
    sns = [for arn in local.features.sns_topic_arns : { SNS_TOPIC_ARN = arn }]
    kms = [for arn in local.features.kms_key_arns : { KMS_KEY_ARN = arn }]
  }

  filled = {
    for feature, sets in local.sets : feature => [
      for set in sets : jsondecode(templatefile("${path.module}/../../../iam/${feature}.json", merge(local.place, set)))
    ] if length(sets) > 0
  }

  # Several log groups (topics, keys) make one policy: the same statements, with the resources of all.
  policies = {
    for feature, documents in local.filled : feature => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for i, statement in documents[0].Statement : merge(statement, {
          Resource = distinct(flatten([for document in documents : document.Statement[i].Resource]))
        })
      ]
    })
  }
}
