"""E-books and documents in XML: chapters of any type, marks of notes, merged cells."""

from __future__ import annotations

import zipfile

import pytest


def _epub(path, items: str, spine: str, parts: dict[str, str]):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="p.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "p.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>'
            f"{items}</manifest><spine>{spine}</spine></package>",
        )
        for name, body in parts.items():
            archive.writestr(name, f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>')
    return path


def test_epub(tmp_path, soundly):
    kinds = {
        "n": ("nav.xhtml", 'application/xhtml+xml" properties="nav'), "a": ("a.xhtml", "application/xhtml+xml"),
        "o": ("old.html", "text/x-oeb1-document"), "x": ("x.htm", "application/octet-stream"),
        "m": ("missing.xhtml", "application/xhtml+xml"), "p": ("p.pdf", "application/pdf"),
    }  # fmt: skip
    path = _epub(
        tmp_path / "x.epub",
        "".join(f'<item id="{key}" href="{name}" media-type="{kind}"/>' for key, (name, kind) in kinds.items()),
        "".join(f'<itemref idref="{key}"/>' for key in kinds),
        {
            "nav.xhtml": "<nav><h1>Contents</h1><ol><li>Tides</li></ol></nav>",
            "a.xhtml": "<h1>Tides</h1><p>A tide table<a href='#n'>1</a> and 10<sup>6</sup> waves.</p><p id='n'>1 Of brass.</p>",
            "old.html": "<h1>Ropes</h1><p>Hemp lasts six seasons.</p>", "x.htm": "<h1>Sails</h1><p>Of linen.</p>",
            "p.pdf": "",
        },
    )  # fmt: skip
    parsed = soundly(path)
    assert [page.label for page in parsed.pages] == ["Tides", "Ropes", "Sails"]
    assert "A tide table ¹ and 10^6 waves." in parsed.pages[0].text
    (note,) = parsed.notes
    assert "missing.xhtml" in note
    assert "p.pdf" in note


def test_fb2(tmp_path, soundly, blocks):
    (tmp_path / "x.fb2").write_text(
        '<?xml version="1.0"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"'
        ' xmlns:l="http://www.w3.org/1999/xlink"><description><title-info><book-title>The Storm</book-title></title-info>'
        "</description><body><section><title><p>One</p></title><p>It broke the mast<a l:href='#n1' type='note'>1</a>.</p>"
        "<poem><stanza><v>Wind,</v><v>and rain.</v></stanza></poem></section></body><body name='notes'><section id='n1'>"
        "<p>It was of pine.</p></section></body><binary id='x'>QUFBQQ==</binary></FictionBook>"
    )
    parsed = soundly(tmp_path / "x.fb2")
    assert parsed.title == "The Storm"
    assert ("paragraph", "It broke the mast ¹.") in blocks(parsed.pages[0])
    text = "\n".join(page.text for page in parsed.pages)
    assert "It was of pine." in text
    assert "QUFB" not in text


def test_notes_of_evernote_are_read_with_what_is_attached(tmp_path, soundly):
    note = "<note><title>{}</title><tag>house</tag><content><![CDATA[<?xml version='1.0'?><en-note>{}</en-note>]]></content>{}</note>"
    policy = "<resource><data encoding='base64'>UG9saWN5</data><resource-attributes><file-name>policy.txt</file-name></resource-attributes></resource>"
    (tmp_path / "x.enex").write_text(
        "<?xml version='1.0'?><!DOCTYPE en-export SYSTEM 'http://xml.evernote.com/pub/evernote-export4.dtd'><en-export>"
        + note.format("Boiler", "<div>Press <b>reset</b>&nbsp;twice.</div><ul><li>valve left</li></ul>", "")
        + note.format("车险", "<div>每年三月到期。</div>", policy)
        + "</en-export>"
    )
    parsed = soundly(tmp_path / "x.enex")
    assert [page.text for page in parsed.pages] == [
        "Boiler\n\ntag: house\n\nPress reset twice.\n\n- valve left",
        "车险\n\ntag: house\n\n每年三月到期。",
    ]
    (attached,) = parsed.attached
    assert (attached.name, attached.parsed.pages[0].text) == ("policy.txt", "Policy")


def test_places_of_a_map_are_read_and_a_track_by_its_times(tmp_path, soundly):
    (tmp_path / "x.kml").write_text(
        "<kml xmlns='http://www.opengis.net/kml/2.2'><Document><name>Lunch</name><Folder><name>North</name><Placemark><name>Rot</name>"
        "<description><![CDATA[Soup <b>8 euros</b>]]></description><ExtendedData><Data name='Closed'><value>Monday</value></Data>"
        "</ExtendedData><Point><coordinates>8.5,47.3,0</coordinates></Point></Placemark></Folder></Document></kml>"
    )
    places = soundly(tmp_path / "x.kml")
    assert places.title == "Lunch"
    assert places.pages[-1].text.endswith("Rot\n\nClosed: Monday\nposition: 47.3, 8.5\n\nSoup 8 euros")
    points = "".join(f"<trkpt lat='1' lon='2'><time>2026-05-01T08:{n}:00Z</time></trkpt>" for n in range(10, 60))
    (tmp_path / "x.gpx").write_text(
        f"<gpx><metadata><name>Lake</name></metadata><trk><name>Walk</name><trkseg>{points}</trkseg></trk></gpx>"
    )
    track = soundly(tmp_path / "x.gpx")
    assert track.title == "Lake"
    assert track.pages[0].text == "Walk\n\ntime: 2026-05-01T08:10:00Z – 2026-05-01T08:59:00Z"


def test_what_is_written_in_a_drawing_is_read(tmp_path, soundly):
    (tmp_path / "x.svg").write_text(
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><title>Second floor</title><style>.a{fill:red}</style>'
        '<g><text x="1" y="1">厨房</text><path d="M0 0"/><text><tspan x="1" y="5">Room 204</tspan>'
        '<tspan x="1" dy="9">Anna <tspan>Berg</tspan></tspan></text></g></svg>'
    )
    parsed = soundly(tmp_path / "x.svg")
    assert parsed.title == "Second floor"
    assert parsed.pages[0].text == "Second floor\n\n厨房\n\nRoom 204\nAnna Berg"


def test_spreadsheetml(tmp_path, soundly):
    def row(*cells: str, at: str = "") -> str:
        return f"<Row{at}>{''.join(cells)}</Row>"

    def cell(text: str, more: str = "") -> str:
        return f'<Cell{more}><Data ss:Type="String">{text}</Data></Cell>'

    table = (
        row(cell("Region"), cell("Branch"), cell("Staff"))
        + row(cell("North", ' ss:MergeDown="1"'), cell("Oslo"), cell("12"))
        + row(cell("Bergen", ' ss:Index="2"'), cell("7"))
    )
    (tmp_path / "report.xls").write_text(
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook'
        ' xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Staff"><Table>{table}</Table></Worksheet></Workbook>'
    )
    parsed = soundly(tmp_path / "report.xls")
    assert parsed.pages[0].label == "Staff"
    assert "| North | Bergen | 7 |" in parsed.pages[0].text


NS = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("style", "style"),
    )
)


