"""What is said about a JSON schema that can't be enforced, and where in it."""

from __future__ import annotations

from ingest.errors import ModelError
from ingest.language import Text


class SchemaRefused(ModelError):
    """A JSON schema says something that can't be enforced while a reply is written. Names the keyword and its path."""


def refused(keyword: str, path: str, why: Text | None = None) -> SchemaRefused:
    """`keyword` at the JSON pointer `path` has no form that can be enforced token by token."""
    because_en = f": {why.en}" if why else ""
    because_zh = f"：{why.zh}" if why else ""
    return SchemaRefused(
        Text(
            f"The JSON schema's '{keyword}' at {path} can't be enforced while the model writes{because_en}.",
            f"JSON Schema 中 {path} 处的 “{keyword}” 无法在生成时强制执行{because_zh}。",
        ),
        Text(
            "Leave the keyword out and check the reply yourself, or say it with enum, const, pattern, limits or anyOf.",
            "请去掉该关键字并自行检查结果，或改用 enum、const、pattern、上下限或 anyOf 表达。",
        ),
    )


def broken(path: str, why: Text) -> SchemaRefused:
    """The schema itself makes no sense at `path`."""
    return SchemaRefused(
        Text(f"The JSON schema is wrong at {path}: {why.en}.", f"JSON Schema 在 {path} 处有误：{why.zh}。"),
        Text("Correct the schema.", "请修正该 Schema。"),
    )
