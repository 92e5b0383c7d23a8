"""Mail (EML, a mailbox) and what is packed like it: pages saved as MHTML, Confluence's export under the name .doc.

A mail is its subject, its header lines and its text. An attachment that can be read is a document of its own, one that
can't is named in a note; a mail within the mail is pages of it.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import HeaderParser
from pathlib import Path
from typing import cast

from ingest.documents import Page, Parsed
from ingest.errors import LoadError
from ingest.language import say
from ingest.loaders.encoding import decoded, of_label
from ingest.loaders.layout import Composer, one_line, whole
from ingest.loaders.plain import scan
from ingest.loaders.properties import of_mail, sensible
from ingest.loaders.repair import repair
from ingest.loaders.web import compose_html, markup, page_of
from ingest.loaders.within import Files

_SHOWN = ("From", "To", "Cc", "Date")
_MOST_ATTACHMENTS = 100
"""Of one mail."""
_DEEPEST = 3
"""Mails within mails that are followed, be they parts or attached as files."""
_FROM_LINE = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\n]*\n")
_FLOWED = re.compile(r" \n(?!>)")
_OLD_LABEL = re.compile(r"=\?([\w-]+)\?(?=[bBqQ]\?)")


@dataclass(slots=True)
class _Reading:
    """What has been read of a mail: its pages in order, the files attached (those of other mails too, in a mailbox)."""

    files: Files
    pages: list[Page] = field(default_factory=list)
    attachments: int = 0
    """Seen so far, read or not."""

    def take(self, pages: tuple[Page, ...], name: str = "") -> None:
        """Pages under the numbers that follow; `name`: of the attachment that they are."""
        for page in pages:
            label = " · ".join(
                filter(None, (name, page.label or (str(page.number) if name and len(pages) > 1 else "")))
            )
            section = (name, *page.section) if name else page.section
            self.pages.append(replace(page, number=len(self.pages) + 1, section=section, label=label))


def load_mail(data: bytes, path: Path, load: Callable[[Path], Parsed]) -> Parsed:
    """A mail with its attachments, read by `load`, or a saved web page."""
    if path.suffix.lower() == ".emlx" and (first := data.partition(b"\n"))[0].strip().isdigit():
        data = first[2][: int(first[0])]
    message = _message(data)
    if root := _saved_page(message):
        return page_of(_markup(root), path)
    reading = _Reading(Files(load))
    title = _read(message, _headers(data), reading, 0)
    return replace(_parsed(title or path.stem, "message/rfc822", reading), details=of_mail(message))


def load_mbox(data: bytes, path: Path, load: Callable[[Path], Parsed]) -> Parsed:
    """A mailbox: the pages of a mail are labelled with its subject."""
    marks = [*_FROM_LINE.finditer(data)]
    reading = _Reading(Files(load))
    for n, mark in enumerate(marks):
        end = marks[n + 1].start() if n + 1 < len(marks) else len(data)
        one = re.sub(rb"(?m)^>(>*From )", rb"\1", data[mark.end() : end])
        own = _Reading(reading.files)
        title = _read(_message(one), _headers(one), own, 0)
        reading.take(tuple(replace(page, label=" · ".join(filter(None, (title, page.label)))) for page in own.pages))
    return _parsed(path.stem, "application/mbox", reading)


def _parsed(title: str, media_type: str, reading: _Reading) -> Parsed:
    files = reading.files
    return Parsed(title, media_type, tuple(reading.pages), tuple(files.notes), attached=files.documents)


def _message(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)


def _headers(data: bytes) -> dict[str, str]:
    """The header lines decoded, also those in raw bytes of some code page, by their names."""
    head = re.split(rb"\r?\n\r?\n", data.lstrip(), maxsplit=1)[0]
    text = _OLD_LABEL.sub(lambda match: f"=?{of_label(match[1]) or match[1]}?", decoded(head))
    parsed = HeaderParser(policy=policy.default).parsestr(text)
    found: dict[str, str] = {}
    for name in ("Subject", *_SHOWN):
        try:
            found[name] = one_line(repair(str(parsed[name] or "")), 1000)
        except (ValueError, IndexError, AttributeError, TypeError, LookupError):  # headers that are none
            found[name] = ""
    return found


def _saved_page(message: EmailMessage) -> EmailMessage | None:
    """The page within an archive of a web page; None for a mail, which has somebody it is sent to."""
    if message.get_content_type() != "multipart/related" or message["To"] or message["Received"]:
        return None
    root = _root(message)
    return root if root is not None and root.get_content_type() == "text/html" else None


def _read(message: EmailMessage, headers: dict[str, str], reading: _Reading, depth: int, name: str = "") -> str:
    """Add the pages of a mail; returns its subject. `name`: of the attachment that it is."""
    page = Composer()
    subject = headers["Subject"]
    page.add("heading", subject, 1)
    attached: list[EmailMessage] = []
    parts = list(_parts(message, attached))
    names = filter(None, map(_file_name, attached))
    shown = {**{name: headers[name] for name in _SHOWN}, "Attachments": ", ".join(names)}
    page.add("paragraph", "\n".join(f"{name}: {value}" for name, value in shown.items() if value))
    for part in parts:
        _body(part, page)
    reading.take(whole(page.text, page.blocks), name)
    for part in attached:
        _attachment(part, reading, depth)
    return sensible(subject)


def _parts(part: EmailMessage, attached: list[EmailMessage]) -> Iterator[EmailMessage]:
    """The parts that are the mail's own text, in order; all others go to `attached`."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        yield from _parts_of_best(part, attached)
    elif kind == "multipart/related":
        root = _root(part)
        for child in _children(part):
            if child is root:
                yield from _parts(child, attached)
            elif child.get_content_maintype() != "image" and child.get_content_type() != "text/css":
                attached.append(child)  # pictures of the layout go unmentioned
    elif part.is_multipart() and kind != "message/rfc822":
        for child in _children(part):
            yield from _parts(child, attached)
    elif kind in ("text/plain", "text/html") and not part.is_attachment() and not part.get_filename():
        yield part
    else:
        attached.append(part)


