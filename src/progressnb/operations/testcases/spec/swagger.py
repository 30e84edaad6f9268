"""Operations of Swagger 2.0 as OpenAPI 3 writes them.

Only the operation itself is written anew. Schemas stay where they are, so references to them and their places hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.flaws import FlawError, shown
from progressnb.operations.testcases.spec.kinds import kind_of
from progressnb.operations.testcases.spec.plain import is_object, list_at, object_at

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.json_schema import Schema
    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["operation_of_swagger", "schemes_of_swagger"]

_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"

# Keys of a parameter that are no part of its schema.
_OWN = ("name", "in", "required", "description", "collectionFormat", "allowEmptyValue")
_STYLES = {"ssv": "spaceDelimited", "tsv": "spaceDelimited", "pipes": "pipeDelimited"}


def operation_of_swagger(documents: Documents, item: Schema, operation: Schema) -> Schema:
    """Return an operation with all its parameters, its body and its answers. Raises `FlawError` for a wrong part."""
    document = documents.main
    stated: dict[tuple[Any, Any], Schema] = {}
    for where in (item, operation):
        for at, each in enumerate(list_at(where, "parameters")):
            parameter = documents.resolved(each)
            if not is_object(parameter):
                raise FlawError(where["parameters"], at, f"{shown(parameter)} is no parameter")
            stated[str(parameter.get("in")), str(parameter.get("name"))] = parameter
    parameters: list[Schema] = []
    written: Schema = {**operation, "parameters": parameters}
    documents.places.derive(written, operation)
    for (place, _), parameter in stated.items():
        if place not in ("body", "formData"):
            parameters.append(_parameter(documents, parameter))
    consumes = _types(document, operation, "consumes")
    fields = [each for (place, _), each in stated.items() if place == "formData"]
    body = next((each for (place, _), each in stated.items() if place == "body"), None)
    if body is not None:
        written["requestBody"] = _body(documents, body, consumes)
    elif fields:
        written["requestBody"] = _form(documents, fields, consumes)
    produces = _types(document, operation, "produces") or ["application/json"]
    written["responses"] = _responses(documents, operation, produces)
    return written


def schemes_of_swagger(document: dict[str, Any]) -> dict[str, Any]:
    """Return the security schemes of a document; those of type basic become schemes of HTTP."""
    return {
        name: {"type": "http", "scheme": "basic"} if is_object(each) and each.get("type") == "basic" else each
        for name, each in object_at(document, "securityDefinitions").items()
    }


def _types(document: dict[str, Any], operation: Schema, key: str) -> list[str]:
    where = operation if key in operation else document
    return [each for each in list_at(where, key) if isinstance(each, str)]


def _schema(documents: Documents, parameter: Schema) -> Schema:
    """Return the schema that a parameter states in itself."""
    schema = {key: each for key, each in parameter.items() if key not in _OWN}
    documents.places.derive(schema, parameter)
    return schema


def _parameter(documents: Documents, parameter: Schema) -> Schema:
    written: Schema = {key: parameter[key] for key in ("name", "in", "required", "description") if key in parameter}
    written["schema"] = _schema(documents, parameter)
    form = parameter.get("collectionFormat", "csv")
    if parameter.get("type") == "array" or form != "csv":
        written["explode"] = form == "multi"
        if form in _STYLES and parameter.get("in") == "query":
            written["style"] = _STYLES[form]
    documents.places.derive(written, parameter)
    return written


def _body(documents: Documents, parameter: Schema, consumes: list[str]) -> Schema:
    # A body of a form is stated by its fields, not by a schema; JSON comes first, since most cases are made of it.
    known = [each for each in consumes if kind_of(each) not in ("form", "multipart")] or ["application/json"]
    known.sort(key=lambda media: kind_of(media) != "json")
    content = {media: {"schema": parameter.get("schema")} for media in known}
    written = {
        "required": parameter.get("required") is True,
        "description": parameter.get("description"),
        "content": content,
    }
    for each in (written, content, *content.values()):
        documents.places.derive(each, parameter)
    return written


def _form(documents: Documents, fields: list[Schema], consumes: list[str]) -> Schema:
    """Return the body of a form. One with a file is multipart, and is one of the two kinds in any case."""
    known = [each for each in consumes if kind_of(each) in ("form", "multipart")]
    if any(each.get("type") == "file" for each in fields):
        known = [_MULTIPART]
    required = [each["name"] for each in fields if each.get("required") is True and isinstance(each.get("name"), str)]
    properties = {str(each.get("name")): _schema(documents, each) for each in fields}
    schema = {"type": "object", "required": required, "properties": properties}
    styles = {
        str(each.get("name")): {"style": _STYLES.get(form, "form"), "explode": form == "multi"}
        for each in fields
        if isinstance(form := each.get("collectionFormat", "csv"), str) and each.get("type") == "array"
    }
    media = {"schema": schema, "encoding": styles}
    return {"required": bool(required), "content": dict.fromkeys(known or [_FORM], media)}


def _responses(documents: Documents, operation: Schema, produces: list[str]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    responses = object_at(operation, "responses")
    for status in responses:
        answer = documents.resolved(responses[status])
        if is_object(answer) and "schema" in answer:
            media = {"schema": answer["schema"]}
            documents.places.derive(media, answer)
            written[status] = {"description": answer.get("description"), "content": dict.fromkeys(produces, media)}
        else:
            written[status] = answer
    documents.places.derive(written, responses)
    return written
