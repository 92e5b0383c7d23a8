"""Mail, mailboxes and what is packed like mail."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage

import openpyxl
import pytest

TEXT = "Die Lieferung kommt am Freitag – bitte für Platz sorgen.\n"


@pytest.fixture
def mail():
    def write(subject: str = "Lieferung für Müller", text: str = TEXT, **headers: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, "a@example.org", "b@example.org"
        for name, value in headers.items():
            message[name] = value
        message.set_content(text, cte="base64")
        return message

    return write


@pytest.mark.parametrize("name", ["x.eml", "x.mhtml", "x.mht", "x.doc", "x.txt", "x"])
def test_a_mail_under_any_name(tmp_path, soundly, mail, name):
    message = mail()
    message.add_alternative(
        f"<p>{TEXT.replace('Freitag', '<b>Freitag</b>')}</p>", subtype="html", cte="quoted-printable"
    )
    message.add_attachment(b"\0\1" * 900, maintype="application", subtype="pdf", filename="Lieferschein.pdf")
    (tmp_path / name).write_bytes(bytes(message))
    parsed = soundly(tmp_path / name)
    assert parsed.title == "Lieferung für Müller"
    text = parsed.pages[0].text
    assert text.startswith(
        "Lieferung für Müller\n\nFrom: a@example.org\nTo: b@example.org\nAttachments: Lieferschein.pdf\n\nDie Lieferung"
    )
    assert text.count("Freitag – bitte für Platz") == 1
    assert any("Lieferschein.pdf" in note for note in parsed.notes)


def test_attachments_are_documents_of_their_own_and_a_mail_is_pages(tmp_path, soundly, mail):
    book = openpyxl.Workbook()
    book.active.append(["Part", "Price"])
    book.active.append(["Valve", 12])
    book.save(tmp_path / "prices.xlsx")
    message = mail("Preise", "Siehe Anhang.")
    message.add_attachment(
        (tmp_path / "prices.xlsx").read_bytes(), maintype="application", subtype="octet-stream", filename="Preise.xlsx"
    )
    message.add_attachment("Kaution: 500 Euro.", filename="vertrag.txt")
    inner = mail("Ältere Mail", "Der Rabatt ist 4 Prozent.")
    message.add_attachment(inner)
    (tmp_path / "x.eml").write_bytes(bytes(message))
    parsed = soundly(tmp_path / "x.eml")
    assert "Attachments: Preise.xlsx, vertrag.txt" in parsed.pages[0].text
    assert "Der Rabatt ist 4 Prozent." in parsed.pages[1].text
    table, text = parsed.attached
    assert (table.name, text.name) == ("Preise.xlsx", "vertrag.txt")
    assert (table.parsed.title, text.parsed.title) == ("Preise", "vertrag")
    assert "| Valve | 12 |" in table.parsed.pages[0].text
    assert text.parsed.pages[0].text == "Kaution: 500 Euro."
    assert not parsed.notes


def test_names_of_attachments_are_told_apart_and_lead_nowhere(tmp_path, soundly, mail):
    inner = mail("Inner", "See below.")
    inner.add_attachment("The first.", filename="../../a.txt")
    message = mail("Outer", "See below.")
    message.add_attachment("The second.", filename="a.txt")
    message.add_attachment("The third.", filename="A.TXT")
    message.add_attachment(bytes(inner), maintype="application", subtype="octet-stream", filename="inner.eml")
    (tmp_path / "x.eml").write_bytes(bytes(message))
    attached = soundly(tmp_path / "x.eml").attached
    assert [one.name for one in attached] == ["a.txt", "A (2).TXT", "inner.eml", "inner.eml/a.txt"]
    assert [one.parsed.pages[0].text for one in attached][::3] == ["The second.", "The first."]


def test_where_links_of_a_letter_lead_is_read_and_a_newsletters_are_not(tmp_path, soundly, mail):
    letter = (
        "<p>Dear all, the desk is open from 8 to 5 from April on. Please register <a href='https://example.org/r?id=5'>here</a> "
        "or write to <a href='mailto:anna@example.org?subject=x'>Anna</a>; see <a href='#map'>below</a>.</p>"
    )
    offer = f"<p><a href='https://example.org/{'x' * 200}'>Buy</a></p>"
    texts = []
    for html in (letter, offer):
        message = mail()
        message.set_content(html, subtype="html")
        (tmp_path / "x.eml").write_bytes(bytes(message))
        texts.append(soundly(tmp_path / "x.eml").pages[0].text)
    assert "register here (https://example.org/r?id=5) or write to Anna (anna@example.org); see below." in texts[0]
    assert "xxx" not in texts[1]


def test_the_files_of_an_attached_archive_are_documents(tmp_path, soundly, mail):
    def packed(**files: bytes) -> bytes:
        with zipfile.ZipFile(archive := io.BytesIO(), "w") as made:
            for name, data in files.items():
                made.writestr(name.replace("_", "."), data)
        return archive.getvalue()

    inner = packed(b_txt=b"The second.")
    message = mail()
    for _ in range(2):
        message.add_attachment(
            packed(a_txt=b"The first.", inner_zip=inner), maintype="application", subtype="zip", filename="x.zip"
        )
    (tmp_path / "x.eml").write_bytes(bytes(message))
    parsed = soundly(tmp_path / "x.eml")
    assert [one.name for one in parsed.attached] == ["x.zip/a.txt", "x.zip/a (2).txt"]
    assert parsed.attached[0].parsed.pages[0].text == "The first."
    assert sum("'inner.zip' was not read: This is an archive" in note for note in parsed.notes) == 2


def test_mails_attached_within_one_another_end_three_deep(tmp_path, soundly, mail):
    message = mail("Bottom", "The bottom.")
    for n in range(60):
        outer = mail(f"Level {n}", "See below.")
        outer.add_attachment(
            bytes(message), maintype="application", subtype="octet-stream", filename="i.eml", cte="8bit"
        )
        message = outer
    (tmp_path / "x.eml").write_bytes(bytes(message))
    parsed = soundly(tmp_path / "x.eml")
    assert [one.name for one in parsed.attached] == ["i.eml", "i.eml/i.eml", "i.eml/i.eml/i.eml"]
    assert any("Too deep" in note for one in parsed.attached for note in one.parsed.notes)


def test_attachments_end_where_a_document_would(tmp_path, soundly, mail, monkeypatch):
    monkeypatch.setattr("ingest.loaders.within.MAX_CHARACTERS", 1000)
    message = mail(text="See below.")
    for _ in range(30):
        message.add_attachment("All of it. " * 10, filename="same.txt")
    (tmp_path / "x.eml").write_bytes(bytes(message))
    parsed = soundly(tmp_path / "x.eml")
    assert [one.name for one in parsed.attached][:2] == ["same.txt", "same (2).txt"]
    assert len(parsed.attached) == 9
    assert len(parsed.notes) == 21


def test_a_table_in_html_is_read_rather_than_the_plain_text_beside_it(tmp_path, soundly, mail):
    message = mail(text="Item Price\nPump 40\n")
    message.add_alternative(
        "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Pump</td><td>40</td></tr></table>", subtype="html"
    )
    (tmp_path / "x.eml").write_bytes(bytes(message))
    assert "| Pump | 40 |" in soundly(tmp_path / "x.eml").pages[0].text


@pytest.mark.parametrize("encoded", [
    "关于年假的通知".encode("gbk"), b"=?gb2312?B?udjT2sTqvNm1xM2o1qo=?=", "关于年假的通知".encode(),
])  # fmt: skip
def test_headers_in_the_code_pages_of_old_programs(tmp_path, soundly, encoded):
    body = "全体员工每年有十五天带薪年假。".encode("gbk")
    data = (
        b"From: a@example.org\r\nSubject: "
        + encoded
        + b"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n"
        + body
    )
    (tmp_path / "x.eml").write_bytes(data)
    parsed = soundly(tmp_path / "x.eml")
    assert parsed.title == "关于年假的通知"
    assert "全体员工每年有十五天带薪年假。" in parsed.pages[0].text


@pytest.mark.parametrize("name", ["saved.mhtml", "export.doc"])
def test_a_saved_page_is_a_page(tmp_path, soundly, blocks, name):
    data = (
        b"From: <Saved by Blink>\r\nSubject: Seals\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="X"\r\n\r\n--X\r\nContent-Type: text/html; charset=utf-8\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<html><head><title>Seals of=20pumps</title></head><body>"
        b"<nav><a href=3D/>Home</a></nav><h1>Seals</h1><p>They last =E2=80=93 at best =E2=80=93 six years.</p></body></html>\r\n"
        b"--X\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--X--\r\n"
    )
    (tmp_path / name).write_bytes(data)
    parsed = soundly(tmp_path / name)
    assert (parsed.title, parsed.media_type) == ("Seals of pumps", "text/html")
    assert blocks(parsed.pages[0]) == [("heading1", "Seals"), ("paragraph", "They last – at best – six years.")]


def test_a_mailbox(tmp_path, soundly, mail):
    one, two = bytes(mail("First", "Ten days.\n>From here on it is quoted.\n")), bytes(mail("Second", "Twelve days.\n"))
    (tmp_path / "x.mbox").write_bytes(
        b"From a@example.org Mon Jan  5 10:00:00 2026\n"
        + one
        + b"\n\nFrom b@example.org Tue Jan  6 10:00:00 2026\n"
        + two
    )
    parsed = soundly(tmp_path / "x.mbox")
    assert [page.label for page in parsed.pages] == ["First", "Second"]
    assert "Twelve days." in parsed.pages[1].text


def test_a_memo_in_plain_text_is_no_mail(tmp_path, soundly):
    (tmp_path / "memo.txt").write_text("From: the office\nSubject: Leave\n\nEverybody has ten days of leave a year.\n")
    assert soundly(tmp_path / "memo.txt").media_type == "text/plain"
