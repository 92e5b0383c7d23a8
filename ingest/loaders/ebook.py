"""EPUB: the chapters of the spine in reading order, a page each (EPUB 2 and 3, by the open container format)."""

from __future__ import annotations

import posixpath
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ingest.documents import Page, Parsed
from ingest.errors import LoadError
from ingest.loaders.layout import MAX_CHARACTERS, one_line, too_long
from ingest.loaders.repair import repair
from ingest.loaders.sniff import damaged, encrypted
from ingest.loaders.titles import sensible
from ingest.loaders.web import compose_html, markup

if TYPE_CHECKING:
    from pathlib import Path

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"


def load_epub(path: Path) -> Parsed:
    """Chapters with text; the label is the first heading of a chapter."""
    with zipfile.ZipFile(path) as archive:
        package_name = _package_name(archive)
        package = _xml(archive, package_name)
        folder = posixpath.dirname(package_name)
        names = _spine(package, folder)
        protected = _protected(archive)
        if protected & set(names):
            raise encrypted()
        pages: list[Page] = []
        length = 0
        for name in names:
            try:
                data = archive.read(name)
            except KeyError:
                continue
            try:
                _, chapter = compose_html(markup(data), main_only=False)
            except LoadError:
                continue  # an empty chapter, a cover without a word
            text = chapter.text
            if not text:
                continue
            length += len(text)
            if length > MAX_CHARACTERS:
                raise too_long()
            pages.append(Page(len(pages) + 1, text, chapter.blocks, (), chapter.first_heading()))
    found = package.xpath("//*[local-name()='metadata']/*[local-name()='title']/text()")
    title = sensible(one_line(repair(str(found[0])))) if found else ""
    return Parsed(title or path.stem, "application/epub+zip", tuple(pages))


def _xml(archive: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401 - lxml is untyped
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(archive.read(name), parser)
    except (KeyError, etree.XMLSyntaxError) as error:
        raise damaged("epub") from error


def _package_name(archive: zipfile.ZipFile) -> str:
    found = _xml(archive, _CONTAINER).xpath("//*[local-name()='rootfile']/@full-path")
    if not found:
        raise damaged("epub")
    return str(found[0])


def _spine(package: Any, folder: str) -> list[str]:  # noqa: ANN401
    """Names of the chapters inside the archive, in reading order."""
    items = {
        item.get("id"): item.get("href", "")
        for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")
        if "html" in item.get("media-type", "html")
    }
    order = package.xpath("//*[local-name()='spine']/*[local-name()='itemref']/@idref")
    return [posixpath.normpath(posixpath.join(folder, unquote(items[i]))) for i in order if i in items]


def _protected(archive: zipfile.ZipFile) -> set[str]:
    """Names of the parts that are encrypted (fonts often are, and do not matter)."""
    if _ENCRYPTION not in archive.namelist():
        return set()
    found = _xml(archive, _ENCRYPTION).xpath("//*[local-name()='CipherReference']/@URI")
    return {unquote(str(uri)).lstrip("/") for uri in found}
