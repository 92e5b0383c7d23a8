"""The parts of an Office file (Open Packaging Conventions), read as leniently as Office reads them.

One reader for Word, PowerPoint and Excel: the main part's content type (macro, template, slide show) does not matter, the
Strict form of the standard is read as the common one, relations to parts that are not there are as if not written, and
styles are never asked to be sound. python-docx, python-pptx and openpyxl refuse such files (see docs/decisions.md).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ingest.closing import Closing
from ingest.loaders.sniff import damaged

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/([A-Za-z]+)/")
_COMMON = rb"http://schemas.openxmlformats.org/\1/2006/"
_CORE = "{http://purl.org/dc/elements/1.1/}title"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
"""Namespace of the attributes that name a relation."""


class Package(Closing):
    """An open Office file. Use it as a context manager."""

    def __init__(self, file: Path | IO[bytes], kind: str) -> None:
        """`kind`: 'docx', 'pptx' or 'xlsx', for messages. Raises `LoadError` when the archive is damaged."""
        self._kind = kind
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError) as error:
            raise damaged(kind) from error
        self._names = {name.replace("\\", "/").lower(): name for name in self._zip.namelist()}
        self._relations: dict[str, dict[str, tuple[str, str]]] = {}

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    @property
    def main(self) -> str:
        """The name of the part with the document itself. Raises `LoadError` when there is none."""
        usual = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml", "xlsx": "xl/workbook.xml"}[self._kind]
        name = next(self.related("", "officeDocument"), usual)
        if name.lower() not in self._names:
            raise damaged(self._kind)
        return name

    @property
    def core(self) -> Any:  # noqa: ANN401 - lxml elements are untyped
        """The root of the properties that all Office files have."""
        return self.xml(next(self.related("", "core-properties"), "docProps/core.xml"))

    @property
    def title(self) -> str:
        """The title among the properties, or ''."""
        return str(self.core.findtext(f".//{_CORE}") or "")

    def related(self, part: str, kind: str) -> Iterator[str]:
        """Names of the parts that `part` ('' for the package) refers to by relations whose type ends in `kind`."""
        for relation, target in self._of(part).values():
            if relation == kind and target.lower() in self._names:
                yield target

    def target(self, part: str, relation: str) -> str:
        """The name of the part behind a relation's id, '' when there is no such part."""
        name = self._of(part).get(relation, ("", ""))[1]
        return name if name.lower() in self._names else ""

    def link(self, part: str, relation: str) -> str:
        """The address behind the id of a link's relation, '' when there is none."""
        kind, address = self._of(part).get(relation, ("", ""))
        return address if kind == "hyperlink" else ""

    def xml(self, part: str) -> Any:  # noqa: ANN401 - lxml elements are untyped
        """The root of a part, an empty element when it is not there or holds no XML; what is broken in it is passed over."""
        from lxml import etree

        name = self._names.get(part.lower())
        data = _STRICT.sub(_COMMON, self._zip.read(name)) if name else b""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)
        root = etree.fromstring(data, parser) if data.strip() else None
        return etree.Element("nothing") if root is None else root

    def open(self, part: str) -> IO[bytes]:
        """The bytes of a part as they are, for parts too long to be read as a whole."""
        return self._zip.open(self._names[part.lower()])

    def _of(self, part: str) -> dict[str, tuple[str, str]]:
        if part not in self._relations:
            folder, name = posixpath.split(part)
            found: dict[str, tuple[str, str]] = {}
            for relation in self.xml(posixpath.join(folder, "_rels", f"{name}.rels")):
                if not isinstance(relation.tag, str):
                    continue
                kind, target = str(relation.get("Type", "")).rsplit("/", 1)[-1], str(relation.get("Target", ""))
                if relation.get("TargetMode") != "External":
                    target = posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/")
                elif kind != "hyperlink":
                    continue
                found[str(relation.get("Id", ""))] = (kind, target)
            self._relations[part] = found
        return self._relations[part]
