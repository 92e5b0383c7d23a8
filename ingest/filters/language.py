"""`tag=合同 kind=pdf after=2024-01 field:project="Apollo 11"`: a filter as a person writes it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import NoReturn, cast

from ingest.errors import UsageError
from ingest.filters.filter import Condition, Filter, Operator, Value, Where
from ingest.filters.names import DATES, FIELD, FIELD_ZH, NAMES, ORDERED, folded, known_name
from ingest.language import Text
from ingest.periods import period

LONGEST = 2_000
"""Characters of a filter."""
_SIGNS = str.maketrans({"＝": "=", "！": "!", "＞": ">", "＜": "<", "≠": "≠", "≥": "≥", "≤": "≤", "：": ":"})
_NAME = re.compile(r'\s*(?P<name>[^\s=!<>≠≥≤:"“”,，]+(?:\s*:\s*(?:"[^"”“]+"|“[^"”“]+”|[^\s=!<>≠≥≤"“”]+))?)')
_OPERATOR = re.compile(r"\s*(?P<operator>!=|<>|>=|<=|==|=|>|<|≠|≥|≤)")
_VALUE = re.compile(r'\s*(?:["“](?P<quoted>[^"”“]*)["”]|(?P<bare>[^\s,，"“”=!<>≠≥≤][^\s,，"“”]*))')
_COMMA = re.compile(r"\s*[,，]")
_WRITTEN: dict[str, Operator] = {"<>": "!=", "≠": "!=", "≥": ">=", "≤": "<=", "==": "="}
_SIZE = re.compile(r"(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>[kmg]?)i?b?", re.IGNORECASE)
_EXAMPLE = Text(
    "A filter reads like: tag=contract kind=pdf after=2024-01 field:project=Apollo (docs/filters.md).",
    "筛选条件的写法如：tag=合同 kind=pdf after=2024-01 field:项目=阿波罗（见 docs/filters.zh.md）。",
)


def parse(text: str) -> Filter:
    """The filter that `text` says; an empty text is none. Raises `UsageError` that names what makes no sense."""
    if len(text) > LONGEST:
        _fail(f"The filter is longer than {LONGEST:,} characters.", f"筛选条件超过 {LONGEST:,} 个字符。")
    conditions: list[Condition] = []
    at = 0
    while text[at:].strip():
        condition, at = _condition(text, at)
        conditions.append(condition)
    return Filter(tuple(conditions))


def _condition(text: str, at: int) -> tuple[Condition, int]:
    plain = text.translate(_SIGNS)  # character by character, so places stay
    name = _NAME.match(plain, at)
    operator = _OPERATOR.match(plain, name.end()) if name else None
    if name is None or operator is None:
        rest = text[at:].strip()
        word = rest.split()[0]
        _fail(f"'{word}' in the filter is no condition.", f"筛选条件中的 “{word}” 不是条件。")
    values, end = [], operator.end()
    while True:
        value = _VALUE.match(plain, end)
        if value is None:
            said = name["name"].strip() + operator["operator"]
            _fail(f"There is no value after '{said}' in the filter.", f"筛选条件中 “{said}” 之后没有值。")
        group = "bare" if value["quoted"] is None else "quoted"
        values.append(Value(text[value.start(group) : value.end(group)].strip(), literal=group == "quoted"))
        end = value.end()
        comma = _COMMA.match(plain, end)
        if comma is None:
            break
        end = comma.end()
    if end < len(text) and not text[end].isspace():
        _fail(
            f"'{text[operator.start() : end + 1].strip()}…' in the filter: the quotes don't end, or a blank is missing.",
            f"筛选条件 “{text[operator.start() : end + 1].strip()}…” 中引号未闭合，或缺少空格。",
        )
    written: str = operator["operator"]
    found = cast("Operator", _WRITTEN.get(written, written))  # the pattern has no other
    return checked(Condition(_name(name["name"]), found, tuple(values))), end


def _name(written: str) -> str:
    prefix, colon, own = written.partition(":")
    if colon and known_name(prefix) in (FIELD[:-1], FIELD_ZH[:-1], "meta"):
        return FIELD + folded(own.strip().strip('"“”'))
    if colon or known_name(written) not in NAMES:
        near = difflib.get_close_matches(folded(prefix), [*NAMES, *NAMES.values()], n=1, cutoff=0.6)
        names = ", ".join(NAMES)
        meant = Text(f"Did you mean '{near[0]}'? " if near else "", f"您是指 “{near[0]}” 吗？" if near else "")
        raise UsageError(
            Text(f"A filter knows no '{written}'.", f"筛选条件中没有 “{written}” 这一项。"),
            Text(
                f"{meant.en}There are: {names}; your own are written field:{own or prefix}.",
                f"{meant.zh}可用：{names}；自定义字段写作 field:{own or prefix}。",
            ),
        )
    return known_name(written)


def checked(condition: Condition) -> Condition:
    """`condition`, if it makes sense. Raises `UsageError`."""
    name, operator = condition.name, condition.operator
    if name in ("after", "before"):
        if operator != "=":
            _fail(f"'{name}' is written {name}=2024-01.", f"“{name}” 应写作 {name}=2024-01。")
        operator = ">=" if name == "after" else "<"
        condition = Condition("date", operator, condition.values)
    if operator not in ("=", "!=") and not (name in ORDERED or name in DATES or name.startswith(FIELD)):
        _fail(f"'{name}' can't be compared by '{operator}'.", f"“{name}” 不能用 “{operator}” 比较。")
    if operator not in ("=", "!=") and len(condition.values) > 1:
        _fail(f"'{operator}' takes one value.", f"“{operator}” 只能有一个值。")
    for value in condition.values:
        _check_value(name, operator, value)
    return condition


def _check_value(name: str, operator: Operator, value: Value) -> None:
    if not value.text.strip():
        _fail(f"The value of '{name}' is empty.", f"“{name}” 的值为空。")
    star = value.text == "*" and operator in ("=", "!=")
    if name in DATES and not star and period(value.text) is None:
        _fail(f"'{value.text}' is no date.", f"“{value.text}” 不是日期。", _DATE)
    if name == "size" and bytes_of(value.text) is None:
        _fail(f"'{value.text}' is no size.", f"“{value.text}” 不是大小。", _SIZES)
    if name.startswith(FIELD) and operator not in ("=", "!=") and number(value.text) is None and not period(value.text):
        _fail(
            f"'{value.text}' is neither a number nor a date: '{operator}' can't compare it.",
            f"“{value.text}” 既不是数字也不是日期，不能用 “{operator}” 比较。",
        )


_DATE = Text("Write 2024, 2024-03 or 2024-03-05.", "请写作 2024、2024-03 或 2024-03-05。")
_SIZES = Text("Write bytes, or 500k, 2m, 1g.", "请写字节数，或 500k、2m、1g。")


def bytes_of(written: str) -> int | None:
    """2048 for '2k'."""
    found = _SIZE.fullmatch(written.strip())
    if found is None:
        return None
    return int(float(found["count"]) * 1024 ** (" kmg".index(found["unit"].lower()) if found["unit"] else 0))


def number(written: str) -> float | None:
    """The number that a value is, with separators of thousands or without; None where it is none."""
    plain = written.replace(",", "").replace("，", "").strip()
    return float(plain) if re.fullmatch(r"[-+]?\d{1,15}(?:\.\d{1,15})?", plain) else None


def _fail(en: str, zh: str, hint: Text = _EXAMPLE) -> NoReturn:
    raise UsageError(Text(en, zh), hint)


def filter_of(where: Where) -> Filter:
    """A filter from what a caller gave. Raises `UsageError` for nonsense.

    A mapping has a value, or several of which any is enough, for each name: `{"tag": "合同", "project": ["a", "b"]}`;
    a name that is none of ours is that of an own field. All must fit.
    """
    if isinstance(where, str):
        return parse(where)
    if where is None or isinstance(where, Filter):
        return where or Filter()
    found = []
    for name, value in where.items():
        values = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
        if not values or any(isinstance(one, Mapping) or one is None for one in values):
            raise UsageError(
                Text(f"A filter's '{name}' has no value.", f"筛选条件 “{name}” 没有值。"),
                Text('For example {"tag": "contract", "year": [2023, 2024]}.', '例如 {"tag": "合同"}。'),
            )
        own = name not in NAMES and not name.startswith(FIELD)
        key = FIELD + folded(name.removeprefix(FIELD)) if own or name.startswith(FIELD) else name
        written = (str(one).lower() if isinstance(one, bool) else str(one) for one in values)
        found.append(checked(Condition(key, "=", tuple(Value(one, literal=True) for one in written))))
    return Filter(tuple(found))
