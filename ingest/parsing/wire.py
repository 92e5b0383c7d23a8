"""What a worker finds, as plain tuples that can travel (`ingest.apart.messages`)."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from ingest.documents import Attached, Block, Page, Parsed, PlacedLine, Trace
from ingest.errors import LoadError, Skipped
from ingest.language import Text


def pack(outcome: Parsed | LoadError) -> tuple[Any, ...]:
    """The outcome as plain tuples."""
    if isinstance(outcome, LoadError):
        hint = (outcome.hint.en, outcome.hint.zh) if outcome.hint else None
        return ("skipped" if isinstance(outcome, Skipped) else "error", (outcome.message.en, outcome.message.zh), hint)
    pages = tuple(
        (
            p.number,
            _said(p.text),
            tuple((b.kind, b.start, b.end, b.level) for b in p.blocks),
            tuple(map(_said, p.section)),
            _said(p.label),
            tuple((_said(line.text), line.corners) for line in p.places),
        )
        for p in outcome.pages
    )
    return (
        "parsed",
        _said(outcome.title),
        outcome.media_type,
        pages,
        outcome.notes,
        outcome.needs_ocr,
        outcome.recognition,
        tuple((name, _said(value)) for name, value in outcome.details),
        astuple(outcome.trace),
        tuple((one.name, one.sha256, one.size, pack(one.parsed)) for one in outcome.attached),
    )


def _said(text: str) -> str:
    """Without NUL, which says nothing and which not every database keeps; no place in the text changes."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def unpack(packed: tuple[Any, ...]) -> Parsed | LoadError:
    """What `pack` was given."""
    if packed[0] == "parsed":
        return _parsed(packed)
    kind, (en, zh), hint = packed
    error = Skipped if kind == "skipped" else LoadError
    return error(Text(en=en, zh=zh), Text(en=hint[0], zh=hint[1]) if hint else None)


def _parsed(packed: tuple[Any, ...]) -> Parsed:
    _, title, media_type, pages, notes, needs_ocr, recognition, details, trace, attached = packed
    return Parsed(
        title=title,
        media_type=media_type,
        pages=tuple(
            Page(n, text, tuple(Block(*b) for b in blocks), section, label, tuple(PlacedLine(*p) for p in places))
            for n, text, blocks, section, label, places in pages
        ),
        notes=notes,
        needs_ocr=needs_ocr,
        recognition=recognition,
        details=details,
        trace=Trace(*trace),
        attached=tuple(Attached(name, sha, size, _parsed(one)) for name, sha, size, one in attached),
    )
