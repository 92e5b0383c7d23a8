"""What pydantic finds wrong with a value, told in the asker's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.language import Text

_KINDS = {
    "string": "文本", "int": "整数", "float": "数字", "finite": "有限的数字", "decimal": "数字", "bool": " true 或 false",
    "list": "列表", "tuple": "列表", "set": "列表", "dict": "对象", "model": "对象", "dataclass": "对象", "mapping": "对象",
    "date": "日期", "datetime": "日期和时间", "time": "时间", "url": "网址", "json": "有效的 JSON", "none": " null",
    "literal": "{expected}", "enum": "{expected}",
}  # fmt: skip
"""What a value should be, by the first word of pydantic's name for the fault."""
_LIMITS = {
    "missing": "缺少此项", "extra_forbidden": "没有这一项", "unexpected_keyword_argument": "没有这一项",
    "greater_than": "应大于 {gt}", "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}", "less_than_equal": "不得大于 {le}", "multiple_of": "应为 {multiple_of} 的倍数",
    "string_too_short": "至少 {min_length} 个字符", "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "应符合 {pattern}", "too_short": "至少 {min_length} 项", "too_long": "最多 {max_length} 项",
}  # fmt: skip


def fault(detail: Mapping[str, Any]) -> Text:
    """One of the `errors()` of a `ValidationError` as a clause, without the name of what is wrong."""
    kind, given = str(detail["type"]), detail.get("ctx", {})
    if kind in ("value_error", "assertion_error") and "error" in given:
        return Text(str(given["error"]), str(given["error"]))  # our own sentence
    wanted = _KINDS.get(kind.partition("_")[0])
    told = _LIMITS.get(kind) or (f"应为{wanted}" if wanted else "不符合要求")
    unknown = kind in ("extra_forbidden", "unexpected_keyword_argument")
    return Text("there is no such field" if unknown else detail["msg"], told.format(**given).replace(" or ", " 或 "))
