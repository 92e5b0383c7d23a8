"""Text, records, pages of the web and mail of the kinds that readers get wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from tests.benchmarks.reading.cases import Case, cell, line, noted, refused, says
from tests.ingest.loaders.conftest import write_epub
from tests.ingest.loaders.office_files import write_parts

BLOB = base64.b64encode(bytes((n * 6151) % 253 for n in range(5000))).decode()
HEAD = "<html><head><meta charset='utf-8'><title>Hall</title></head><body>"
STRAY = "Die Prüfung der großen Anlage – täglich um neun – steht im Bordbuch. "


def written(name: str, text: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    """A case's file of this text."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(text.encode(encoding))
        return folder / name

    return make


def spanning(folder: Path) -> Path:
    rows = (
        "<tr><th>Week</th><th>Turn</th><th>Guard</th></tr><tr><td rowspan=2>Week 9</td><td>Early</td><td>Ines</td></tr>"
        "<tr><td>Late</td><td>Joris</td></tr>"
    )
    text = "The plan is valid for the winter and is changed only by the head of the baths, who keeps the list. " * 2
    return written("guards.html", f"{HEAD}<h1>Guards</h1><p>{text}</p><table>{rows}</table></body></html>")(folder)


def mail(name: str) -> Callable[[Path], Path]:
    """The same mail under a name."""

    def make(folder: Path) -> Path:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = "Termin für Jörg", "a@example.org", "b@example.org"
        message.set_content("Die Dichtung kommt am Dienstag – bitte die Tür öffnen.\n", cte="base64")
        html = "<p>Die Dichtung kommt am <b>Dienstag</b> – bitte die Tür öffnen.</p>"
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message.add_attachment(bytes(range(256)) * 9, maintype="application", subtype="x-dwg", filename="Plan.dwg")
        (folder / name).write_bytes(bytes(message))
        return folder / name

    return make


def epub(folder: Path) -> Path:
    note = "<h1>Currents</h1><p>She drew a current chart<a href='#n'>7</a> by night.</p>"
    path = write_epub(folder / "chart.epub", [note, "<h1>Knots</h1><p>A knot of hemp holds for nine winters.</p>"])
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    old = b'id="c1" href="text/c%201.xhtml" media-type="application/xhtml+xml"'
    parts["OEBPS/book.opf"] = parts["OEBPS/book.opf"].replace(
        old, old.replace(b"application/xhtml+xml", b"text/x-oeb1-document")
    )
    return write_parts(path, parts)


STATEMENT = '"Account:","CH00 77"\n"Owner:","Sample Ltd"\n\n"Date","Text","Amount"\n"2027-03-01","Hire","-310.00"\n"2027-03-04","Gas","-58.40"\n'
SPREADSHEETML = (
    '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Costs"><Table>'
    '<Row><Cell><Data ss:Type="String">Towing</Data></Cell><Cell><Data ss:Type="Number">47</Data></Cell></Row>'
    "</Table></Worksheet></Workbook>"
)
FB2 = (
    '<?xml version="1.0"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><body><section>'
    "<p>The frost broke the pump.</p></section></body></FictionBook>"
)
CUES = (
    "1\n00:00:01,000 --> 00:00:04,000\nWelcome to the bakery.\n\n2\n00:00:04,500 --> 00:00:08,000\nThe oven should be lit\n\n"
    "3\n00:00:08,100 --> 00:00:11,000\nbefore four, and again at noon.\n"
)
TICKETS = [json.dumps({"id": n, "text": f"order {n}: shelf {n} is empty"}) for n in range(1, 41)]
TICKETS[7] = '{"id": 8, "text": "cut'
ITEMS = [f"{n},Rod {n},{n * 13}" for n in range(1, 31)]
ITEMS[4] = '5,"Rod 5 inch,65'
FORMS = "".join(
    f"<li><a href='p{n}.pdf'>Paper P-{n}: {t}</a></li>" for n, t in ((4, "loss of a card"), (9, "early leave"))
)
LONG = "The pottery was founded in 1958 and has fired bricks for the whole valley ever since, with patience and care."

