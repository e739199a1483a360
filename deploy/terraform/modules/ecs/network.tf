# Nothing may come in. Out: HTTPS to AWS and the webhook, and the file system. (Names are resolved by the VPC, which security groups let through.)

resource "aws_security_group" "task" {
  name        = "${var.place.NAME}-task"
  description = "fivexx: HTTPS out, nothing in"
  vpc_id      = var.settings.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.task.id
  description       = "AWS and the webhook"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

resource "aws_vpc_security_group_egress_rule" "state" {
  security_group_id            = aws_security_group.task.id
  description                  = "The file system with the state"
  referenced_security_group_id = aws_security_group.state.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  tags                         = var.tags
}

resource "aws_security_group" "state" {
  name        = "${var.place.NAME}-state"
  description = "fivexx: the file system, for its task alone"
  vpc_id      = var.settings.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "state" {
  security_group_id            = aws_security_group.state.id
  description                  = "NFS from the task"
  referenced_security_group_id = aws_security_group.task.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  tags                         = var.tags
}
