"""How results travel from a worker: length-prefixed pickles of plain tuples, strings and numbers.

The reader refuses any class, so a parser taken over by a crafted file cannot run code in the parent.
"""

from __future__ import annotations

import io
import pickle
import struct
from typing import TYPE_CHECKING, Any

from ingest.documents import Block, Page, Parsed
from ingest.errors import LoadError, Skipped
from ingest.language import Text

if TYPE_CHECKING:
    from typing import IO

_LENGTH = struct.Struct(">Q")


def send(stream: IO[bytes], message: object) -> None:
    """Write one message made of builtin types."""
    data = pickle.dumps(message, protocol=5)
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:  # noqa: ANN401 - a message is what the sender made it
    """The next message. Raises `EOFError` when the stream ends, also in the middle of one."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(header)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return _Builtins(io.BytesIO(data)).load()


class _Builtins(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a result")


def pack(outcome: Parsed | LoadError) -> tuple[Any, ...]:
    """The outcome as plain tuples."""
    if isinstance(outcome, LoadError):
        hint = (outcome.hint.en, outcome.hint.zh) if outcome.hint else None
        return ("skipped" if isinstance(outcome, Skipped) else "error", (outcome.message.en, outcome.message.zh), hint)
    pages = tuple(
        (p.number, p.text, tuple((b.kind, b.start, b.end, b.level) for b in p.blocks), p.section, p.label)
        for p in outcome.pages
    )
    return ("parsed", outcome.title, outcome.media_type, pages, outcome.notes, outcome.needs_ocr)


def unpack(packed: tuple[Any, ...]) -> Parsed | LoadError:
    """What `pack` was given."""
    if packed[0] == "parsed":
        _, title, media_type, pages, notes, needs_ocr = packed
        return Parsed(
            title=title,
            media_type=media_type,
            pages=tuple(
                Page(n, text, tuple(Block(*b) for b in blocks), section, label)
                for n, text, blocks, section, label in pages
            ),
            notes=notes,
            needs_ocr=needs_ocr,
        )
    kind, (en, zh), hint = packed
    error = Skipped if kind == "skipped" else LoadError
    return error(Text(en=en, zh=zh), Text(en=hint[0], zh=hint[1]) if hint else None)
