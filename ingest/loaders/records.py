"""JSON and JSON Lines, written out for reading: records of short fields as rows of a table, others as blocks of lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ingest.documents import Page, Parsed
from ingest.language import say
from ingest.loaders.layout import Composer, one_line, whole
from ingest.loaders.repair import repair
from ingest.loaders.table_finding import Table
from ingest.loaders.table_pages import add_table, table_pages

PAGE = 4_000
"""Characters of records after which a page is full."""
LONGEST_ROW = 360
"""Characters of a record's fields up to which it is a row; a line much longer is no row to those who quote it."""
_COLUMNS = 24
_FILLED = 0.4
"""Share of cells with a value from which records that differ in their fields make one table."""
_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*', re.DOTALL | re.MULTILINE)
_COMMA = re.compile(r'("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])')
_BYTES = re.compile(r"(?<!\\)(?:\\u00[89a-fA-F][0-9a-fA-F])+")
_PIECE = {"type", "text", "href", "user_id", "language", "document_id", "collapsed", "marks"}
"""What pieces of text have in exports of Telegram and of editors; a message of a chat has more to say."""
_BAD_LINES = 10
"""Lines named in notes; more are counted."""

_Record = dict[str, Any]


def load_json(text: str, path: Path) -> Parsed:
    """Records as rows under the names of their fields, nested ones as lines 'key: value'. Lines that are no JSON are
    named in notes; a file that is none at all is read as the text it is."""
    text = repair(_respelt(text), entities=False)
    try:
        value: Any = json.loads(text)
    except json.JSONDecodeError as error:
        return _commented(text, path) or _lines(text, path) or _as_text(text, path, error)
    if isinstance(value, dict) and isinstance(value.get("cells"), list) and "nbformat" in value:
        from ingest.loaders.notebook import load_notebook

        return load_notebook(value, path)
    return Parsed(_title(value) or path.stem, "application/json", tuple(pages_of(value)))


def _respelt(text: str) -> str:
    """The text with letters where exports of Facebook and Instagram have escapes for their bytes in UTF-8."""
    try:
        return _BYTES.sub(lambda m: bytes.fromhex(m[0].replace("\\u00", "")).decode(), text) if text.isascii() else text
    except UnicodeDecodeError:  # letters of their own
        return text


def load_xml(text: str, path: Path) -> Parsed:
    """Records that a program exported as XML, read as those of JSON; any other XML as the source it is."""
    from ingest.loaders.source import load_code
    from ingest.loaders.xml_trees import records_of

    value = records_of(repair(text, entities=False))
    return load_code(text, path) if value is None else Parsed(path.stem, "application/xml", tuple(pages_of(value)))


