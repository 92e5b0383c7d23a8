"""Small real files of every format, written by the libraries their users would use, and PDFs by hand."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ingest.documents import Page, Parsed


def write_pdf(
    path: Path,
    pages: Sequence[Sequence[str]],
    outline: Sequence[tuple[int, int, str]] = (),
    info: str = "",
    extra: str = "",
) -> Path:
    """A PDF with lines of text, Latin and Chinese; a page that is `None` holds a picture alone.

    `outline`: (page from 0, level from 1, title); only levels 1 and 2.
    """
    objects: list[bytes] = []

    def add(body: str | bytes) -> int:
        objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(objects)

    catalog, tree = add(""), add("")
    latin = add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    descriptor = add(
        "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        "/Ascent 752/Descent -271/CapHeight 737/StemV 58>>"
    )
    descendant = add(
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)"
        f"/Ordering(GB1)/Supplement 2>>/FontDescriptor {descriptor} 0 R/DW 1000>>"
    )
    chinese = add(
        f"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[{descendant} 0 R]>>"
    )
    picture = add(
        b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
        b"\nstream\n\x80\nendstream"
    )
    kids = []
    for lines in pages:
        if lines is None:
            content = "q 400 0 0 400 100 100 cm /Im Do Q"
        else:
            content = "BT 12 TL 60 780 Td\n"
            for line in lines:
                if line.isascii():
                    escaped = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
                    content += f"/L 9 Tf ({escaped}) Tj T*\n"
                else:
                    content += f"/C 9 Tf <{line.encode('utf-16-be').hex()}> Tj T*\n"
            content += "ET"
        stream = add(f"<</Length {len(content)}>>\nstream\n{content}\nendstream")
        kids.append(
            add(
                f"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 595 842]/Contents {stream} 0 R/Resources"
                f"<</Font<</L {latin} 0 R/C {chinese} 0 R>>/XObject<</Im {picture} 0 R>>>>>>"
            )
        )
    objects[tree - 1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{k} 0 R' for k in kids)}]>>".encode()
    marks = ""
    if outline:
        marks = f"/Outlines {_outline(objects, add, kids, outline)} 0 R"
    objects[catalog - 1] = f"<</Type/Catalog/Pages {tree} 0 R{marks}{extra}>>".encode()
    trailer = ""
    if info:
        number = add("<</Title<feff" + info.encode("utf-16-be").hex() + ">>>")
        trailer = f"/Info {number} 0 R"
    data = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    data += f"trailer\n<</Size {len(objects) + 1}/Root {catalog} 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(data)
    return path


def _outline(
    objects: list[bytes], add: Callable[[str], int], kids: Sequence[int], outline: Sequence[tuple[int, int, str]]
) -> int:
    root = add("")
    numbers = [add("") for _ in outline]
    parents: list[int] = []
    top = root
    for (_, level, _), number in zip(outline, numbers, strict=True):
        parents.append(root if level == 1 else top)
        top = number if level == 1 else top
    for n, (page, _, title) in enumerate(outline):
        same = [m for m, parent in zip(numbers, parents, strict=True) if parent == parents[n]]
        at = same.index(numbers[n])
        under = [m for m, parent in zip(numbers, parents, strict=True) if parent == numbers[n]]
        body = f"<</Title<feff{title.encode('utf-16-be').hex()}>/Parent {parents[n]} 0 R/Dest[{kids[page]} 0 R/Fit]"
        body += f"/Prev {same[at - 1]} 0 R" if at else ""
        body += f"/Next {same[at + 1]} 0 R" if at + 1 < len(same) else ""
        body += f"/First {under[0]} 0 R/Last {under[-1]} 0 R/Count {len(under)}" if under else ""
        objects[numbers[n] - 1] = (body + ">>").encode()
    first = [m for m, parent in zip(numbers, parents, strict=True) if parent == root]
    objects[root - 1] = f"<</Type/Outlines/First {first[0]} 0 R/Last {first[-1]} 0 R/Count {len(first)}>>".encode()
    return root


def write_epub(path: Path, chapters: Sequence[str], title: str = "A Book") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        )
        items = "".join(
            f'<item id="c{n}" href="text/c%20{n}.xhtml" media-type="application/xhtml+xml"/>'
            for n in reversed(range(len(chapters)))
        )
        order = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
        archive.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{order}</spine></package>",
        )
        for n, chapter in enumerate(chapters):
            archive.writestr(
                f"OEBPS/text/c {n}.xhtml",
                f'<?xml version="1.0" encoding="utf-8"?><html><head><title>x</title></head><body>{chapter}</body></html>',
            )
    return path


def assert_sound(parsed: Parsed) -> None:
    """What holds for every loader: numbered pages; ordered blocks, within the text, that leave out nothing."""
    assert parsed.title.strip()
    assert [page.number for page in parsed.pages] == list(range(1, len(parsed.pages) + 1))
    for page in parsed.pages:
        assert_covered(page)


def assert_covered(page: Page) -> None:
    at = 0
    for block in page.blocks:
        assert at <= block.start < block.end <= len(page.text)
        assert not page.text[at : block.start].strip()
        assert page.text[block.start : block.end].strip()
        assert (block.level > 0) == (block.kind == "heading")
        at = block.end
    assert not page.text[at:].strip()


def kinds(page: Page) -> list[tuple[str, str]]:
    """(kind, text) of each block; headings with their level, 'heading1'."""
    return [(f"{b.kind}{b.level or ''}", page.text[b.start : b.end]) for b in page.blocks]


@pytest.fixture
def soundly() -> Callable[[Path], Parsed]:
    """`load`, with everything checked that holds for every loader."""
    from ingest.loaders import load

    def load_soundly(path: Path) -> Parsed:
        parsed = load(path)
        assert_sound(parsed)
        return parsed

    return load_soundly


@pytest.fixture
def pdf() -> Callable[..., Path]:
    return write_pdf


@pytest.fixture
def epub() -> Callable[..., Path]:
    return write_epub


@pytest.fixture
def blocks() -> Callable[[Page], list[tuple[str, str]]]:
    return kinds


@pytest.fixture
def sound() -> Callable[[Parsed], None]:
    return assert_sound
