"""XML of documents: how it is parsed, and what its attributes say."""

from __future__ import annotations

from typing import Any

from ingest.loaders.sniff import damaged

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
