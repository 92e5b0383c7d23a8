"""Calendars (iCalendar, RFC 5545) and address cards (vCard 2.1 to 4): what each entry says, as records."""

from __future__ import annotations

import datetime as dt
import quopri
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.documents import Parsed
from ingest.language import is_cjk
from ingest.loaders.encoding import of_label
from ingest.loaders.layout import one_line
from ingest.loaders.properties import sensible
from ingest.loaders.records import pages_of
from ingest.loaders.repair import repair

_LINE = re.compile(r"(?:[\w-]+\.)?([A-Za-z][\w-]*)((?:;[^\":;]*(?:\"[^\"]*\"[^\":;]*)*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";([\w-]+)(?:=(\"[^\"]*\"|[^;]*))?")
_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?\d\d)?(Z?))?")
_ENTRIES = ("VEVENT", "VTODO", "VJOURNAL", "VCARD")
_NAMES = {
    "SUMMARY": ("Title", "标题"), "DTSTART": ("Start", "开始"), "DTEND": ("End", "结束"), "DUE": ("Due", "截止"),
    "LOCATION": ("Place", "地点"), "DESCRIPTION": ("Description", "说明"), "ORGANIZER": ("Organiser", "组织者"),
    "ATTENDEE": ("Attendees", "参与者"), "RRULE": ("Repeats", "重复"), "EXDATE": ("Except", "除外"),
    "STATUS": ("Status", "状态"), "CATEGORIES": ("Categories", "类别"), "FN": ("Name", "姓名"),
    "ORG": ("Organisation", "单位"), "TITLE": ("Position", "职务"), "TEL": ("Phone", "电话"),
    "EMAIL": ("Email", "邮箱"), "ADR": ("Address", "地址"), "BDAY": ("Birthday", "生日"), "NOTE": ("Note", "备注"),
}  # fmt: skip
_UNSAID = frozenset(
    str.split(
        "BEGIN END UID DTSTAMP CREATED LAST-MODIFIED SEQUENCE TRANSP CLASS RECURRENCE-ID VERSION PRODID REV N PHOTO LOGO "
        "SOUND KEY LABEL ATTACH X-ABUID X-ABADR X-ABSHOWAS X-ABORDER"
    )
)
"""What programs tell one another, what another field says as well, and what is no text."""

_PLACED = ("TEL", "EMAIL", "ADR", "URL", "IMPP", "X-SOCIALPROFILE")
_APPLE = re.compile(r"^_\$!<|>!\$_$")

_Parameters = Mapping[str, str]


def load_cards(text: str, path: Path) -> Parsed:
    """Entries as rows of a table or blocks of lines, named in the language most of them are in; moments as they are
    written, with their time zone."""
    text = repair(text, entities=False)
    kind = "text/calendar" if "BEGIN:VCALENDAR" in text[:1000].upper() else "text/vcard"
    entries: list[dict[str, str]] = []
    title, inside = "", [""]
    for name, parameters, value in _lines(text):
        if name == "BEGIN":
            inside.append(value.upper())
            if inside[-1] in _ENTRIES:
                entries.append({})
        elif name == "END":
            inside = inside[:-1] or [""]
        elif name == "X-WR-CALNAME":
            title = sensible(one_line(value))
        elif name == "X-ABLABEL" and entries and entries[-1]:  # what a person calls the field before
            entries[-1][next(reversed(entries[-1]))] += f" ({_APPLE.sub('', value)})"
        elif inside[-1] in _ENTRIES and name not in _UNSAID and (inside[-1] == "VCARD" or not name.startswith("X-")):
            entry = entries[-1]
            said = (entry.get(name), _said(name, parameters, value, entry.get("DTSTART", "")))
            if any(said):
                entry[name] = "; ".join(filter(None, said))
    chinese = sum(any(map(is_cjk, "".join(entry.values()))) for entry in entries) * 2 > len(entries)
    named = [
        {_NAMES.get(name, (name.removeprefix("X-").capitalize(),) * 2)[chinese]: entry[name] for name in entry}
        for entry in entries
    ]
    return Parsed(title or path.stem, kind, tuple(pages_of(named)))


def _lines(text: str) -> Iterator[tuple[str, _Parameters, str]]:
    """Name, parameters and value of each line, those put together that were folded or are quoted-printable."""
    text = re.sub(r"QUOTED-PRINTABLE(?:[^\n]|(?<==)\n)*", lambda m: m[0].replace("=\n", ""), text)
    for line in re.sub(r"\n[ \t]", "", text).split("\n"):
        if match := _LINE.fullmatch(line.strip()):
            found = _PARAMETER.findall(match[2])
            parameters = {name.upper(): value.strip('"') for name, value in found if value}
            bare = [name.upper() for name, value in found if not value]
            if "QUOTED-PRINTABLE" in (*bare, parameters.get("ENCODING", "").upper()):
                data = quopri.decodestring(match[3].encode())
                value = data.decode(of_label(parameters.get("CHARSET", "")) or "utf-8", "replace")
            else:
                value = re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else f"\0{m[1]}", match[3])
            parameters.setdefault("TYPE", " ".join(bare))
            yield match[1].upper(), parameters, value


def _said(name: str, parameters: _Parameters, value: str, start: str) -> str:
    """A value as it is read; `start`: when the entry begins, after which a last whole day is no news."""
    if name in ("ADR", "ORG"):
        value = ", ".join(filter(None, map(str.strip, re.split(r"(?<!\0);", value))))
    value = value.replace("\0", "").strip()
    if name in ("DTSTART", "DTEND", "DUE", "EXDATE", "BDAY") and (moment := _MOMENT.fullmatch(value)):
        year, month, day, hour, minute, utc = moment.groups()
        if hour is None and name == "DTEND":  # the day after the last one
            value = (dt.date(int(year), int(month), int(day)) - dt.timedelta(1)).isoformat()
            return value if value > start else ""
        zone = "UTC" if utc else parameters.get("TZID", "")
        return " ".join(filter(None, (f"{year}-{month}-{day}", hour and f"{hour}:{minute}", zone)))
    if name in ("ATTENDEE", "ORGANIZER"):
        address = re.sub("^mailto:", "", value, flags=re.IGNORECASE)
        return f"{named} <{address}>" if (named := parameters.get("CN", "")) and named != address else address
    if name in _PLACED:
        kinds = [
            kind
            for kind in re.split("[, ]", parameters["TYPE"].lower())
            if kind not in ("", "voice", "pref", "internet")
        ]
        return value.removeprefix("tel:") + (f" ({', '.join(kinds)})" if kinds else "")
    return value