def _odf(path, kind: str, body: str, styles: str = "", header: str = ""):
    inside = "drawing" if kind == "graphics" else kind
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr(
            "content.xml",
            f"<office:document-content {NS}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{inside}>{body}</office:{inside}></office:body></office:document-content>",
        )
        archive.writestr(
            "styles.xml",
            f"<office:document-styles {NS}><office:master-styles><style:master-page><style:header>{header}"
            "</style:header></style:master-page></office:master-styles></office:document-styles>",
        )
    return path


def test_odt(tmp_path, soundly, blocks):
    parsed = soundly(
        _odf(
            tmp_path / "x.odt",
            "text",
            '<text:tracked-changes><text:p>Deleted.</text:p></text:tracked-changes><text:h text:outline-level="1">年假</text:h>'
            '<text:p>At least 10<text:span text:style-name="T1">6</text:span> ohm<text:note><text:note-citation>1'
            "</text:note-citation><text:note-body><text:p>Measured dry.</text:p></text:note-body></text:note>.</text:p>"
            "<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>two</text:p>"
            "</text:list-item></text:list></text:list-item></text:list><text:p>Box:<draw:frame><draw:text-box>"
            "<text:p>Never open valve 3.</text:p></draw:text-box></draw:frame><draw:frame><draw:image/></draw:frame></text:p>"
            "<table:table><table:table-row><table:table-cell><text:p>Department</text:p></table:table-cell><table:table-cell>"
            "<text:p>Shift</text:p></table:table-cell></table:table-row><table:table-row>"
            '<table:table-cell table:number-rows-spanned="2"><text:p>Warehouse</text:p></table:table-cell><table:table-cell>'
            "<text:p>Day</text:p></table:table-cell></table:table-row><table:table-row><table:covered-table-cell/>"
            "<table:table-cell><text:p>Night</text:p></table:table-cell></table:table-row></table:table>",
            '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>',
            "<text:p>Instruction QM-114</text:p>",
        )
    )
    found = blocks(parsed.pages[0])
    assert ("heading1", "年假") in found
    assert ("paragraph", "At least 10^6 ohm ¹ [Measured dry.].") in found
    assert ("list", "- one\n  - two") in found
    assert ("paragraph", "Never open valve 3.") in found
    assert ("table", "| Department | Shift |\n| --- | --- |\n| Warehouse | Day |\n| Warehouse | Night |") in found
    assert any("Instruction QM-114" in text for _, text in found)
    assert "Deleted" not in parsed.pages[0].text
    assert len(parsed.notes) == 1


