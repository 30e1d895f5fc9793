"""Reads {"document", "answers": [{"operation", "status", "body"}]} and prints what doesn't fit the document, a line each.

Examples of the document are checked against their own schemas, and references have to lead somewhere.
"""

import json
import sys

from jsonschema import Draft202012Validator, RefResolver

given = json.load(sys.stdin)
document = given["document"]
resolver = RefResolver("", document)


def faults(schema, value):
    for error in Draft202012Validator(schema, resolver=resolver).iter_errors(value):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


for reference in sorted(set(references(document))):
    resolver.resolve(reference)
for name, schema in document["components"]["schemas"].items():
    Draft202012Validator.check_schema(schema)

operations = {}
for path, methods in document["paths"].items():
    for method, operation in methods.items():
        operations[operation["operationId"]] = operation
        contents = [operation.get("requestBody", {})] + list(operation["responses"].values())
        for media in [media for content in contents for media in content.get("content", {}).values()]:
            Draft202012Validator.check_schema(media["schema"])
            if "example" in media:
                for fault in faults(media["schema"], media["example"]):
                    print(f"example of {operation['operationId']}: {fault}")

for answer in given["answers"]:
    operation = operations[answer["operation"]]
    documented = operation["responses"].get(str(answer["status"]))
    where = f"{answer['operation']} {answer['status']}"
    if documented is None:
        print(f"{where}: not documented")
        continue
    media = list(documented.get("content", {}).values())
    if bool(media) != (answer["body"] is not None):
        print(f"{where}: {'no body' if media else 'a body'}")
    elif media:
        for fault in faults(media[0]["schema"], answer["body"]):
            print(f"{where}: {fault}")
