output "policies" {
  description = "Policy documents as JSON, by feature; only the features that were asked for."
  value       = local.policies
}
