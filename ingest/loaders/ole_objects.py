"""Files that Office embeds as OLE objects ('oleObject1.bin'): what lies in them, under the name it came with."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from pathlib import Path, PureWindowsPath

from ingest.errors import LoadError
from ingest.loaders.encoding import decoded
from ingest.loaders.layout import one_line
from ingest.loaders.sniff import OLE_STREAMS, packed_kind

_NATIVE = "\x01Ole10Native"
"""The stream of Windows' packager, [MS-OLEDS] 2.3.6, which takes any file."""
_WHOLE = ("Package", "CONTENTS")
"""Streams that are the file: of Office since 2007, and of PDF."""


def unpacked(name: str, data: bytes) -> tuple[str, bytes] | None:
    """Name and content of an embedded file; None for an object that is no file, such as an equation."""
    import olefile

    if not olefile.isOleFile(io.BytesIO(data)):
        return (_called(name, data), data) if data else None
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        if ole.exists(_NATIVE):
            return _native(ole.openstream(_NATIVE).read())
        for stream in filter(ole.exists, _WHOLE):
            content = ole.openstream(stream).read()
            return _called(name, content), content
        kind = next((kind for stream, kind in OLE_STREAMS.items() if ole.exists(stream)), None)
    return (str(Path(name).with_suffix(f".{kind}")), data) if kind else None


def _called(name: str, data: bytes) -> str:
    """The name with the ending of what the bytes are, where they tell it."""
    kind: str | None = "pdf" if data.startswith(b"%PDF-") else None
    if data.startswith(b"PK"):
        with contextlib.suppress(LoadError, zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            kind = packed_kind(archive, "")
    return str(Path(name).with_suffix(f".{kind}")) if kind in ("pdf", "docx", "xlsx", "pptx") else name


def _native(data: bytes) -> tuple[str, bytes] | None:
    """A label, the path it came from, a path for unpacking, the bytes: each string ends in NUL, each size is before."""
    try:
        label, _, rest = data[6:].partition(b"\0")
        path, _, rest = rest.partition(b"\0")
        (length,) = struct.unpack_from("<I", rest, 4)
        (size,) = struct.unpack_from("<I", rest, 8 + length)
    except struct.error:
        return None
    content = rest[12 + length : 12 + length + size]
    named = next((text for raw in (label, path) if (text := decoded(raw))), "")
    return (one_line(PureWindowsPath(named).name) or "object.bin", content) if content else None
