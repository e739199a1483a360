variable "partition" {
  description = "aws, aws-cn or aws-us-gov."
  type        = string
  default     = "aws"
}

variable "region" {
  description = "Region of the load balancer, its metrics and its logs."
  type        = string
}

variable "account_id" {
  description = "Account of the load balancer."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "features" {
  description = "What fivexx may do. What is left out is not granted."
  type = object({
    metrics       = optional(bool, false)
    log_groups    = optional(list(string), [])
    logs_insights = optional(bool, false)
    access_logs = optional(object({
      bucket = string
      prefix = optional(string, "")
    }))
    athena = optional(object({
      database       = string
      table          = string
      results_bucket = string
      results_prefix = string
      workgroup      = optional(string, "primary")
    }))
    reports = optional(object({
      bucket     = string
      prefix     = string
      account_id = optional(string)
    }))
    sns_topic_arns = optional(list(string), [])
    kms_key_arns   = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = !var.features.logs_insights || length(var.features.log_groups) > 0
    error_message = "logs_insights needs log_groups: name the groups that may be queried."
  }

  validation {
    condition     = var.features.athena == null || var.features.access_logs != null
    error_message = "athena needs access_logs: the bucket that the table reads."
  }

  validation {
    # An empty name or a star would open every log group of the account.
    condition     = alltrue([for group in var.features.log_groups : can(regex("^[A-Za-z0-9_/.#-]+$", group))])
    error_message = "log_groups are names, without * and without an ARN around them."
  }

  validation {
    condition     = !strcontains(try(var.features.access_logs.prefix, ""), "AWSLogs")
    error_message = "access_logs.prefix is what stands before AWSLogs/; the account and the region are known."
  }
}
