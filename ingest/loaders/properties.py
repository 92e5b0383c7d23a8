"""What a file says of itself beside its text: author, date, language, key words. Where it does not say its language, its
text does.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from ingest.labels import described
from ingest.language import language_of
from ingest.loaders.repair import repair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ingest.documents import Parsed

_SAMPLE = 20_000
"""Characters from which the language is told."""
_HEAD = 1 << 20
"""Bytes of a web page or a mail in which its properties are looked for, and the most of an archive's part."""
_PROGRAMS = frozenset(
    {"python-docx", "openpyxl", "administrator", "admin", "user", "unknown", "root", "microsoft", "author"}
)
"""Written as the author where nobody has put a name."""


def properties(path: Path, kind: str, parsed: Parsed) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs as in `Parsed.details`, those that the loader found included. Never raises: a file without
    properties, or with broken ones, says nothing.
    """
    said = dict.fromkeys(parsed.details)
    names = {name for name, _ in said}
    if reader := _READERS.get(kind):
        try:
            found = described(reader(path))
        except Exception:  # noqa: BLE001 - libraries raise anything on damaged files, whose text was read all the same
            found = []
        said |= dict.fromkeys(pair for pair in found if pair[0] not in names and pair[1].lower() not in _PROGRAMS)
    if not any(name == "language" for name, _ in said):
        text = "".join(page.text[:_SAMPLE] for page in parsed.pages[:8])[:_SAMPLE]
        if any(char.isalpha() for char in text) and (told := language_of(text)) != "other":
            said[("language", told)] = None
    return tuple(said)


def _pdf(path: Path) -> Mapping[str, object]:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        values = {name: repair(document.get_metadata_value(name)) for name in ("Author", "Keywords", "CreationDate")}
    finally:
        document.close()
    return {"author": values["Author"], "tag": values["Keywords"], "date": values["CreationDate"]}


def _office(path: Path) -> Mapping[str, object]:
    with zipfile.ZipFile(path) as archive:
        core = _xml(archive, "docProps/core.xml")
    return _named(core, author=("creator",), tag=("keywords",), date=("modified", "created"), language=("language",))


def _opendocument(path: Path) -> Mapping[str, object]:
    with zipfile.ZipFile(path) as archive:
        meta = _xml(archive, "meta.xml")
    author = ("initial-creator", "creator")
    return _named(meta, author=author, tag=("keyword",), date=("date", "creation-date"), language=("language",))


def _epub(path: Path) -> Mapping[str, object]:
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.lower().endswith(".opf"))
        package = _xml(archive, name)
    return _named(package, author=("creator",), tag=("subject",), date=("date",), language=("language",))


def _xml(archive: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401 - lxml is untyped
    from lxml import etree

    if archive.getinfo(name).file_size > _HEAD:
        raise ValueError("too large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(archive.read(name), parser)


def _named(root: Any, **names: tuple[str, ...]) -> dict[str, object]:  # noqa: ANN401 - the same
    """The texts of the elements of those local names; of several names the first that is there."""
    held: dict[str, list[str]] = {}
    for element in root.iter("{*}*"):
        if element.text and element.text.strip():
            held.setdefault(element.tag.rpartition("}")[2], []).append(repair(element.text.strip()))
    return {ours: next((held[name] for name in theirs if name in held), []) for ours, theirs in names.items()}


def _html(path: Path) -> Mapping[str, object]:
    from lxml import html

    from ingest.loaders.web import markup

    with path.open("rb") as file:
        root = html.fromstring(markup(file.read(_HEAD)))
    content: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
        content.setdefault(name, []).append(meta.get("content") or "")
    dates = ("article:published_time", "datepublished", "dc.date", "dcterms.date", "date", "pubdate", "publishdate")
    return {
        "author": content.get("author") or content.get("dc.creator") or [],
        "tag": content.get("keywords", []),
        "date": next((content[name] for name in dates if name in content), []),
        "language": (root.xpath("string(/html/@lang)") or "").strip(),
    }


def _mail(path: Path) -> Mapping[str, object]:
    from email import message_from_bytes, policy
    from email.utils import parsedate_to_datetime

    with path.open("rb") as file:
        message = message_from_bytes(file.read(_HEAD), policy=policy.default)
    found: dict[str, object] = {"author": str(message.get("From", ""))}
    if sent := message.get("Date"):
        found["date"] = parsedate_to_datetime(str(sent))
    return found


_READERS: dict[str, Callable[[Path], Mapping[str, object]]] = {
    "pdf": _pdf,
    "docx": _office,
    "pptx": _office,
    "xlsx": _office,
    "opendocument": _opendocument,
    "epub": _epub,
    "html": _html,
    "mail": _mail,
}
