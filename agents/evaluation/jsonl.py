"""Reading a file of records: one JSON object a line, and which line is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ingest.errors import UsageError
from ingest.language import Text
from ingest.loaders.encoding import decode

T = TypeVar("T")


def read(path: Path, record: Callable[[Any], T], form: Text, limit: int | None = None) -> list[T]:
    """What `record` makes of each line of `path`, of the first `limit` lines only where one is given. Raises `UsageError`
    when the file can't be read, and as `records`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(Text(f"{path} can't be read: {error}.", f"无法读取 {path}：{error}。")) from error
    return records(content, record, form, str(path), limit)


def records(
    content: str | bytes, record: Callable[[Any], T], form: Text, name: str = "", limit: int | None = None
) -> list[T]:
    """The same of a file's content, in whatever encoding. Raises `UsageError` for the first line `record` can't make anything
    of (it raises ValueError, KeyError, TypeError or AttributeError), with `form` as a hint what a line looks like, and
    `LoadError` for bytes that are no text."""
    found: list[T] = []
    text = content if isinstance(content, str) else decode(content)[0]
    for number, line in enumerate(text.splitlines(), 1):
        if limit is not None and len(found) == limit:
            break
        if not line.strip():
            continue
        try:
            found.append(record(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            place = Text(f"Line {number}{name and f' of {name}'}", f"{name and f'{name} '}第 {number} 行")
            raise UsageError(
                Text(f"{place.en} is not such a record: {error}.", f"{place.zh}不是这样的记录：{error}。"), form
            ) from error
    return found
