"""Holds answers to Google's published description of the API, which a package carries."""

import json
import re
from functools import cache
from importlib.resources import files

_TEXT_FORMATS = {
    "int64": re.compile(r"-?\d{1,19}"),
    "uint64": re.compile(r"\d{1,20}"),
    "byte": re.compile(r"[A-Za-z0-9+/_=-]*"),
}


@cache
def document():
    folder = files("googleapiclient") / "discovery_cache" / "documents"
    return json.loads((folder / "bigquery.v2.json").read_text(encoding="utf-8"))


def methods():
    """(HTTP method, pattern of the path, name of the answer's schema or None)."""
    for resource in document()["resources"].values():
        for method in resource["methods"].values():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(method["flatPath"]))
            answer = method.get("response", {}).get("$ref")
            yield method["httpMethod"], re.compile(f"/bigquery/v2/{pattern}"), answer


def problems(http_method, path, status, body):
    """What the published description does not allow in this answer; empty when all is well."""
    if status >= 400:
        return list(_error_problems(status, body))
    if path.startswith("/upload/"):
        if not body:  # the middle of a resumable upload, which is a protocol of its own
            return []
        http_method, path = "POST", path.removeprefix("/upload")
    for method, pattern, answer in methods():
        if method == http_method and pattern.fullmatch(path):
            if answer is None:
                return [] if not body else [f"{path}: an answer without a body was published"]
            return list(_check({"$ref": answer}, json.loads(body), answer))
    return [f"{http_method} {path} is not a published method"]


def _error_problems(status, body):
    error = json.loads(body)["error"]
    if set(error) - {"code", "message", "errors", "status", "details"}:
        yield f"unknown members of an error: {sorted(error)}"
    if error["code"] != status or not error["message"]:
        yield f"an error of {status} says {error['code']}"
    for detail in error["errors"]:
        if not {"message", "domain", "reason"} <= set(detail):
            yield f"an error without message, domain or reason: {detail}"


def _check(schema, value, where):
    if "$ref" in schema:
        yield from _check(document()["schemas"][schema["$ref"]], value, where)
    elif schema["type"] == "object":
        yield from _check_object(schema, value, where)
    elif schema["type"] == "array":
        if not isinstance(value, list):
            yield f"{where} is not a list"
            return
        for place, item in enumerate(value):
            yield from _check(schema["items"], item, f"{where}[{place}]")
    else:
        yield from _check_scalar(schema, value, where)


def _check_object(schema, value, where):
    if not isinstance(value, dict):
        yield f"{where} is not an object"
        return
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, member in value.items():
        below = known.get(name, others)
        if below is None:
            yield f"{where} has no property {name}"
        else:
            yield from _check(below, member, f"{where}.{name}")


def _check_scalar(schema, value, where):
    kind = schema["type"]
    if kind == "any":
        return
    python = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}[kind]
    if not isinstance(value, python) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{where} is {value!r}, not a {kind}"
        return
    pattern = _TEXT_FORMATS.get(schema.get("format", "")) if kind == "string" else None
    if pattern and not pattern.fullmatch(value):
        yield f"{where} is {value!r}, not an {schema['format']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value!r}, not one of {schema['enum']}"
