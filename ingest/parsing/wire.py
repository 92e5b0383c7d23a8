"""What a worker finds, as plain values that can travel (`ingest.apart.messages`): an object is a list of its kind and fields."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any

from ingest.documents import Attached, Block, Page, Parsed, PlacedLine, Trace
from ingest.errors import LoadError, Skipped
from ingest.language import Text

_KINDS: dict[str, type[Any]] = {
    one.__name__: one for one in (Attached, Block, LoadError, Page, Parsed, PlacedLine, Skipped, Text, Trace)
}
_ERROR = attrgetter("message", "hint")
_FIELDS = {
    one: _ERROR if issubclass(one, LoadError) else attrgetter(*(field.name for field in fields(one)))
    for one in _KINDS.values()
}


def pack(found: object) -> Any:  # noqa: ANN401 - builtin values
    """The outcome for one file, or a part of it. Without NUL, which says nothing and which not every database keeps; no place
    in a text changes."""
    if isinstance(found, str):
        return found.replace("\0", "\ufffd") if "\0" in found else found
    if isinstance(found, tuple):
        return tuple(map(pack, found))
    kind = Skipped if isinstance(found, Skipped) else type(found)  # which has kinds of its own
    return [kind.__name__, *map(pack, _FIELDS[kind](found))] if kind in _FIELDS else found


def unpack(packed: Any) -> Any:  # noqa: ANN401 - a `Parsed` or a `LoadError`, or a part of one
    """What `pack` was given."""
    if isinstance(packed, tuple):
        return tuple(map(unpack, packed))
    return _KINDS[packed[0]](*map(unpack, packed[1:])) if isinstance(packed, list) else packed
