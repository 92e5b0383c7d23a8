"""Reading a file of records: one JSON object a line, and which line is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ingest.errors import UsageError
from ingest.language import Text

T = TypeVar("T")


def read(path: Path, record: Callable[[dict[str, Any]], T], form: Text, limit: int | None = None) -> list[T]:
    """What `record` makes of each line of `path`, of the first `limit` lines only where one is given.

    Raises `UsageError` when the file can't be read, and for the first line `record` can't make anything of (it
    raises ValueError, KeyError, TypeError or AttributeError), with `form` as a hint what a line looks like.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(Text(f"{path} can't be read: {error}.", f"无法读取 {path}：{error}。")) from error
    found: list[T] = []
    for number, line in enumerate(lines, 1):
        if limit is not None and len(found) == limit:
            break
        if not line.strip():
            continue
        try:
            found.append(record(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise UsageError(
                Text(
                    f"Line {number} of {path} is not such a record: {error}.",
                    f"{path} 第 {number} 行不是这样的记录：{error}。",
                ),
                form,
            ) from error
    return found
