#!/usr/bin/python3
"""Checks answers against an OpenAPI description.

check_answers.py DESCRIPTION [PATH ...] < ANSWERS

A line of ANSWERS is a JSON object: method, target, status, type (of the body) and body. Each must be described: its path,
its method, its status, its body's type and schema. Every operation of the description must have been asked for with success,
except those of the named PATHs, which somebody else serves. Prints what is wrong, a line each.
"""
import json
import sys
from urllib.parse import unquote

import jsonschema

problems = []


def say(what):
    problems.append(what)
    print(what)


def resolve(document, node):
    while "$ref" in node:
        at = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part.replace("~1", "/").replace("~0", "~")]
        node = at
    return node


def matches(template, path):
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(p == unquote(g) or p.startswith("{") and g for p, g in zip(parts, given))


def allowed_values(document, template, item, operation, path):
    """Parameters of a path with an enum: a verb that is not among them makes another path."""
    for part, given in zip(template.split("/"), path.split("/")):
        if not part.startswith("{"):
            continue
        for parameter in item.get("parameters", []) + operation.get("parameters", []):
            parameter = resolve(document, parameter)
            if parameter["in"] == "path" and "{%s}" % parameter["name"] == part:
                if unquote(given) not in parameter["schema"].get("enum", [unquote(given)]):
                    return False
    return True


def check(document, validator_of, asked, answer):
    what = "%(method)s %(target)s: %(status)s" % answer
    path = answer["target"].split("?")[0]
    for template, item in document["paths"].items():
        operation = item.get(answer["method"].lower())
        if not matches(template, path):
            continue
        if operation is None:
            if answer["status"] != 405:
                say(what + " is an answer to a method that is not described")
            return
        if not allowed_values(document, template, item, operation, path):
            continue
        if answer["status"] < 300:
            asked.add((template, answer["method"]))
        described = operation["responses"].get(str(answer["status"]))
        if described is None:
            say(what + " is not described")
            return
        content = resolve(document, described).get("content", {})
        kind = answer["type"].split(";")[0].strip()
        if kind not in content:
            say("%s has a body of type %s, which is not described" % (what, kind))
            return
        if kind == "application/json":
            for error in validator_of(content[kind]["schema"]).iter_errors(json.loads(answer["body"])):
                say("%s: %s: %s" % (what, "/".join(map(str, error.absolute_path)), error.message))
        return
    if answer["status"] != 404:
        say(what + " is an answer of a path that is not described")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver("", document)

    def validator_of(schema):
        return jsonschema.Draft202012Validator(schema, resolver=resolver)

    asked = set()
    for line in sys.stdin:
        check(document, validator_of, asked, json.loads(line))
    for template, item in document["paths"].items():
        for method in item:
            if method in ("get", "post", "put", "delete") and template not in sys.argv[2:]:
                if (template, method.upper()) not in asked:
                    say("%s %s is described, but was not asked for with success" % (method.upper(), template))
    return 1 if problems else 0


sys.exit(main())
