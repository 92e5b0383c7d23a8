"""Mail of Outlook: headers, text, attachments, mail within mail; and old Office files."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import textwrap

import docx
import pytest

from ingest.errors import LoadError
from ingest.loaders import load
from ingest.loaders.outlook import _DICTIONARY, decompressed
from tests.ingest.loaders.ole_files import msg_files, text, write_ole


def attachment(name, data, n=0):
    place = f"__attach_version1.0_#{n:08X}"
    files = {"__properties_version1.0": bytes(8), "__substg1.0_37010102": data, **text("3707", name)}
    return {f"{place}/{key}": value for key, value in files.items()}


def test_a_mail_of_outlook_with_its_attachments(tmp_path, soundly):
    ticks = (1_790_000_000 + 11_644_473_600) * 10**7
    files = msg_files("出差安排", "请于周五前提交报销单。", fixed={0x39: (0x40, ticks)}, more={
        **text("0C1A", "张三"), **text("5D01", "zhang@example.com"), **text("0E04", "李四"),
        **attachment("标准.csv", "城市,住宿\n北京,800\n".encode()), **attachment("x.bin", b"\x7fELF" + bytes(60), 1),
    })  # fmt: skip
    parsed = soundly(write_ole(tmp_path / "x.msg", files))
    assert (parsed.title, parsed.media_type) == ("出差安排", "application/vnd.ms-outlook")
    (mail,), (table,) = parsed.pages, parsed.attached
    assert "From: 张三 <zhang@example.com>" in mail.text
    assert "To: 李四" in mail.text
    assert "2026" in mail.text
    assert "请于周五前提交报销单。" in mail.text
    assert table.name == "标准.csv"
    assert "| 北京 | 800 |" in table.parsed.pages[0].text
    assert any("x.bin" in note for note in parsed.notes)


def test_a_mail_within_a_mail_and_one_of_an_old_code_page(tmp_path, soundly):
    inner = {"__properties_version1.0": bytes(24), **text("0037", "Inner"), **text("1000", "The bill is 480.")}
    place = "__attach_version1.0_#00000000"
    files = {
        "__properties_version1.0": bytes(32) + b"\x03\0\xfd\x3f" + bytes(4) + (936).to_bytes(8, "little"),
        "__substg1.0_0037001E": "转发：账单".encode("gbk"), "__substg1.0_1000001E": "见附件。".encode("gbk"),
        f"{place}/__properties_version1.0": bytes(8) + b"\x03\0\x05\x37" + bytes(4) + (5).to_bytes(8, "little"),
        **{f"{place}/__substg1.0_3701000D/{key}": value for key, value in inner.items()},
    }  # fmt: skip
    parsed = soundly(write_ole(tmp_path / "x.msg", files))
    assert parsed.title == "转发：账单"
    assert "见附件。" in parsed.pages[0].text
    assert "The bill is 480." in parsed.pages[1].text


def test_a_mail_whose_text_is_compressed_rtf_alone(tmp_path, soundly):
    body = rb"{\rtf1\ansi\fromhtml1 {\*\htmltag <p>}\htmlrtf \par \htmlrtf0 Leave is ten days.\par}"
    packed = (len(body) + 12).to_bytes(4, "little") + len(body).to_bytes(4, "little") + b"MELA" + bytes(4) + body
    files = {"__properties_version1.0": bytes(32), **text("0037", "Leave"), "__substg1.0_10090102": packed}
    assert "Leave is ten days." in soundly(write_ole(tmp_path / "x.msg", files)).pages[0].text


def test_rtf_is_decompressed_as_the_specification_has_it():
    # [MS-OXRTFCP] 3.1, examples 1 and 2.
    one = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompressed(one) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    two = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompressed(two) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    assert len(_DICTIONARY) == 207


def test_an_encrypted_and_a_damaged_file_of_this_container(tmp_path):
    with pytest.raises(LoadError, match="password"):
        load(write_ole(tmp_path / "x.docx", {"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(20)}))
    (tmp_path / "y.doc").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    with pytest.raises(LoadError, match="damaged"):
        load(tmp_path / "y.doc")


@pytest.mark.parametrize(("stream", "said", "target"), [
    ("WordDocument", "Word 97", "DOCX"), ("Workbook", "Excel 97", "XLSX"), ("PowerPoint Document", "PowerPoint 97", "PPTX"),
])  # fmt: skip
def test_without_libreoffice_an_old_file_is_told_what_to_do(tmp_path, monkeypatch, stream, said, target):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ingest.loaders.office97._PLACES", ())
    with pytest.raises(LoadError, match=said) as caught:
        load(write_ole(tmp_path / "x.bin", {stream: bytes(5000)}))
    assert "LibreOffice" in caught.value.hint.en
    assert target in caught.value.hint.zh


@pytest.mark.skipif(os.name != "posix", reason="a program in place of LibreOffice, as a shell starts it")
def test_libreoffice_converts_within_its_time(tmp_path, monkeypatch, soundly):
    document = docx.Document()
    document.add_paragraph("员工每年享有十天年假。")
    document.save(tmp_path / "made.docx")
    program = tmp_path / "soffice"
    program.write_text(
        textwrap.dedent(f"""\
        #!{sys.executable}
        import pathlib, shutil, sys, time, urllib.parse
        folder = pathlib.Path(sys.argv[sys.argv.index("--outdir") + 1])
        profile = pathlib.Path(urllib.parse.urlsplit(sys.argv[1].partition("=")[2]).path)
        assert "DisableMacrosExecution" in (profile / "user/registrymodifications.xcu").read_text()
        if pathlib.Path({str(tmp_path)!r}, "hang").exists():
            time.sleep(60)
        assert sys.argv[sys.argv.index("--convert-to") + 1] == "docx"
        shutil.copy({str(tmp_path / "made.docx")!r}, folder / (pathlib.Path(sys.argv[-1]).stem + ".docx"))
    """)
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    old = write_ole(tmp_path / "制度.doc", {"WordDocument": bytes(5000)})
    parsed = soundly(old)
    assert parsed.title == "制度"
    assert parsed.pages[0].text == "员工每年享有十天年假。"
    assert "LibreOffice" in parsed.notes[0]
    (tmp_path / "hang").touch()
    monkeypatch.setattr("ingest.loaders.office97.SECONDS", 1)
    with pytest.raises(LoadError, match="could not convert"):
        load(old)


@pytest.mark.parametrize(("name", "stream", "data"), [
    ("x.doc", "WordDocument", bytes(10) + b"\xf0\x13" + bytes(5000)),
    ("x.xls", "Workbook", b"\x09\x08\x04\0" + bytes(4) + b"\x2f\0" + bytes(5000)),
])  # fmt: skip
def test_an_old_file_with_a_password_is_told_as_such(tmp_path, name, stream, data):
    with pytest.raises(LoadError, match="password"):
        load(write_ole(tmp_path / name, {stream: data}))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_the_real_libreoffice_converts_two_files_at_once(tmp_path):
    import subprocess
    from concurrent.futures import ThreadPoolExecutor

    # An RTF under the name .doc is no old file; LibreOffice itself has to make one first.
    (tmp_path / "a.txt").write_text("Ten days of leave.")
    (tmp_path / "b.csv").write_text("Tool,Price\nCrane,1480\n")
    for source, target in (("a.txt", "doc"), ("b.csv", "xls")):
        subprocess.run(
            ["soffice", f"-env:UserInstallation={(tmp_path / 'p').as_uri()}", "--headless", "--convert-to", target,
             "--outdir", str(tmp_path), str(tmp_path / source)], check=True, timeout=120,
        )  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        text, sheet = pool.map(load, [tmp_path / "a.doc", tmp_path / "b.xls"])
    assert "Ten days of leave." in text.pages[0].text
    assert "| Crane | 1480 |" in sheet.pages[0].text
    assert (text.media_type, text.trace.library) == ("application/msword", "LibreOffice")