def test_numbers_that_lists_and_headings_of_odt_show(tmp_path, soundly, blocks):
    def level(
        n: int, form: str, before: str = "", behind: str = "", shown: int = 1, kind: str = "list-level-style-number"
    ) -> str:
        return (
            f'<text:{kind} text:level="{n}" style:num-format="{form}" style:num-prefix="{before}" style:num-suffix="{behind}"'
            f' text:display-levels="{shown}"/>'
        )

    def items(style: str, *inner: str, more: str = "") -> str:
        named = f'text:style-name="{style}"' if style else ""
        return f"<text:list {named}{more}>{''.join(f'<text:list-item>{one}</text:list-item>' for one in inner)}</text:list>"

    p = "<text:p>{}</text:p>".format
    styles = (
        f'<text:list-style style:name="Law">{level(1, "一, 二, 三, ...", "第", "条")}</text:list-style>'
        f'<text:list-style style:name="Deed">{level(1, "1", behind=".")}{level(2, "a", "(", ")")}{level(3, "1", shown=3)}'
        "</text:list-style>"
        f"<text:outline-style>{level(1, '1', behind='.', kind='outline-level-style')}</text:outline-style>"
    )
    body = (
        '<text:h text:outline-level="1">Rent</text:h>'
        + items("Law", p("出租方应当交付房屋。"), p("承租方应当支付押金。"))
        + items("Deed", p("Delivery") + items("", p("clean"), p("dry") + items("", p("all of it")))) + items("Deed", p("Payment"), more=' text:continue-numbering="true"')
        + items("None", p("a point")) + '<text:h text:outline-level="1">Costs</text:h>'
    )  # fmt: skip
    found = blocks(soundly(_odf(tmp_path / "x.odt", "text", body, styles)).pages[0])
    found += blocks(soundly(_odf(tmp_path / "x.odt", "text", body, styles)).pages[-1])
    assert ("heading1", "1. Rent") in found
    assert ("heading1", "2. Costs") in found
    assert ("paragraph", "第二条 承租方应当支付押金。") in found
    assert ("list", "1. Delivery\n  (a) clean\n  (b) dry") in found
    assert ("paragraph", "1.b.1 all of it") in found
    assert ("list", "2. Payment") in found
    assert ("list", "- a point") in found


