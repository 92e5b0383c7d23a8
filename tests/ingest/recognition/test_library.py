"""A scan in a library: read in the worker process, found, kept, read again once somebody can, forgotten."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from ingest import open_library
from ingest.documents import Parsed
from ingest.parsing import Parser
from ingest.pipeline.run import Version
from ingest.recognition import Recognition
from ingest.settings import Settings
from tests.ingest.recognition.conftest import written

pytest.importorskip("rapidocr", reason="the extra 'ocr' is not installed")
HASHING = Settings(embedder="hashing")


def test_a_scan_is_read_once_somebody_can_and_is_forgotten_with_its_last_copy(tmp_path) -> None:
    folder, home = tmp_path / "docs", tmp_path / "home"
    folder.mkdir()
    (folder / "note.md").write_text("The valve was replaced in April.")
    written("The pump moves 35 litres.").save(folder / "scan.pdf", resolution=72)
    with_none = open_library(home, replace(HASHING, ocr="off"))
    report = with_none.add([folder])
    assert any("ocr" in note for added in report.added for note in added.notes)
    with_none.close()

    library = open_library(home, HASHING)
    report = library.add([folder])
    assert (report.unchanged, len(report.updated)) == (1, 1), "the scan alone is read again"
    assert library.add([folder]).unchanged == 2
    (hit, *_) = library.search("how many litres does the pump move")
    assert "35 litres" in hit.text
    (place,) = library.page_places(hit.document_id, hit.page)
    assert place.text == "The pump moves 35 litres."
    assert 0 < place.corners[0] < place.corners[2] < 1
    (folder / "copy.pdf").write_bytes((folder / "scan.pdf").read_bytes())
    library.add([folder])
    assert library.page_places(library.document("copy.pdf").id, 1) == (place,)
    assert library.pages(library.document("copy.pdf").id)[0].places == (place,)
    kept = home / "ocr"
    library.remove(["scan.pdf"])
    assert list(kept.rglob("*.json")), "the copy is still there"
    library.remove(["copy.pdf"])
    assert not list(kept.rglob("*.json"))
    library.close()


def test_a_pdf_that_was_read_from_its_text_is_read_again_where_recognition_is_forced() -> None:
    auto, forced = Version("3", "rapidocr 3.10"), Version("3", "rapidocr 3.10", force=True)
    plain, scan = (Parsed("t", "application/pdf", (), recognition=scanned) for scanned in (False, True))
    assert auto.of(plain, "a.pdf") in auto.accepted("a.pdf")
    assert auto.of(plain, "a.pdf") not in forced.accepted("a.PDF")
    assert auto.of(plain, "a.md") in forced.accepted("a.md")
    assert forced.of(scan, "a.pdf") in forced.accepted("a.pdf")
    assert forced.of(scan, "a.pdf") not in auto.accepted("a.pdf")
    assert Version("3").of(scan, "a.pdf") not in auto.accepted("a.pdf")


def test_every_page_that_is_recognised_gives_the_file_its_time_anew(tmp_path) -> None:
    (tmp_path / "slow_loader.py").write_text(
        "import time\n"
        "from ingest.documents import Page, Parsed\n"
        "def load(path, *, recogniser):\n"
        "    for _ in range(4):\n"
        "        time.sleep(0.5)\n"
        "        if path.name == 'scan': recogniser._alive()\n"
        "    return Parsed(path.name, 'text/plain', (Page(1, 'read'),))\n"
    )
    files = [tmp_path / name for name in ("scan", "endless")]
    for file in files:
        file.write_text("x")
    sys.path.insert(0, str(tmp_path))
    try:
        with Parser(1, 1.2, 0, load="slow_loader:load", recognition=Recognition("off")) as parser:
            found = {path.name: outcome for path, outcome in parser.parse(files)}
    finally:
        sys.path.remove(str(tmp_path))
    assert isinstance(found["scan"], Parsed)
    assert not isinstance(found["endless"], Parsed)
