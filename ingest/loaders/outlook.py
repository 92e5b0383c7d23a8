"""Outlook's MSG: its properties as a mail in the Internet's form, which our reader of mail reads.

Properties as in [MS-OXPROPS], their places in the file as in [MS-OXMSG], compressed RTF as in [MS-OXRTFCP].
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import HeaderParser
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from ingest.documents import Parsed
from ingest.loaders.encoding import decoded
from ingest.loaders.layout import one_line
from ingest.loaders.mail import load_mail
from ingest.loaders.web import markup

_DEEPEST = 5
"""Mails within mails that are followed; the reader of mail has a bound of its own."""
_EMBEDDED = 5
"""`PidTagAttachMethod` of a mail within the mail."""
_TEXT, _BYTES, _BINARY = "001F", "001E", "0102"
_CODE_PAGES = {936: "gb18030", 950: "big5hkscs", 65001: "utf-8", 20127: "cp1252", 28591: "cp1252", 54936: "gb18030"}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u"
    rb"\tab\tx"
)
"""What the compression of RTF takes for said before it begins."""


def load_msg(path: Path, load: Callable[[Path], Parsed]) -> Parsed:
    """A mail with its attachments, read by `load`."""
    import olefile

    with olefile.OleFileIO(path) as ole:
        message = _message(_Storage(ole, (), 32), 0)
    parsed = load_mail(message.as_bytes(policy=policy.SMTPUTF8), path, load)
    return replace(parsed, media_type="application/vnd.ms-outlook")


@dataclass(frozen=True, slots=True)
class _Storage:
    """A folder of the file with properties: a mail or an attachment."""

    ole: Any
    place: tuple[str, ...]
    header: int
    """Bytes before the first property of fixed size."""

    def stream(self, name: str) -> bytes:
        """A stream's bytes; empty where there is none."""
        where = [*self.place, name]
        return bytes(self.ole.openstream(where).read()) if self.ole.exists(where) else b""

    def binary(self, tag: str) -> bytes:
        """A property of bytes."""
        return self.stream(f"__substg1.0_{tag}{_BINARY}")

    def text(self, tag: str) -> str:
        """A property of text."""
        if data := self.stream(f"__substg1.0_{tag}{_TEXT}"):
            return data.decode("utf-16-le", "replace").rstrip("\0")
        return self.decoded(self.stream(f"__substg1.0_{tag}{_BYTES}")).rstrip("\0")

    def decoded(self, data: bytes) -> str:
        """Bytes of a mail as text, by the code page that it names."""
        number = self.number(0x3FFD) or self.number(0x3FDE)
        name = _CODE_PAGES.get(number, f"cp{number}") if number else "utf-8"
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            return decoded(data, "cp1252")

    def number(self, tag: int) -> int:
        """A property of fixed size as eight bytes, little endian; 0 where there is none."""
        data = self.stream("__properties_version1.0")
        for at in range(self.header, len(data) - 15, 16):
            kind, known = struct.unpack_from("<HH", data, at)
            if known == tag:
                size = 8 if kind == 0x40 else 4
                return int.from_bytes(data[at + 8 : at + 8 + size], "little")
        return 0

    def attachments(self) -> list[_Storage]:
        """Those of a mail, in order."""
        names = {
            entry[len(self.place)]
            for entry in self.ole.listdir(streams=True, storages=False)
            if len(entry) > len(self.place) + 1
            and tuple(entry[: len(self.place)]) == self.place
            and entry[len(self.place)].startswith("__attach_version1.0_#")
        }
        return [_Storage(self.ole, (*self.place, name), 8) for name in sorted(names)]


def _message(mail: _Storage, depth: int) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTPUTF8)
    for name, value in _headers(mail).items():
        if value:
            message[name] = one_line(value, 10_000)
    plain, html = mail.text("1000"), _html(mail)
    if not plain.strip() and not html and (packed := mail.binary("1009")):
        from ingest.loaders.rtf import rtf_html

        html = rtf_html(decompressed(packed))[0]
    message.set_content(plain)
    if html:
        message.add_alternative(html, subtype="html")
    for attachment in mail.attachments():
        _attach(message, attachment, html, depth)
    return message


def _headers(mail: _Storage) -> dict[str, str]:
    """As they came over the net where they are kept, else from the mail's properties."""
    sent = HeaderParser(policy=policy.compat32).parsestr(mail.text("007D"))
    address = mail.text("5D01") or mail.text("0C1F")
    name = mail.text("0C1A")
    when = mail.number(0x0039) or mail.number(0x0E06)
    own = {
        "Subject": mail.text("0037"),
        "From": f"{name} <{address}>" if "@" in address and address != name else name,
        "To": mail.text("0E04"),
        "Cc": mail.text("0E03"),
        "Date": _date(when) if when else "",
    }
    return {key: (str(sent[key]) if key != "Subject" and sent[key] else value) for key, value in own.items()}


def _date(ticks: int) -> str:
    """A Windows file time, in tenths of microseconds since 1601, as a mail has it."""
    try:
        return format_datetime(_EPOCH + timedelta(microseconds=ticks // 10))
    except OverflowError:
        return ""


def _html(mail: _Storage) -> str:
    data = mail.binary("1013")
    return markup(data) if data else mail.text("1013")


def _attach(message: EmailMessage, attachment: _Storage, html: str, depth: int) -> None:
    name = one_line(attachment.text("3707") or attachment.text("3704") or attachment.text("3001"))
    if attachment.number(0x3705) == _EMBEDDED and depth < _DEEPEST:
        inner = _message(_Storage(attachment.ole, (*attachment.place, "__substg1.0_3701000D"), 24), depth + 1)
        message.add_attachment(inner, filename=name or None)
        return
    kind = attachment.text("370E").lower()
    shown = attachment.text("3712")
    if shown and f"cid:{shown}" in html and (kind.startswith("image/") or not kind):
        return  # a picture of the layout
    main, _, sub = kind.partition("/")
    if not main.isalnum() or main in ("multipart", "message") or not sub.isascii() or not sub:
        main, sub = "application", "octet-stream"
    message.add_attachment(attachment.binary("3701"), maintype=main, subtype=sub, filename=name)


def decompressed(data: bytes) -> bytes:
    """Compressed RTF unpacked: runs of bytes, and references into the last 4,096 of them."""
    if len(data) < 16:
        return b""
    _, size, kind = struct.unpack_from("<II4s", data)
    if kind == b"MELA":
        return data[16 : 16 + size]
    window = bytearray(_DICTIONARY.ljust(4096, b"\0"))
    write, at = len(_DICTIONARY), 16
    out = bytearray()
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if control >> bit & 1:
                if at + 2 > len(data):
                    return bytes(out)
                reference = data[at] << 8 | data[at + 1]
                at += 2
                offset, length = reference >> 4, (reference & 15) + 2
                if offset == write % 4096:
                    return bytes(out)
                for n in range(length):  # byte by byte: a run may refer to itself
                    out.append(window[(offset + n) % 4096])
                    window[write % 4096] = out[-1]
                    write += 1
            elif at < len(data):
                out.append(data[at])
                window[write % 4096] = data[at]
                write += 1
                at += 1
    return bytes(out[:size])