def test_notes_on_cells_of_ods_and_boxes_of_odp_stand_where_they_belong(tmp_path, soundly):
    cell = "<table:table-cell>{}<text:p>{}</text:p></table:table-cell>".format
    noted = cell(
        "<office:annotation xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:creator>Eva</dc:creator><text:p>estimated</text:p></office:annotation>",
        "219",
    )
    rows = f"<table:table-row>{cell('', 'Pump')}{cell('', 'Sold')}</table:table-row><table:table-row>{cell('', 'A')}{noted}</table:table-row>"
    parsed = soundly(_odf(tmp_path / "x.ods", "spreadsheet", f'<table:table table:name="S">{rows}</table:table>'))
    assert "| A | 219 [Eva: estimated] |" in parsed.pages[0].text
    svg = 'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    box = f'<draw:frame {svg} svg:x="{{}}cm" svg:y="{{}}cm" svg:width="9cm" svg:height="2cm"><draw:text-box><text:p>{{}}</text:p></draw:text-box></draw:frame>'.format
    parsed = soundly(
        _odf(
            tmp_path / "x.odp",
            "presentation",
            f"<draw:page>{box(14, 5, 'Right')}{box(1, 5.1, 'Left')}{box(1, 1, 'Top')}</draw:page>",
        )
    )
    assert parsed.pages[0].text == "Top\n\nLeft\n\nRight"


def test_a_day_in_ods_is_written_as_everywhere(tmp_path, soundly):
    cell = '<table:table-cell office:value-type="date" office:date-value="{}"><text:p>{}</text:p></table:table-cell>'.format
    cells = cell("2026-03-04", "04/03/26"), cell("2026-03-04T17:05:00", "4.3. 17:05"), cell("2026-03-04", "Mittwoch")
    rows = f"<table:table-row>{''.join(cells)}</table:table-row>" * 2
    parsed = soundly(_odf(tmp_path / "x.ods", "spreadsheet", f'<table:table table:name="S">{rows}</table:table>'))
    assert parsed.pages[0].text.endswith("| 2026-03-04 | 2026-03-04 17:05:00 | Mittwoch |")


def test_a_formula_of_ods_without_a_value_is_shown_and_said(tmp_path, soundly):
    cells = (
        "<table:table-cell><text:p>Sum</text:p></table:table-cell>"
        '<table:table-cell table:formula="of:=SUM([.B1:.B2])"/>'
        '<table:table-cell table:formula="of:=IF([.A1];1;&quot;&quot;)" office:value-type="string"/>'
    )
    rows = f"<table:table-row>{cells}</table:table-row>" * 2
    parsed = soundly(_odf(tmp_path / "x.ods", "spreadsheet", f'<table:table table:name="S">{rows}</table:table>'))
    assert parsed.pages[0].text.count("=SUM([.B1:.B2])") == 2
    assert "IF" not in parsed.pages[0].text
    assert any("Formulas without a stored value: 2" in note for note in parsed.notes)


