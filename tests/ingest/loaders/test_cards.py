"""Calendars and address cards, as phones and mail programs write them."""

from __future__ import annotations

import pytest

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
X-WR-CALNAME:Clinic
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:20260305T143000
DTEND;TZID=Europe/Berlin:20260305T151500
SUMMARY:Vaccination day\\, second round
LOCATION:Room 2\\; ground floor
DESCRIPTION:Bring the yellow card.\\nChildren with a parent only\\, please b
 e on time.
ORGANIZER;CN="Dr. Lee: head":mailto:lee@example.org
ATTENDEE;CN=Bob:mailto:bob@example.org
ATTENDEE:mailto:eva@example.org
BEGIN:VALARM
TRIGGER:-PT15M
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART:20260401T080000Z
SUMMARY:Call
END:VEVENT
END:VCALENDAR
"""


def test_an_event_says_when_where_and_with_whom(tmp_path, soundly):
    (tmp_path / "x.ics").write_text(CALENDAR.replace("\n", "\r\n"), newline="")
    parsed = soundly(tmp_path / "x.ics")
    assert (parsed.title, parsed.media_type) == ("Clinic", "text/calendar")
    assert parsed.pages[0].text == (
        "Start: 2026-03-05 14:30 Europe/Berlin\nEnd: 2026-03-05 15:15 Europe/Berlin\n"
        "Title: Vaccination day, second round\nPlace: Room 2; ground floor\n"
        "Description: Bring the yellow card.\nChildren with a parent only, please be on time.\n"
        "Organiser: Dr. Lee: head <lee@example.org>\nAttendees: Bob <bob@example.org>; eva@example.org\n\n"
        "Start: 2026-04-01 08:00 UTC\nTitle: Call"
    )


def test_whole_days_end_on_their_last_one_and_short_entries_are_rows(tmp_path, soundly):
    event = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:{}\nDTEND;VALUE=DATE:{}\nSUMMARY:{}\nEND:VEVENT\n".format
    holidays = (
        event("20260501", "20260502", "劳动节"),
        event("20260217", "20260224", "春节"),
        event("20261001", "20261008", "国庆节"),
    )
    (tmp_path / "holidays").write_text(f"BEGIN:VCALENDAR\n{''.join(holidays)}END:VCALENDAR\n")
    assert soundly(tmp_path / "holidays").pages[0].text == (
        "| 开始 | 标题 | 结束 |\n| --- | --- | --- |\n| 2026-05-01 | 劳动节 |  |\n"
        "| 2026-02-17 | 春节 | 2026-02-23 |\n| 2026-10-01 | 国庆节 | 2026-10-07 |"
    )


CARDS = {
    """VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B;=E8=8A=B3;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B=E8=8A=B3
TEL;CELL:13900001111
NOTE;CHARSET=GBK;QUOTED-PRINTABLE:=D6=DC=
=B6=FE=
=B2=BB=D4=DA""": "姓名: 王芳\n电话: 13900001111 (cell)\n备注: 周二不在",
    """VERSION:3.0
FN:Anna Berg
ORG:Harbour Office;Moorings
TEL;TYPE=WORK,VOICE:+49 40 1234
TEL;TYPE=HOME:+49 40 99
ADR;TYPE=WORK:;;2 Quay Road\\; back door;Hamburg;;20457;Germany
BDAY:1980-05-17
PHOTO;ENCODING=b:/9j/4AAQ
 /9j/4""": """Name: Anna Berg
Organisation: Harbour Office, Moorings
Phone: +49 40 1234 (work); +49 40 99 (home)
Address: 2 Quay Road; back door, Hamburg, 20457, Germany (work)
Birthday: 1980-05-17""",
    """VERSION:4.0
FN:Bob
TEL;VALUE=uri;TYPE=cell:tel:+1-555-0100
item1.EMAIL;PREF=1:bob@example.org
item1.X-ABLabel:Boat
item2.X-ABDATE:2019-06-08
item2.X-ABLabel:_$!<Anniversary>!$_
X-SOCIALPROFILE;TYPE=mastodon:https://example.org/@bob
X-ABUID:81-AA""": """Name: Bob
Phone: +1-555-0100 (cell)
Email: bob@example.org (Boat)
Abdate: 2019-06-08 (Anniversary)
Socialprofile: https://example.org/@bob (mastodon)""",
}


@pytest.mark.parametrize(("card", "lines"), CARDS.items(), ids=("2.1", "3.0", "4.0"))
def test_cards_of_all_versions(tmp_path, soundly, card, lines):
    (tmp_path / "x.vcf").write_text(f"BEGIN:VCARD\n{card}\nEND:VCARD\n")
    assert soundly(tmp_path / "x.vcf").pages[0].text == lines
