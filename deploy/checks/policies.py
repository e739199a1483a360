#!/usr/bin/env python3
"""Checks the IAM policies: grammar and names (parliament), read-only where they should be, nothing wider than meant, and no drift from the code.

Usage: policies.py        the files as they are
       policies.py -      what the Terraform module made of them, name to document, as JSON on standard input
"""

import fnmatch
import json
import re
import sys
from pathlib import Path

from parliament import analyze_policy_string, enhance_finding, iam_definition

DEPLOY = Path(__file__).resolve().parent.parent
ROOT = DEPLOY.parent

# What the placeholders are in the checks.
SAMPLE = {
    "PARTITION": "aws",
    "REGION": "eu-west-1",
    "ACCOUNT_ID": "111122223333",
    "NAME": "fivexx",
    "LOG_GROUP": "/shop/nginx",
    "ACCESS_LOGS_BUCKET": "shop-alb-logs",
    "ACCESS_LOGS_PREFIX": "prod/",
    "ATHENA_WORKGROUP": "fivexx",
    "ATHENA_DATABASE": "logs",
    "ATHENA_TABLE": "alb_access_logs",
    "ATHENA_RESULTS_BUCKET": "shop-athena",
    "ATHENA_RESULTS_PREFIX": "fivexx/",
    "REPORTS_BUCKET": "shop-reports",
    "REPORTS_PREFIX": "fivexx/",
    "REPORTS_ACCOUNT_ID": "111122223333",
    "SNS_TOPIC_ARN": "arn:aws:sns:eu-west-1:111122223333:oncall",
    "KMS_KEY_ARN": "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012",
    "OWN_LOG_GROUP": "/fivexx/watch",
    "IMAGE_REPOSITORY": "fivexx",
    "WEBHOOK_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:fivexx-webhook-AbCdEf",
    "FILE_SYSTEM_ID": "fs-0123456789abcdef0",
    "ACCESS_POINT_ID": "fsap-0123456789abcdef0",
    "CLUSTER_ARN": "arn:aws:ecs:eu-west-1:111122223333:cluster/fivexx",
    "TASK_ROLE_ARN": "arn:aws:iam::111122223333:role/fivexx-watch",
    "EXECUTION_ROLE_ARN": "arn:aws:iam::111122223333:role/fivexx-execution",
}

# Every action that changes anything, by policy. All others must be of level Read or List.
WRITES = {
    "athena": {"athena:StartQueryExecution", "athena:StopQueryExecution", "s3:PutObject", "s3:AbortMultipartUpload"},
    "reports-s3": {"s3:PutObject"},
    "sns": {"sns:Publish"},
    "kms": {"kms:GenerateDataKey", "kms:Decrypt"},
    "execution": {"logs:CreateLogStream", "logs:PutLogEvents"},
    "state": {"elasticfilesystem:ClientWrite"},
    "run-task": {"ecs:RunTask", "iam:PassRole"},
}

# Findings that are meant to be, and why.
ACCEPTED = {
    ("logs-insights", "RESOURCE_STAR"): "older references give GetQueryResults no resource; naming log groups could refuse it",
}

LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group:"
ALB = "prod/AWSLogs/111122223333/elasticloadbalancing/eu-west-1/"
HERE = {"aws:RequestedRegion": "eu-west-1", "aws:ResourceAccount": "111122223333"}
VIA_ATHENA = {**HERE, "aws:CalledVia": ["athena.amazonaws.com"]}
# (policy, action, resource, context, allowed)
CASES = [
    ("metrics", "cloudwatch:GetMetricData", "*", HERE, True),
    ("metrics", "cloudwatch:GetMetricData", "*", {"aws:RequestedRegion": "us-east-1"}, False),
    ("metrics", "cloudwatch:PutMetricData", "*", HERE, False),
    ("metrics", "elasticloadbalancing:DescribeLoadBalancers", "*", HERE, False),
    ("logs-filter", "logs:FilterLogEvents", LOGS + "/shop/nginx", HERE, True),
    ("logs-filter", "logs:FilterLogEvents", LOGS + "/shop/nginx:*", HERE, True),
    ("logs-filter", "logs:FilterLogEvents", LOGS + "/shop/nginx-secret", HERE, False),
    ("logs-filter", "logs:FilterLogEvents", LOGS + "/payroll:*", HERE, False),
    ("logs-filter", "logs:StartQuery", LOGS + "/shop/nginx", HERE, False),
    ("logs-insights", "logs:StartQuery", LOGS + "/shop/nginx:*", HERE, True),
    ("logs-insights", "logs:StartQuery", LOGS + "/payroll", HERE, False),
    ("logs-insights", "logs:GetQueryResults", "*", HERE, True),
    ("logs-insights", "logs:GetQueryResults", LOGS + "/shop/nginx", HERE, True),
    ("access-logs-s3", "s3:GetObject", "arn:aws:s3:::shop-alb-logs/" + ALB + "2026/11/21/x.log.gz", HERE, True),
    ("access-logs-s3", "s3:GetObject", "arn:aws:s3:::shop-alb-logs/other/x.log.gz", HERE, False),
    ("access-logs-s3", "s3:PutObject", "arn:aws:s3:::shop-alb-logs/" + ALB + "x", HERE, False),
    ("access-logs-s3", "s3:ListBucket", "arn:aws:s3:::shop-alb-logs", {"s3:prefix": ALB + "2026/11/21/"}, True),
    ("access-logs-s3", "s3:ListBucket", "arn:aws:s3:::shop-alb-logs", {"s3:prefix": "prod/AWSLogs/", "s3:delimiter": "/"}, True),
    ("access-logs-s3", "s3:ListBucket", "arn:aws:s3:::shop-alb-logs", {"s3:prefix": "prod/AWSLogs/"}, False),
    ("access-logs-s3", "s3:ListBucket", "arn:aws:s3:::shop-alb-logs", {"s3:prefix": "prod/AWSLogs/999999999999/"}, False),
    ("access-logs-s3", "s3:ListBucket", "arn:aws:s3:::shop-alb-logs", {"s3:prefix": ""}, False),
    ("access-logs-s3", "s3:ListBucket", "arn:aws:s3:::shop-alb-logs", {}, False),
    ("athena", "athena:StartQueryExecution", "arn:aws:athena:eu-west-1:111122223333:workgroup/fivexx", HERE, True),
    ("athena", "athena:StartQueryExecution", "arn:aws:athena:eu-west-1:111122223333:workgroup/primary", HERE, False),
    ("athena", "glue:GetTable", "arn:aws:glue:eu-west-1:111122223333:table/logs/alb_access_logs", VIA_ATHENA, True),
    ("athena", "glue:GetTable", "arn:aws:glue:eu-west-1:111122223333:table/logs/payroll", VIA_ATHENA, False),
    ("athena", "s3:PutObject", "arn:aws:s3:::shop-athena/fivexx/a.csv", VIA_ATHENA, True),
    ("athena", "s3:PutObject", "arn:aws:s3:::shop-athena/fivexx/a.csv", HERE, False),
    ("athena", "s3:PutObject", "arn:aws:s3:::shop-athena/fivexx/a.csv", {**VIA_ATHENA, "aws:ResourceAccount": "999999999999"}, False),
    ("athena", "s3:GetObject", "arn:aws:s3:::shop-alb-logs/" + ALB + "x.gz", VIA_ATHENA, True),
    ("reports-s3", "s3:PutObject", "arn:aws:s3:::shop-reports/fivexx/2026/a.md", HERE, True),
    ("reports-s3", "s3:PutObject", "arn:aws:s3:::shop-reports/other/a.md", HERE, False),
    ("reports-s3", "s3:PutObject", "arn:aws:s3:::shop-reports/fivexx/a.md", {"aws:ResourceAccount": "999999999999"}, False),
    ("reports-s3", "s3:GetObject", "arn:aws:s3:::shop-reports/fivexx/a.md", HERE, False),
    ("sns", "sns:Publish", SAMPLE["SNS_TOPIC_ARN"], HERE, True),
    ("sns", "sns:Publish", SAMPLE["SNS_TOPIC_ARN"] + "-other", HERE, False),
    ("kms", "kms:Decrypt", SAMPLE["KMS_KEY_ARN"], {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}, True),
    ("kms", "kms:Decrypt", SAMPLE["KMS_KEY_ARN"], {}, False),
    ("run-task", "iam:PassRole", SAMPLE["TASK_ROLE_ARN"], {"iam:PassedToService": "ecs-tasks.amazonaws.com"}, True),
    ("run-task", "iam:PassRole", SAMPLE["TASK_ROLE_ARN"], {"iam:PassedToService": "ec2.amazonaws.com"}, False),
    ("run-task", "iam:PassRole", "arn:aws:iam::111122223333:role/admin", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}, False),
]

problems = []


def problem(text):
    problems.append(text)
    print(f"  FAILED {text}")


def listed(value):
    return value if isinstance(value, list) else [value]


