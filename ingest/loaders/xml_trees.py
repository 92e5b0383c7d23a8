"""XML of documents: how it is parsed, and what its attributes say."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from ingest.errors import LoadError
from ingest.loaders.sniff import damaged

_DECLARATION = re.compile(r"\ufeff?\s*<\?xml[^>]*\?>")
_MOST = 1000
"""Rows or columns that a cell may span, and copies of one that are written out: more are a mistake, a filling, or a trap."""


def tree(data: bytes, kind: str, *, recover: bool = False) -> Any:  # noqa: ANN401 - lxml is untyped
    """The root of a part of a document of `kind`, which is named in the `LoadError` for what is no XML. Entities are not
    resolved and nothing is fetched; with `recover` what is broken is passed over."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=recover)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise damaged(kind) from error
    if root is None:
        raise damaged(kind)
    return root


def is_on(value: str | None, *, absent: bool = False) -> bool:
    """Whether a switch is on; `absent`: what a missing value means."""
    return absent if value is None else value.strip().lower() not in ("0", "false", "off")


def whole(value: str | None, otherwise: int, most: int = _MOST) -> int:
    """The number that an attribute holds; `otherwise` for none, and for what is no number."""
    return min(int(value), most) if value and value.strip().isdigit() else otherwise


def records_of(text: str) -> dict[str, Any] | None:
    """XML that a program exported, as JSON would have it: elements and attributes by their names, those that come again in a
    list. None for what is no XML, has no records, or text or comments between its elements."""
    try:
        # The declaration names the encoding of what is decoded by now.
        root = tree(_DECLARATION.sub("", text, count=1).encode(), "xml")
    except LoadError:
        return None
    nodes = [*root.itersiblings(preceding=True), *root.itersiblings(), *root.iter()]
    if any((node.tail or "").strip() or (len(node) and (node.text or "").strip()) for node in nodes):
        return None
    records = (one for node in nodes for one, following in pairwise(node) if one.tag == following.tag)
    if not all(isinstance(node.tag, str) for node in nodes) or not any(
        len(one) + len(one.attrib) > 1 for one in records
    ):
        return None
    found: dict[str, Any] = _value(root)
    return found


def _value(element: Any) -> Any:  # noqa: ANN401
    """The text of an element, or its attributes and elements by name."""
    fields: dict[str, Any] = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    for child in element:
        name, inner = child.tag.rpartition("}")[2], _value(child)
        if name in fields:
            fields[name] = [*(known if isinstance(known := fields[name], list) else [known]), inner]
        else:
            fields[name] = inner
    text = (element.text or "").strip()
    return {**fields, "value": text} if fields and text else fields or text
