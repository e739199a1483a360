variable "place" {
  description = "PARTITION, REGION, ACCOUNT_ID and NAME, as the policy files call them."
  type = object({
    PARTITION  = string
    REGION     = string
    ACCOUNT_ID = string
    NAME       = string
  })
}

variable "settings" {
  description = "Image, network and schedule; documented at the parent module's `ecs`."
  type = object({
    image               = string
    image_repository    = string
    vpc_id              = string
    subnet_ids          = list(string)
    cluster_arn         = optional(string)
    schedule            = string
    cpu                 = number
    memory              = number
    arm64               = bool
    assign_public_ip    = bool
    webhook_secret_arn  = optional(string)
    log_retention_days  = number
    storage_kms_key_arn = optional(string)
  })
}

variable "task_role" {
  description = "The role that the task runs as."
  type = object({
    id  = string
    arn = string
  })
}

variable "tags" {
  description = "Tags of everything that can bear them."
  type        = map(string)
}
