"""EPUB: the chapters of the spine in reading order, a page each (EPUB 2 and 3, by the open container format)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ingest.documents import Page, Parsed
from ingest.errors import LoadError
from ingest.language import say
from ingest.loaders.layout import listed, one_line
from ingest.loaders.properties import of_epub, sensible
from ingest.loaders.repair import repair
from ingest.loaders.sniff import damaged, encrypted
from ingest.loaders.web import compose_html, markup
from ingest.loaders.within import Within
from ingest.loaders.xml_trees import tree
from ingest.recognition import Recogniser

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PICTURE = re.compile(r"<(?:img|image)\b[^>]*>", re.IGNORECASE)
_SOURCE = re.compile(r"(?:src|href)\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_ALTERNATIVE = re.compile(r"\balt\s*=\s*[\"'][^\"']*\w", re.IGNORECASE)


def load_epub(path: Path, load: Callable[[Path], Parsed], recogniser: Recogniser) -> Parsed:
    """Chapters with text; the label is the first heading of a chapter. Pages of pictures alone are recognised. What was
    not read is in notes."""
    with zipfile.ZipFile(path) as archive:
        package_name = _package_name(archive)
        package = _xml(archive, package_name)
        folder = posixpath.dirname(package_name)
        names, foreign = _spine(package, folder)
        protected = _protected(archive)
        if protected & set(names):
            raise encrypted()
        there = set(archive.namelist())
        pages: list[Page] = []
        alone = beside = 0
        within = Within(load, recogniser, archive.open)
        for name in names:
            if name not in there:
                foreign.append(name)
                continue
            source = markup(archive.read(name))
            try:
                chapter = compose_html(source)
            except LoadError:
                continue  # without a word
            shown = _PICTURE.findall(source)
            if chapter.text:
                beside += sum(not _ALTERNATIVE.search(tag) for tag in shown)
            elif name != names[0]:  # the first is the cover
                sources = [found[1] for tag in shown if (found := _SOURCE.search(tag))]
                inside = [_inside(posixpath.dirname(name), one) for one in sources]
                alone += bool(inside) and not within.picture(inside, chapter, place=None)
            if not chapter.text:
                continue
            pages.append(Page(len(pages) + 1, chapter.text, chapter.blocks, (), chapter.first_heading()))
    found = package.xpath("//*[local-name()='metadata']/*[local-name()='title']/text()")
    title = sensible(one_line(repair(str(found[0])))) if found else ""
    notes = (*_notes(foreign, alone, beside), *within.notes)
    return Parsed(title or path.stem, "application/epub+zip", tuple(pages), notes, details=of_epub(package))


def _notes(foreign: list[str], alone: int, beside: int) -> Iterator[str]:
    if foreign:
        named = listed(foreign, 5)
        yield say(
            f"Parts of the book that could not be read: {named}.", f"书中有 {len(foreign)} 个部分无法读取：{named}。"
        )
    if alone:
        yield say(f"Pages of pictures without text: {alone}.", f"有 {alone} 个图片页没有文本。")
    if beside:
        yield say(
            f"Pictures beside the text that were not read: {beside}. If they show text, add them as documents.",
            f"正文旁有 {beside} 幅图片未读取。如果图中有文字，请将其作为文档添加。",
        )


def _xml(archive: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401 - lxml is untyped
    try:
        return tree(archive.read(name), "epub")
    except KeyError as error:
        raise damaged("epub") from error


def _package_name(archive: zipfile.ZipFile) -> str:
    found = _xml(archive, _CONTAINER).xpath("//*[local-name()='rootfile']/@full-path")
    if not found:
        raise damaged("epub")
    return str(found[0])


def _spine(package: Any, folder: str) -> tuple[list[str], list[str]]:  # noqa: ANN401
    """Names of the chapters inside the archive, in reading order, without the tables of contents that lead to them;
    and of what is no text."""
    items = {item.get("id"): item for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")}
    guided = {
        _inside(folder, str(href))
        for href in package.xpath("//*[local-name()='guide']/*[local-name()='reference'][@type='toc']/@href")
    }
    chapters: list[str] = []
    foreign: list[str] = []
    for reference in package.xpath("//*[local-name()='spine']/*[local-name()='itemref']/@idref"):
        item = items.get(reference)
        if item is None:
            continue
        name, kind = _inside(folder, item.get("href", "")), item.get("media-type", "")
        if "nav" in (item.get("properties") or "").split() or name in guided:
            continue
        # The old OEB type, none at all, a wrong one: the name tells as well.
        reads = "html" in kind or "oeb1-document" in kind or name.lower().endswith((".html", ".htm", ".xhtml"))
        (chapters if reads or not kind else foreign).append(name)
    return chapters, foreign


def _inside(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))


def _protected(archive: zipfile.ZipFile) -> set[str]:
    """Names of the parts that are encrypted (fonts often are, and do not matter)."""
    if _ENCRYPTION not in archive.namelist():
        return set()
    found = _xml(archive, _ENCRYPTION).xpath("//*[local-name()='CipherReference']/@URI")
    return {unquote(str(uri)).lstrip("/") for uri in found}
