variable "name" {
  description = "Name of the role and of all that belongs to it."
  type        = string
  default     = "fivexx"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "name must be lower-case letters, digits and hyphens, 31 at most: the names of roles are made from it."
  }
}

variable "features" {
  description = "What fivexx may do; what is left out is not granted. See modules/policies."
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
}

variable "ecs" {
  description = "Run the watch on ECS Fargate by a schedule. Null: nothing but the role, with an instance profile for EC2."
  type = object({
    image               = string
    image_repository    = string
    vpc_id              = string
    subnet_ids          = list(string)
    cluster_arn         = optional(string)
    schedule            = optional(string, "rate(5 minutes)")
    cpu                 = optional(number, 512)
    memory              = optional(number, 1024)
    arm64               = optional(bool, false)
    assign_public_ip    = optional(bool, false)
    webhook_secret_arn  = optional(string)
    log_retention_days  = optional(number, 30)
    storage_kms_key_arn = optional(string)
  })
  default = null
}

variable "tags" {
  description = "Tags of everything that can bear them."
  type        = map(string)
  default     = {}
}
