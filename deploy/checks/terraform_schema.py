#!/usr/bin/env python3
"""Checks every resource, block and argument of the Terraform files against the AWS provider's schema.

The provider itself comes from Terraform's own registry alone. Its schema is also in the PyPI package cdktf-cdktf-provider-aws, generated from the provider:
each resource is a class whose parameters are the arguments. The package is read as text, never run.

Usage: terraform_schema.py WHEEL
"""

import ast
import re
import sys
import zipfile
from pathlib import Path

import hcl2

TERRAFORM = Path(__file__).resolve().parent.parent / "terraform"
# What Terraform itself gives to every resource.
META = {"count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection"}
problems = []


def problem(text):
    problems.append(text)
    print(f"  FAILED {text}")


class Schema:
    """The classes of one resource's module: parameters, which of them are required, and the class of each nested block."""

    def __init__(self, source):
        self.structs, self.properties = {}, {}
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef):
                self.properties[node.name] = {f.name for f in node.body if isinstance(f, ast.FunctionDef) and f.decorator_list}
                init = next((f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
                if init:
                    self.structs[node.name] = {
                        arg.arg.rstrip("_"): (default is None, ast.unparse(arg.annotation) if arg.annotation else "")
                        for arg, default in zip(init.args.kwonlyargs, init.args.kw_defaults)
                    }

        # The resource itself is the class that has a configuration of its name.
        self.main = next(s.removesuffix("Config") for s in self.structs if s.endswith("Config") and s.removesuffix("Config") in self.structs)

    def block(self, annotation):
        return next((word for word in re.findall(r"\w+", annotation) if word in self.structs), None)


def blocks(value):
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, dict) and v.get("__is_block__")]


def named_blocks(items):
    """(type, name, body) of `resource "type" "name" { body }`, without the parser's own marks and quotes."""
    for item in items:
        for type_, named in item.items():
            if not type_.startswith("__"):
                for name, body in named.items():
                    if not name.startswith("__"):
                        yield type_.strip('"'), name.strip('"'), body


def check_block(where, body, schema, struct):
    known = schema.structs[struct]
    given = {k for k in body if not k.startswith("__") and k not in META}
    given |= {k.strip('"') for dynamic in blocks(body.get("dynamic", [])) for k in dynamic if not k.startswith("__")}
    for key in sorted(given - known.keys() - {"dynamic"}):
        problem(f"{where}: the provider knows no {key}")
    for key, (required, _) in known.items():
        if required and key not in given:
            problem(f"{where}: {key} is required")
    for key in given & known.keys():
        inner = schema.block(known[key][1])
        for value in blocks(body.get(key, [])):
            if inner:
                check_block(f"{where}.{key}", value, schema, inner)
            else:
                problem(f"{where}.{key} is an argument, not a block")


def check_references(where, text, schema_of):
    """`aws_thing.name.attribute` anywhere: the provider must give that attribute."""
    for data, type_, attribute in re.findall(r"\b(data\.)?(aws_\w+)\.\w+(?:\[[^\]]*\])?\.(\w+)", text):
        schema = schema_of("data" if data else "resource", type_)
        if schema and attribute not in schema.properties[schema.main]:
            problem(f"{where}: {data}{type_} has no attribute {attribute}")


def main():
    wheel = zipfile.ZipFile(sys.argv[1])
    names = set(wheel.namelist())
    schemas, count = {}, 0

    def schema_of(kind, type_):
        folder = "data_" + type_ if kind == "data" else type_.removeprefix("aws_")
        source = f"cdktf_cdktf_provider_aws/{folder}/__init__.py"
        if source not in names:
            return None
        if source not in schemas:
            schemas[source] = Schema(wheel.read(source).decode())
        return schemas[source]

    for path in sorted(TERRAFORM.rglob("*.tf")):
        if ".terraform" in path.parts:
            continue
        where = path.relative_to(TERRAFORM)
        text = path.read_text()
        check_references(where, text, schema_of)
        tree = hcl2.loads(text)
        for kind in ("resource", "data"):
            for type_, name, body in named_blocks(tree.get(kind, [])):
                schema = schema_of(kind, type_)
                if schema is None:
                    problem(f"{where}: the provider has no {kind} {type_}")
                    continue
                count += 1
                check_block(f"{where}: {type_}.{name}", body, schema, schema.main + "Config")
    if not problems:
        print(f"  {count} resources and data sources agree with the schema of the AWS provider")


main()
sys.exit(1 if problems else 0)
