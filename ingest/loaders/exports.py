"""Entries that programs export in XML: notes of Evernote (ENEX), places and tracks of maps (KML, GPX)."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import say
from ingest.loaders.layout import Composer, one_line, sections
from ingest.loaders.repair import repair
from ingest.loaders.web import compose_html
from ingest.loaders.within import Files
from ingest.loaders.xml_trees import tree

_GROUPS = ("metadata", "Document", "Folder")
_ENTRIES = ("note", "Placemark", "wpt", "rte", "rtept", "trk")
_BODIES = ("content", "description", "desc", "cmt")
"""What an entry says, in HTML."""
_FACTS = ("created", "tag", "author", "source-url", "address", "phoneNumber", "ele")


def load_exports(data: bytes, path: Path, load: Callable[[Path], Parsed]) -> Parsed:
    """The entries in order under their names, a track with its times instead of its points; what is attached to notes are documents
    of their own."""
    root = tree(data, "xml", recover=True)
    page, files = Composer(), Files(load)
    title = ""
    for entry in root.iter(*(f"{{*}}{name}" for name in (*_GROUPS, *_ENTRIES))):
        name = next(map(_text, entry.iterchildren("{*}title", "{*}name")), "")
        if (kind := entry.tag.rpartition("}")[2]) in _GROUPS:
            title = title or name
            page.add("heading", name if kind == "Folder" else "", 1)
            continue
        page.add("heading", name, 2)
        page.add("paragraph", "\n".join(_facts(entry)))
        for body in entry.iterchildren(*(f"{{*}}{name}" for name in _BODIES)):
            try:
                found = compose_html("".join(body.itertext()), addresses=True)
            except LoadError:
                continue
            page.take(found.text, found.blocks)
        for number, resource in enumerate(entry.iterchildren("{*}resource"), 1):
            _attached(resource, number, files)
    return Parsed(
        title or path.stem,
        "application/xml",
        sections(page.text, page.blocks),
        tuple(files.notes),
        attached=files.documents,
    )


def _text(element: Any) -> str:  # noqa: ANN401
    return one_line(repair("".join(element.itertext())), 1_000)


def _facts(entry: Any) -> Iterator[str]:  # noqa: ANN401
    """What is known of an entry beside what it says: where, when, under which labels."""
    for child in entry.iterchildren(*(f"{{*}}{name}" for name in _FACTS)):
        yield f"{child.tag.rpartition('}')[2]}: {_text(child)}"
    for field in entry.iterfind("{*}ExtendedData/{*}Data"):
        yield f"{field.get('name')}: {_text(field)}"
    places = [
        ",".join(filter(None, map(entry.get, ("lon", "lat")))),
        *map(_text, entry.iterfind("{*}Point/{*}coordinates")),
    ]
    for east, north in (place.split(",")[:2] for place in places if "," in place):
        yield say(f"position: {north.strip()}, {east.strip()}", f"位置：{north.strip()}, {east.strip()}")
    if times := sorted(_text(time) for time in entry.iter("{*}time", "{*}when")):
        yield say("time: ", "时间：") + " – ".join(dict.fromkeys((times[0], times[-1])))


def _attached(resource: Any, number: int, files: Files) -> None:  # noqa: ANN401
    name = next(map(_text, resource.iterfind(".//{*}file-name")), "")
    kind = next(map(_text, resource.iterfind("{*}mime")), "")
    name = name or say(f"attachment {number}", f"附件 {number}") + (mimetypes.guess_extension(kind) or "")
    try:
        files.add(name, base64.b64decode("".join(resource.findtext("{*}data") or "")))
    except binascii.Error:
        files.notes.append(say(f"The attachment '{name}' was not read.", f"附件 “{name}” 未读取。"))