def _joined(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """The value with text that is stored in pieces (strings, and objects with a type and a text: exports of chats and of
    editors) as one string; what only says the same again beside it is left out."""
    if isinstance(value, dict):
        said: _Record = {}
        for key, inner in value.items():
            if not _pieces(inner) or "".join(_pieces(inner)) not in said.values():
                said[key] = _joined(inner)
        return said
    if not isinstance(value, list):
        return value
    return "".join(_pieces(value)) if _pieces(value) else [_joined(inner) for inner in value]


def _pieces(value: Any) -> list[str]:  # noqa: ANN401
    """The strings of a text in pieces; [] for anything else."""
    if not isinstance(value, list) or not any(isinstance(inner, dict) for inner in value):
        return []
    texts = [_piece(inner) if isinstance(inner, dict) else inner for inner in value]
    return [text for text in texts if isinstance(text, str)] if all(isinstance(text, str) for text in texts) else []


def _piece(value: _Record) -> Any:  # noqa: ANN401
    """What a piece of text says and where it leads; None for a record that has a type and a text beside other things."""
    if "type" not in value or not value.keys() <= _PIECE or not isinstance(text := value.get("text"), str):
        return None
    return f"{text} ({value['href']})" if value.get("href") and value["href"] != text else text


def _title(value: Any) -> str:  # noqa: ANN401 - JSON is anything
    if not isinstance(value, dict):
        return ""
    name = value.get("title") or value.get("name")
    return one_line(name) if isinstance(name, str) else ""


def _commented(text: str, path: Path) -> Parsed | None:
    """JSON with comments and commas too many, as settings have it: read as the text it is, for what the comments say."""
    bare = _COMMA.sub(lambda m: m[1] or "", _COMMENT.sub(lambda m: m[1] or "", text))
    try:
        value = json.loads(bare)
    except json.JSONDecodeError:
        return None
    from ingest.loaders.source import load_code

    return load_code(text, path) if isinstance(value, (dict, list)) else None


def _lines(text: str, path: Path) -> Parsed | None:
    """JSON Lines; None where fewer lines than not are JSON."""
    values: list[Any] = []
    bad: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values.append(json.loads(line))
        except json.JSONDecodeError as fault:
            bad.append((number, fault.msg))
    if len(bad) > len(values) or not any(isinstance(value, (dict, list)) for value in values):
        return None
    notes = [
        say(
            f"Line {number} is not valid JSON ({what}) and was left out.",
            f"第 {number} 行不是有效的 JSON（{what}），已略过。",
        )
        for number, what in bad[:_BAD_LINES]
    ]
    if len(bad) > _BAD_LINES:
        rest = len(bad) - _BAD_LINES
        notes.append(say(f"{rest} more lines are not valid JSON.", f"另有 {rest} 行不是有效的 JSON。"))
    return Parsed(path.stem, "application/x-ndjson", tuple(pages_of(values)), tuple(notes))


def _as_text(text: str, path: Path, error: json.JSONDecodeError) -> Parsed:
    from ingest.loaders.source import load_code

    note = say(
        f"The JSON is not valid: {error.msg} in line {error.lineno}. It was read as plain text.",
        f"JSON 无效：第 {error.lineno} 行，{error.msg}。已按纯文本读取。",
    )
    parsed = load_code(text, path)
    return Parsed(path.stem, "text/plain", parsed.pages, (note,))


def pages_of(value: Any) -> Iterator[Page]:  # noqa: ANN401
    """A list of records as tables and lines; an object's lists of records under their names."""
    value = _joined(value)
    if isinstance(value, dict):
        if made := _table([{"": name, **record} for name, record in value.items()] if _all_records(value) else []):
            yield from table_pages([made], 1, (), "")
            return
        page = Composer()
        _add_object(value, page, 1)
        yield from whole(page.text, page.blocks)
        return
    records = value if isinstance(value, list) else [value]
    if made := _table(records):
        yield from table_pages([made], 1, (), "")
        return
    page, first, number = Composer(), 1, 1
    for n, record in enumerate(records, 1):
        page.add("paragraph", "\n".join(_readable(record, 0)))
        if len(page.text) >= PAGE or n == len(records):
            label = "" if first == 1 and n == len(records) else f"{first}–{n}"
            yield Page(number, page.text, page.blocks, (), label)
            page, first, number = Composer(), n + 1, number + 1


def _all_records(value: _Record) -> bool:
    return len(value) > 1 and all(isinstance(inner, dict) for inner in value.values())


def _add_object(value: _Record, page: Composer, level: int) -> None:
    """An object's plain fields as lines, then each list of records as a table below its name."""
    tables = {}
    for key, inner in value.items():
        records: Sequence[Any] = inner if isinstance(inner, list) else ()
        if isinstance(inner, dict) and _all_records(inner):
            records = [{"": name, **record} for name, record in inner.items()]
        if made := _table(records):
            tables[key] = made
    rest = {key: inner for key, inner in value.items() if key not in tables}
    page.add("paragraph", "\n".join(_readable(rest, 0)))
    for key, made in tables.items():
        page.add("heading", key, level)
        add_table(page, made)


def _table(records: Sequence[Any]) -> Table | None:
    """Two records and more as a table, a nested field under its path; None where they are too long or too unlike."""
    if len(records) < 2 or not all(isinstance(record, dict) for record in records):
        return None
    flat = [dict(_flattened(record, "")) for record in records]
    columns = list(dict.fromkeys(key for record in flat for key, value in record.items() if value))
    if not 1 < len(columns) <= _COLUMNS or sum(map(len, flat)) < _FILLED * len(flat) * len(columns):
        return None
    lengths = [sum(len(value) + 3 for value in record.values()) for record in flat]
    if max(lengths) > LONGEST_ROW or any("\n" in value for record in flat for value in record.values()):
        return None
    return Table([], columns, [[record.get(key, "") for key in columns] for record in flat])


def _flattened(value: _Record, path: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(inner, dict) and inner:
            yield from _flattened(inner, name)
        elif isinstance(inner, list):
            yield name, "; ".join(_briefly(item) for item in inner)
        else:
            yield name, _scalar(inner)


def _briefly(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        return ", ".join(f"{key} {_briefly(inner)}" for key, inner in value.items())
    return _scalar(value)


def _readable(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401
    indent = "  " * depth
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, (dict, list)) and inner and not _flat(inner):
                yield f"{indent}{key}:"
                yield from _readable(inner, depth + 1)
            else:
                yield f"{indent}{key}: {_scalar(inner)}"
    elif isinstance(value, list) and not _flat(value):
        for inner in value:
            lines = list(_readable(inner, depth + 1))
            if lines:
                yield f"{indent}- {lines[0].strip()}"
                yield from lines[1:]
    else:
        yield indent + _scalar(value)


def _flat(value: Any) -> bool:  # noqa: ANN401
    """A short list of plain values, which reads best on one line."""
    return isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value) and len(str(value)) < 200


def _scalar(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(map(_scalar, value))
    return json.dumps(value, ensure_ascii=False)