def test_ods_odp_and_odg(tmp_path, soundly):
    def row(*cells: str) -> str:
        return "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)

    sheet = (
        f'<table:table table:name="Costs"><table:table-row>{row("Kind", "Sum")}</table:table-row><table:table-row>'
        f'{row("Insurance", "31.00 €")}</table:table-row><table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    parsed = soundly(_odf(tmp_path / "x.ods", "spreadsheet", sheet))
    assert (parsed.pages[0].label, parsed.pages[0].text) == (
        "Costs", "| Kind | Sum |\n| --- | --- |\n| Insurance | 31.00 € |",
    )  # fmt: skip
    slide = "<draw:page><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame></draw:page>"
    parsed = soundly(_odf(tmp_path / "x.odp", "presentation", slide.format("Sales up") + slide.format("Costs down")))
    assert [page.text for page in parsed.pages] == ["Sales up", "Costs down"]
    parsed = soundly(_odf(tmp_path / "x.odg", "graphics", slide.format("Valve V3 shuts at 6 bar")))
    assert [page.text for page in parsed.pages] == ["Valve V3 shuts at 6 bar"]


def test_opendocument_in_one_file(tmp_path, soundly):
    body = '<table:table table:name="Stock"><table:table-row><table:table-cell><text:p>Bolts</text:p></table:table-cell></table:table-row></table:table>'
    for name, kind, inside in (("x.fods", "spreadsheet", body), ("x.fodt", "text", f"<text:p>库存</text:p>{body}")):
        mime = f'office:mimetype="application/vnd.oasis.opendocument.{kind}"'
        (tmp_path / name).write_text(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {NS} {mime}><office:meta/><office:body><office:{kind}>{inside}'
            f"</office:{kind}></office:body></office:document>",
            "utf-8",
        )
        parsed = soundly(tmp_path / name)
        assert parsed.media_type.endswith(kind)
        assert "Bolts" in parsed.pages[0].text
        assert "office:" not in parsed.pages[0].text
        assert not parsed.notes


def test_charts_shapes_and_files_within_opendocument(tmp_path, soundly):
    link = "xmlns:xlink='http://www.w3.org/1999/xlink' xlink:href"
    shown = (
        f"<draw:frame><draw:{{}} {link}='./{{}}'/><draw:image {link}='./ObjectReplacements/{{}}'/></draw:frame>".format
    )
    shape = "<draw:custom-shape><text:p>Never open valve 3.</text:p></draw:custom-shape>"
    body = f"<text:p>Sales{shape}{shown('object', 'Object 1', 1)}{shown('object-ole', 'Object 2', 2)}{shown('object', 'Object 3', 3)}</text:p>"
    path = _odf(tmp_path / "x.odt", "text", body)
    rows = "".join(
        f"<table:table-row><table:table-cell><text:p>{a}</text:p></table:table-cell><table:table-cell><text:p>{b}</text:p></table:table-cell></table:table-row>"
        for a, b in (("Year", "Night shift"), ("2024", "7.9"), ("2025", "6.3"))
    )
    with zipfile.ZipFile(path, "a") as archive:
        # One that holds itself is read once.
        chart = f"<table:table>{rows}</table:table>{shown('object', 'Object 1', 1)}"
        archive.writestr(
            "Object 1/content.xml",
            f"<office:document-content {NS}><office:body>{chart}</office:body></office:document-content>",
        )
        fraction = "<mfrac><mi>a</mi><mi>b</mi></mfrac><mo>=</mo><mn>4</mn>"
        archive.writestr(
            "Object 3/content.xml",
            f'<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow>{fraction}</mrow><annotation encoding="StarMath 5.0">{{a}} over {{b}} = 4</annotation></semantics></math>',
        )
        archive.writestr("Object 2", b"The offer holds until 4 May.")
    parsed = soundly(path)
    assert "Never open valve 3." in parsed.pages[0].text
    assert "| 2025 | 6.3 |" in parsed.pages[0].text
    assert parsed.pages[0].text.endswith("a/b=4")
    assert parsed.pages[0].text.count("Night shift") == 1
    assert [one.parsed.pages[0].text for one in parsed.attached] == ["The offer holds until 4 May."]


@pytest.mark.parametrize("kept", ["", "75"])
def test_what_was_deleted_with_changes_tracked_is_no_text(tmp_path, soundly, kept):
    region = '<text:changed-region text:id="c{}"><text:{}/></text:changed-region>'.format
    change = '<text:change-start text:change-id="c{0}"/>{1}<text:change-end text:change-id="c{0}"/>'.format
    body = (
        f"<text:tracked-changes>{region(1, 'insertion' if kept else 'deletion')}{region(2, 'insertion')}</text:tracked-changes>"
        f"<text:p>工期{change(1, '7<text:span>5</text:span>')}{change(2, '60')}天。</text:p>"
    )
    assert soundly(_odf(tmp_path / "x.odt", "text", body)).pages[0].text == f"工期{kept}60天。"