def _parts_of_best(part: EmailMessage, attached: list[EmailMessage]) -> list[EmailMessage]:
    """Of the same text in several forms: the plain one, unless HTML says much more or has a table of data."""
    forms: list[tuple[list[EmailMessage], list[EmailMessage], str, bool]] = []
    for child in _children(part):
        inner: list[EmailMessage] = []
        texts = list(_parts(child, inner))
        page = Composer()
        for text in texts:
            _body(text, page)
        if page.text:
            forms.append((texts, inner, page.text, any(block.kind == "table" for block in page.blocks)))
    if not forms:
        return []
    best = forms[0]
    for form in forms[1:]:
        if len(best[2]) < 0.5 * len(form[2]) or (form[3] and not best[3]):
            best = form
    attached += best[1]
    return best[0]


def _root(part: EmailMessage) -> EmailMessage | None:
    """What a related multipart is about: the part that it names as its start, else the first."""
    children = _children(part)
    start = str(part.get_param("start") or "").strip()
    return next(
        (child for child in children if start and child["Content-ID"] == start), children[0] if children else None
    )


def _children(part: EmailMessage) -> list[EmailMessage]:
    return [cast("EmailMessage", child) for child in part.get_payload()] if part.is_multipart() else []


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _content(part: EmailMessage) -> str:
    data = _bytes(part)
    name = of_label(str(part.get_content_charset() or ""))
    if name and name != "cp1252":  # what says it is plain ASCII often is not
        text = data.decode(name, errors="replace")
        if text.count("\ufffd") * 200 <= len(text):
            return text
    return decoded(data, name or "cp1252")


def _markup(part: EmailMessage) -> str:
    return _content(part) if part.get_content_charset() else markup(_bytes(part))


def _body(part: EmailMessage, page: Composer) -> None:
    if part.get_content_type() == "text/html":
        try:
            found = compose_html(_markup(part), addresses=True)
        except LoadError:
            return
        text, blocks = found.text, found.blocks
    else:
        text = repair(_content(part), entities=False)
        if part.get_param("format") == "flowed":
            text = _FLOWED.sub(" ", text)
        blocks = tuple(scan(text))
    page.take(text, blocks)


def _file_name(part: EmailMessage) -> str:
    return one_line(repair(Path(str(part.get_filename() or "")).name))


def _attachment(part: EmailMessage, reading: _Reading, depth: int) -> None:
    """The document that an attachment is, or a note that names it and says why it is none."""
    reading.attachments += 1
    name = _file_name(part)
    if part.get_content_type() == "message/rfc822" and (inner := _children(part)):
        if depth < _DEEPEST:
            _read(inner[0], _headers(inner[0].as_bytes()), reading, depth + 1, name or say("attached mail", "附件邮件"))
        return
    data = _bytes(part)
    suffix = Path(name).suffix or mimetypes.guess_extension(part.get_content_type()) or ""
    name = name or say(f"attachment {reading.attachments}", f"附件 {reading.attachments}") + suffix
    if not data or reading.attachments > _MOST_ATTACHMENTS:
        reading.files.notes.append(say(f"The attachment '{name}' was not read.", f"附件 “{name}” 未读取。"))
    else:
        reading.files.add(name if Path(name).suffix else name + suffix, data)
