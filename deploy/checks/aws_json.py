#!/usr/bin/env python3
"""Checks the files given to the AWS CLI against AWS's own description of the calls (botocore), and the example configurations against src/config.rs."""

import json
import re
import sys
import tomllib
from pathlib import Path

import botocore.session
from botocore.validate import ParamValidator

DEPLOY = Path(__file__).resolve().parent.parent
CALLS = {
    "ecs/task-definition.json": ("ecs", "RegisterTaskDefinition"),
    "ecs/access-point.json": ("efs", "CreateAccessPoint"),
    "ecs/schedule.json": ("scheduler", "CreateSchedule"),
}
problems = []


def problem(text):
    problems.append(text)
    print(f"  FAILED {text}")


def enums(value, shape, where):
    """botocore checks names and types, not the words of enumerations."""
    if shape.type_name == "structure":
        for key, member in value.items():
            if key in shape.members:
                enums(member, shape.members[key], f"{where}.{key}")
    elif shape.type_name == "list":
        for item in value:
            enums(item, shape.member, where)
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        problem(f"{where}: {value} is none of {', '.join(shape.enum)}")


def check_call(path, service, operation):
    value = json.loads((DEPLOY / path).read_text())
    shape = botocore.session.Session().get_service_model(service).operation_model(operation).input_shape
    # The CLI fills ClientToken and the like in by itself.
    automatic = {n for n, m in shape.members.items() if m.metadata.get("idempotencyToken")}
    report = ParamValidator().validate({**dict.fromkeys(automatic & set(shape.required_members), "x"), **value}, shape)
    if report.has_errors():
        problem(f"{path}: {report.generate_report()}")
    enums(value, shape, path)
    print(f"  {path} is a valid {service} {operation}")


def config_fields():
    """The keys of each struct in src/config.rs, by serde's default: the fields' names."""
    text = (DEPLOY.parent / "src" / "config.rs").read_text()
    return {
        name: dict(re.findall(r"^\s+pub (\w+): (.+),$", body, re.M))
        for name, body in re.findall(r"^pub struct (\w+) \{(.*?)^\}", text, re.M | re.S)
    }


def check_config(path, fields):
    def walk(table, struct, where):
        for key, value in table.items():
            if key not in fields[struct]:
                problem(f"{path}: {where}{key} is no key of {struct} in src/config.rs")
                continue
            inner = next((s for s in re.findall(r"\w+", fields[struct][key]) if s in fields), None)
            if inner:
                for item in value if isinstance(value, list) else [value]:
                    walk(item, inner, f"{where}{key}.")

    walk(tomllib.loads((DEPLOY / path).read_text()), "Config", "")
    print(f"  {path}: every key is known to src/config.rs")


def check_hardening():
    """fivexx-once.service gives no reasons of its own, so its sandbox must be that of fivexx-watch.service."""

    def sandbox(name):
        lines = (DEPLOY / "systemd" / name).read_text().split("# ---- Who it is ----")[1].split("[Install]")[0].splitlines()
        return [line for line in lines if line and not line.startswith("#")]

    if sandbox("fivexx-watch.service") != sandbox("fivexx-once.service"):
        problem("systemd: the sandboxes of fivexx-watch.service and fivexx-once.service differ")
    else:
        print("  both systemd services have the same sandbox")


for path, (service, operation) in CALLS.items():
    check_call(path, service, operation)
known = config_fields()
for path in ("systemd/fivexx.toml", "ecs/fivexx.toml"):
    check_config(path, known)
check_hardening()
sys.exit(1 if problems else 0)
