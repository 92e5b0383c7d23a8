"""What is said of a document, as (name, value) pairs: from words on a command line, front matter, a sidecar, a program.

Names are those of `ingest.filters.names.SAID`, or the folded name of an own field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from ingest.errors import UsageError
from ingest.filters.names import FIELD, NAMES, SAID, folded, known_name, language_tag
from ingest.language import Text
from ingest.periods import period

Pair = tuple[str, str]
LONGEST = 500
"""Characters of a value that are kept; longer ones are text, not metadata."""
MOST = 200
"""Pairs of one document that are kept of what a file or a sidecar says."""
SIDECAR = ".meta.json"
"""How the name of a sidecar ends."""
_DEPTH = 4
_LISTED = re.compile(r"[,，、;；]")


def labels(words: Sequence[str]) -> list[Pair]:
    """`合同` as a tag, `owner=Li` as a field; an empty value ('owner=') stands for none. Raises `UsageError`."""
    return [_label(word) for word in ([words] if isinstance(words, str) else words)]


def _label(word: str) -> Pair:
    name, sign, value = (part.strip() for part in word.replace("＝", "=").partition("="))
    if not sign:
        name, value = "tag", name
        if not value:
            raise UsageError(Text("A tag needs a name.", "标签不能为空。"), _EXAMPLE)
    own = name.startswith((FIELD, "字段:"))
    name = folded(name.partition(":")[2]) if own else known_name(name)
    if not name or (not own and name in NAMES and name not in SAID):
        raise UsageError(
            Text(f"'{word}' can't be set.", f"“{word}” 不能设置。"),
            Text(f"The file itself says its {name or 'name'}.", "这一项由文件本身决定。"),
        )
    if len(value) > LONGEST or len(name) > LONGEST:
        raise UsageError(
            Text(f"'{word[:40]}…' is longer than {LONGEST} characters.", f"“{word[:40]}…” 超过 {LONGEST} 个字符。")
        )
    if value and name == "date":
        span = period(value)
        if span is None:
            raise UsageError(
                Text(f"'{value}' is no date.", f"“{value}” 不是日期。"),
                Text("Write 2024, 2024-03 or 2024-03-05.", "请写作 2024、2024-03 或 2024-03-05。"),
            )
        value = span.text
    return name, value


_EXAMPLE = Text("For example: contract owner=Li.", "例如：合同 owner=李。")


def joined(held: Sequence[Pair], said: Sequence[Pair], *, remove: bool = False) -> list[Pair]:
    """What a person said of a document by now and what is said next. A tag comes to the others, a field's new values
    take the place of its old ones, an empty one takes it away. `remove` takes away instead: tags by name, fields by name
    (whatever value they have) or by name and value."""
    plain = {(name, folded(value)) for name, value in said}
    named = {name for name, value in said if name != "tag" and (not remove or not value)}
    if remove:
        return [(n, v) for n, v in held if n not in named and (n, folded(v)) not in plain]
    kept = [(n, v) for n, v in held if n not in named and (n, folded(v)) not in plain]
    return [*kept, *((n, v) for n, v in said if v)]


def described(values: Mapping[str, object]) -> list[Pair]:
    """What an object of names and values (front matter, a sidecar, LangChain's metadata) says; lists are several values,
    objects within are 'outer.inner', dates that are none and what is no value are left out."""
    found = dict.fromkeys(_pairs(values, "", 0))
    return list(found)[:MOST]


def _pairs(values: Mapping[str, object], within: str, depth: int) -> Iterator[Pair]:
    for key, value in values.items():
        written = str(key).strip()
        own = bool(within) or written.startswith(FIELD)
        name = within + folded(written.removeprefix(FIELD)) if own else known_name(written)
        if not name or (not own and name in NAMES and name not in SAID and name not in _HARMLESS):
            continue
        if isinstance(value, Mapping):
            if depth < _DEPTH:
                yield from _pairs(value, f"{name}.", depth + 1)
            continue
        several = value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]
        for one in several:
            for text in _texts(name, one):
                yield name, text


_HARMLESS = {"kind", "size", "folder", "after", "before", "added", "modified", "path"}
"""Names of ours that a file may use for a field of its own: asked for as 'field:kind'."""


def _texts(name: str, value: object) -> Iterator[str]:
    if isinstance(value, bool):
        texts = [str(value).lower()]
    elif isinstance(value, date | datetime) or name == "date":
        span = period(value)
        texts = [span.text] if span else []
    elif isinstance(value, str):
        texts = _LISTED.split(value) if name == "tag" else [value]
    elif isinstance(value, int | float):
        texts = [str(value)]
    else:
        texts = []
    for text in texts:
        line = " ".join(text.split())[:LONGEST]
        if line:
            yield language_tag(line) if name == "language" else line


def sidecar_pairs(data: bytes) -> list[Pair]:
    """What a sidecar's bytes say. Raises `ValueError` for what is no JSON object."""
    value = json.loads(data.decode("utf-8-sig"))
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 - of what a file holds
    return described(value)