def matches(pattern, text):
    """IAM's wildcards: * and ? alone, and case counts."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def condition_holds(condition, context):
    for operator, keys in condition.items():
        for key, wanted in keys.items():
            given, wanted = listed(context.get(key, [])), listed(wanted)
            base = operator.removeprefix("ForAnyValue:")
            if base in ("StringEquals", "ArnEquals", "Bool"):
                ok = any(g == w for g in given for w in wanted)
            elif base in ("StringLike", "ArnLike"):
                ok = any(matches(w, g) for g in given for w in wanted)
            else:
                raise ValueError(f"no rule here for the operator {operator}")
            if not ok:
                return False
    return True


def allows(policy, action, resource, context):
    """Whether a policy of Allow statements alone, which ours are, lets the request through."""
    return any(
        any(matches(a.lower(), action.lower()) for a in listed(s["Action"]))
        and any(matches(r, resource) for r in listed(s["Resource"]))
        and condition_holds(s.get("Condition", {}), context)
        for s in policy["Statement"]
    )


def access_level(action):
    service, name = action.split(":")
    for entry in iam_definition:
        if entry["prefix"] == service:
            for privilege in entry["privileges"]:
                if privilege["privilege"].lower() == name.lower():
                    return privilege["access_level"]
    return None


def actions(policy):
    return {a for s in policy["Statement"] for a in listed(s["Action"])}


def lint(name, text):
    for finding in analyze_policy_string(text).findings:
        finding = enhance_finding(finding)
        if (name, finding.issue) not in ACCEPTED:
            problem(f"{name}: {finding.severity} {finding.title}: {finding.detail}")


def check_feature(name, text):
    policy = json.loads(text)
    lint(name, text)
    sids = [s.get("Sid") for s in policy["Statement"]]
    if None in sids or len(set(sids)) != len(sids):
        problem(f"{name}: each statement needs a Sid of its own")
    for action in sorted(actions(policy)):
        level = access_level(action)
        if "*" in action:
            problem(f"{name}: {action}: name each action")
        elif level not in ("Read", "List") and action not in WRITES.get(name, set()):
            problem(f"{name}: {action} is of level {level}, not read-only")
    for unused in WRITES.get(name, set()) - actions(policy):
        problem(f"{name}: {unused} is excused as a write but not granted")
    for s in policy["Statement"]:
        if s["Effect"] != "Allow":
            problem(f"{name}: the check of cases knows Allow alone")
        if "*" in listed(s["Resource"]) and "aws:RequestedRegion" not in json.dumps(s.get("Condition", {})):
            problem(f"{name}: {s['Sid']}: a resource of * must be bound to the region")
    return policy


def check_trust(name, text):
    for s in json.loads(text)["Statement"]:
        if s["Action"] != "sts:AssumeRole" or set(s["Principal"]) != {"Service"}:
            problem(f"{name}: only a service may take the role")
        # EC2 sends no source with AssumeRole, so there is nothing to compare.
        if s["Principal"]["Service"] != "ec2.amazonaws.com" and "aws:SourceAccount" not in json.dumps(s.get("Condition", {})):
            problem(f"{name}: bind the service to this account (aws:SourceAccount)")


def check_calls(granted):
    """What the code says it needs and what is granted must be the same, or `fivexx aws check` tells users something else than these files."""
    source = ROOT / "src" / "aws"
    if not source.is_dir():
        print("  not checked: grants against the permissions named in src/aws (not in this checkout)")
        return
    text = "\n".join(p.read_text() for p in sorted(source.rglob("*.rs")))
    needed = set(re.findall(r'"((?:athena|cloudwatch|elasticloadbalancing|logs|s3|sns):[A-Z][A-Za-z]+)"', text))
    own = {
        action
        for name, policy in granted.items()
        for statement in policy["Statement"]
        # What Athena does, and what keys are for, is not the code's own call.
        if "aws:CalledVia" not in json.dumps(statement) and name != "kms"
        for action in listed(statement["Action"])
    }
    for action in sorted(needed - own):
        problem(f"src/aws needs {action}, which no policy in deploy/iam grants")
    for action in sorted(own - needed):
        problem(f"deploy/iam grants {action}, which src/aws does not name")
    print(f"  grants compared with the permissions named in src/aws ({len(needed)})")


def check_cases(policies):
    cases = [case for case in CASES if case[0] in policies]
    for name, action, resource, context, wanted in cases:
        if allows(policies[name], action, resource, context) != wanted:
            problem(f"{name}: {action} on {resource} with {context} should be {'allowed' if wanted else 'refused'}")
    return len(cases)


def main():
    if sys.argv[1:] == ["-"]:
        made = {name: check_feature(name, text) for name, text in json.load(sys.stdin).items()}
        for name in {path.stem for path in DEPLOY.glob("iam/*.json")} ^ made.keys():
            problem(f"{name}: deploy/iam and the Terraform module do not have the same features")
        print(f"  the module's {len(made)} policies linted by parliament; {check_cases(made)} requests allowed or refused as meant")
        return

    readme = (DEPLOY / "iam" / "README.md").read_text()
    granted, policies, count = {}, {}, 0
    for path in sorted((*DEPLOY.glob("iam/*.json"), *DEPLOY.glob("iam/trust/*.json"), *DEPLOY.glob("ecs/iam/*.json"))):
        text = path.read_text()
        json.loads(text)  # valid as it stands, before anything is filled in
        for name in set(re.findall(r"\$\{([^}]*)\}", text)):
            if name not in SAMPLE:
                problem(f"{path.name}: no sample for the placeholder {name}")
            if f"`{name}`" not in readme:
                problem(f"iam/README.md does not say what {name} is")
            text = text.replace("${" + name + "}", SAMPLE.get(name, "x"))
        if path.parent.name == "trust":
            check_trust(path.stem, text)
        else:
            policies[path.stem] = check_feature(path.stem, text)
            if path.parent.parent == DEPLOY:
                granted[path.stem] = policies[path.stem]
        count += 1
    for name in policies:
        if not any(case[0] == name for case in CASES) and name not in ("execution", "execution-webhook", "state"):
            problem(f"{name}: no case says what it allows and refuses")
    print(f"  {count} policies linted by parliament; {check_cases(policies)} requests allowed or refused as meant")
    check_calls(granted)


main()
sys.exit(1 if problems else 0)
