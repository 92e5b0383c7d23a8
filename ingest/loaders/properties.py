"""What a file says of itself beside its text: author, date, language, key words; read from what its loader has open. Where
it does not say its language, its text does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

from ingest.documents import Parsed
from ingest.labels import Pair, described
from ingest.language import language_of
from ingest.loaders.layout import one_line
from ingest.loaders.quality import GOOD, quality
from ingest.loaders.repair import repair

_SAMPLE = 20_000
"""Characters from which the language is told."""
_PROGRAMS = frozenset(
    str.split("python-docx openpyxl administrator admin user unknown root microsoft author anonymous (anonymous)")
)
"""Written as the author where nobody has put a name."""
_DATES = ("article:published_time", "datepublished", "dc.date", "dcterms.date", "date", "pubdate", "publishdate")


def with_language(parsed: Parsed) -> Parsed:
    """The document with the language of its text, where it says none."""
    if any(name == "language" for name, _ in parsed.details):
        return parsed
    text = "".join(page.text[:_SAMPLE] for page in parsed.pages[:8])[:_SAMPLE]
    if any(char.isalpha() for char in text) and (told := language_of(text)) != "other":
        return replace(parsed, details=(*parsed.details, ("language", told)))
    return parsed


def of_pdf(document: Any) -> tuple[Pair, ...]:  # noqa: ANN401 - PDFium's binding is untyped
    """Of an open PDF."""
    names = {"author": "Author", "tag": "Keywords", "date": "CreationDate"}
    return _told(lambda: {ours: repair(document.get_metadata_value(name)) for ours, name in names.items()})


def of_office(core: Any) -> tuple[Pair, ...]:  # noqa: ANN401 - lxml is untyped
    """Of the core properties of an Office file."""
    dates = ("modified", "created")
    return _named(core, author=("creator",), tag=("keywords",), date=dates, language=("language",))


def of_opendocument(meta: Any) -> tuple[Pair, ...]:  # noqa: ANN401 - the same
    """Of the properties of an OpenDocument file, None where there are none."""
    authors, dates = ("initial-creator", "creator"), ("date", "creation-date")
    return _named(meta, author=authors, tag=("keyword",), date=dates, language=("language",))


def of_epub(package: Any) -> tuple[Pair, ...]:  # noqa: ANN401 - the same
    """Of the package of an EPUB."""
    return _named(package, author=("creator",), tag=("subject",), date=("date",), language=("language",))


def of_html(root: Any) -> tuple[Pair, ...]:  # noqa: ANN401 - the same
    """Of a web page."""

    def found() -> Mapping[str, object]:
        content: dict[str, list[str]] = {}
        for meta in root.iter("meta"):
            name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
            content.setdefault(name, []).append(meta.get("content") or "")
        return {
            "author": content.get("author") or content.get("dc.creator") or [],
            "tag": content.get("keywords", []),
            "date": next((content[name] for name in _DATES if name in content), []),
            "language": (root.xpath("string(/html/@lang)") or "").strip(),
        }

    return _told(found)


def of_mail(message: EmailMessage) -> tuple[Pair, ...]:
    """Of a mail."""

    def found() -> Mapping[str, object]:
        from email.utils import parsedate_to_datetime

        sent = message.get("Date")
        when = {"date": parsedate_to_datetime(str(sent))} if sent else {}
        return {"author": str(message.get("From", "")), **when}

    return _told(found)


def _named(root: Any, **names: tuple[str, ...]) -> tuple[Pair, ...]:  # noqa: ANN401 - lxml is untyped
    """The texts of the elements of those local names; of several names the first that is there."""
    held: dict[str, list[str]] = {}
    for element in root.iter("{*}*") if root is not None else ():
        if element.text and element.text.strip():
            held.setdefault(element.tag.rpartition("}")[2], []).append(repair(element.text.strip()))
    return _told(
        lambda: {ours: next((held[name] for name in theirs if name in held), []) for ours, theirs in names.items()}
    )


def _told(found: Callable[[], Mapping[str, object]]) -> tuple[Pair, ...]:
    """(name, value) pairs as in `Parsed.details`; none where the properties are broken: the text was read all the same."""
    try:
        pairs = described(found())
    except Exception:  # noqa: BLE001 - libraries raise anything on damaged files
        return ()
    return tuple(pair for pair in pairs if pair[1].lower() not in _PROGRAMS)


_JUNK = re.compile(
    r"^(?:\(?(?:untitled|anonymous|unspecified)\)?|no title|title|document\d*|microsoft word - .*|microsoft powerpoint - .*|powerpoint presentation|"
    r"presentation\d*|slide \d+|sheet ?\d+|workbook\d*|book\d*|print|scan\w*|无标题.*|未命名.*|幻灯片 ?\d+|文档 ?\d+|"
    r"演示文稿 ?\d*|powerpoint 演示文稿|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|qxd|tex|dvi|ps|rtf|odt|wps|html?|txt|md))$",
    re.IGNORECASE,
)


def sensible(title: object) -> str:
    """The title on one line, or '' when it is a file name, a program's default, a bare number or garbled."""
    text = one_line(repair(str(title or "")))
    letters = sum(char.isalpha() for char in text)
    return text if letters >= 2 and not _JUNK.match(text) and quality(text) >= GOOD else ""
