"""JSON Schema → the grammar that lets a model write nothing else.

What a grammar can't express (`minimum`, `multipleOf`, `uniqueItems`, …) is left wider here and checked by whoever
parses the result; a schema that can't be turned into a grammar at all is an error, never ignored.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from ingest.errors import ModelError
from ingest.language import Text


def of_schema(schema: dict[str, Any]) -> str:
    """GBNF of the JSON texts that match `schema`. Raises `ModelError`."""
    return _converted(json.dumps(schema, ensure_ascii=False))


def of_calls(tools: list[dict[str, Any]], only: str | None = None) -> str:
    """GBNF of one call of one of `tools` (in OpenAI's form), or of the tool called `only`. Raises `ModelError`."""
    functions = [tool["function"] for tool in tools if only in (None, tool["function"]["name"])]
    if not functions:
        names = ", ".join(tool["function"]["name"] for tool in tools)
        raise ModelError(
            Text(en=f"There is no tool called '{only}' to choose.", zh=f"没有可选的工具 “{only}”。"),
            Text(en=f"Tools given: {names or 'none'}.", zh=f"已提供的工具：{names or '无'}。"),
        )
    definitions: dict[str, Any] = {}
    calls = []
    for function in functions:
        parameters = dict(function.get("parameters") or {"type": "object", "properties": {}})
        for key in ("$defs", "definitions"):
            definitions.setdefault(key, {}).update(parameters.pop(key, {}))
        if parameters.get("type") == "object" and not parameters.get("properties"):
            parameters = {"type": "object", "properties": {}, "additionalProperties": False}
        calls.append(
            {
                "type": "object",
                "properties": {"name": {"const": function["name"]}, "arguments": parameters},
                "required": ["name", "arguments"],
            }
        )
    schema = calls[0] if len(calls) == 1 else {"anyOf": calls}
    return of_schema({**schema, **{key: value for key, value in definitions.items() if value}})


@functools.lru_cache(maxsize=64)
def _converted(schema: str) -> str:
    from llama_cpp.llama_grammar import json_schema_to_gbnf

    try:
        return str(json_schema_to_gbnf(schema))
    except (ValueError, AssertionError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ModelError(
            Text(
                en=f"This JSON schema can't be turned into a grammar: {error}.",
                zh=f"无法把该 JSON Schema 转换为语法约束：{error}。",
            ),
            Text(en="Simplify the schema.", zh="请简化该 Schema。"),
        ) from error