CASES = (
    Case("A2", "HTML", spanning, (line("Week 9", "Late", "Joris"),)),
    Case("A4", "HTML", written("wire.html", f"{HEAD}<article><h1>Wire</h1><p>The resistance of the wire is at least 10<sup>7</sup> ohm, "
         "the leak stays below 10<sup>-4</sup> bar.</p></article></body></html>"), (says("10^7 ohm", "10^-4 bar"),), (says("107 ohm"),)),
    Case("A4", "EPUB", epub, (says("current chart"),), (says("chart7"),)),
    *(Case("A9", name, mail(name), (says("Die Dichtung kommt am Dienstag – bitte die Tür öffnen."),),
           (says("=?utf-8"), says("=C3=BC"), lambda reading: "RGllIERpY2h0dW5n" in reading.text))
      for name in ("date.eml", "saved.mhtml", "export.doc")),
    Case("A10", "account data above a table", written("statement.csv", STATEMENT),
         (cell("Gas", "Amount", "-58.40"), says("CH00 77"))),
    Case("A12", "records of JSON", written("keys.json", json.dumps([{"gate": f"gate {n}", "key": f"hook {n // 3}"} for n in range(1, 21)])),
         (lambda reading: cell("gate 14", "key", "hook 4")(reading) or line("gate 14", "hook 4")(reading),)),
    Case("A12", "blocks of fields", written("keys.txt", "Gate: G-1\nKey: red 3\n\nGate: G-2\nKey: white 8\n"),
         (lambda reading: cell("G-2", "Key", "white 8")(reading) or line("G-2", "white 8")(reading),)),
    Case("B5", "a text about PDF", written("kinds.md", "# Kinds\n\nA PDF begins with `%PDF-1.7`, other files don't.\n"), (says("other files don't"),)),
    Case("B5", "code about PDF", written("marks.py", 'MARKS = {"pdf": b"%PDF-", "zip": b"PK"}\n'), (says("MARKS"),)),
    Case("B6", "one bad line", written("orders.jsonl", "\n".join(TICKETS) + "\n"), (says("order 7: shelf 7 is empty", "order 40: shelf 40 is empty"), noted("8"))),
    Case("B6", "JSON with comments", written("settings.json", '{\n  // size of letters\n  "font": 21,\n}\n'), (says("size of letters", "21"),)),
    Case("B7", "one stray byte", lambda folder: _stray(folder), (says(STRAY), says("Jürgen sieht"))),
    Case("C2", "iso-8859-1", written("fee.html", "<html><head><meta charset='iso-8859-1'></head><body><p>Der Eintritt kostet 38 €. Kinder – bis 12 – zahlen nichts.</p></body></html>", "cp1252"),
         (says("kostet 38 €", "Kinder – bis 12 –"),)),
    Case("C2", "Korean", written("kr.csv", "id,name,branch\n1,Han,인천지점\n2,Seo,광주지점\n", "cp949"), (says("인천지점", "광주지점"),), (says("牢"),)),
    Case("C3", "HTML", written("menu.html", f"{HEAD}<h1>菜单</h1><p><ruby>成<rp>(</rp><rt>chéng</rt><rp>)</rp></ruby><ruby>都<rp>(</rp><rt>dū</rt><rp>)</rp></ruby>"
         "小吃每份35元，须提前一天预订。</p></body></html>"), (says("成都小吃"),)),
    Case("C6", "pictures in Markdown", written("sheet.md", f"# Sheet\n\n![image](data:image/png;base64,{BLOB})\n\n<table><tr><td>Pump</td><td>Flow</td></tr>"
         "<tr><td>P-3</td><td>71</td></tr></table>\n"), (cell("P-3", "Flow", "71"),), (lambda reading: BLOB[100:200] in reading.text, says("<td>"))),
    Case("C6", "SpreadsheetML", written("costs.xls", SPREADSHEETML), (line("Towing", "47"),), (says("ss:Type"),)),
    Case("C6", "FB2", written("frost.fb2", FB2), (says("The frost broke the pump."),), (says("gribuser"),)),
    Case("C7", "a page named .pdf", written("guide.pdf", "<html><body><p>Please log in to download.</p></body></html>"),
         (lambda reading: bool(reading.refused) or noted("name")(reading) or noted(".pdf")(reading),)),
    Case("C7", "iWork", lambda folder: write_parts(folder / "letter.pages", {"Index/Document.iwa": b"x"}), (refused,), (says("Document.iwa"),)),
    Case("C8", "subtitles", written("talk.srt", CUES), (says("The oven should be lit before four, and again at noon."),)),
    Case("C8", "colours of a terminal", written("server.log", "".join(f"2027-03-01 10:00:{n:02} INFO job {n}\n" for n in range(30))
         + "2027-03-01 10:01:00 \x1b[31mERROR\x1b[0m E-88 disk full\n"), (says("ERROR E-88"),), (lambda reading: "[31m" in reading.text,)),
    Case("C10", "a short page", written("forms.html", f"{HEAD}<header><nav><ul><li><a href='/'>Start</a></li></ul></nav></header><main><h1>Papers</h1>"
         f"<p>Choose one.</p><ul>{FORMS}</ul></main><footer><address>Mill 3. Call 555 0192.</address></footer></body></html>"),
         (says("Paper P-9: early leave", "Mill 3. Call 555 0192."), lambda reading: any(one.strip("#*- ") == "Papers" for one in reading.lines))),
    Case("C10", "caption", written("kiln.html", f"{HEAD}<main><h1>Kiln</h1><p>{LONG}</p><figure><img src='x.png'><figcaption>Figure 2: the kiln, opened.</figcaption></figure></main></body></html>"),
         (says("Figure 2: the kiln, opened.", "Kiln The pottery"),)),
    Case("C10", "table of a short page", written("desk.html", f"{HEAD}<h1>Desk</h1><p>Valid in May.</p><table><tr><th>Day</th><th>Name</th></tr><tr><td>Friday</td><td>Olga</td></tr></table></body></html>"),
         (cell("Friday", "Name", "Olga"),)),
    Case("C11", "an unclosed quote", written("rods.csv", "No,Name,Price\n" + "\n".join(ITEMS) + "\n"), (cell("Rod 6", "Price", "78"), cell("Rod 30", "Price", "390"))),
    Case("C12", "EPUB", epub, (says("A knot of hemp holds for nine winters."),)),
)  # fmt: skip


def _stray(folder: Path) -> Path:
    (folder / "short.txt").write_bytes(STRAY.encode() + "Jürgen sieht zu.\n".encode("latin-1"))
    return folder / "short.txt"
