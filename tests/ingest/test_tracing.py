"""How a document was read is kept, told, and can be had otherwise for one document."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from ingest import open_library, speaking
from ingest.cli import main
from ingest.documents import Trace
from ingest.loaders import LOADERS, load
from ingest.settings import Settings
from ingest.tracing import told_trace
from tests.ingest.loaders.conftest import write_pdf


def test_each_page_that_is_not_simply_text_is_told(tmp_path: Path) -> None:
    trace = load(write_pdf(tmp_path / "a.pdf", [["A page with text."], [], None, ["The end."]])).trace
    assert (trace.loader, trace.ocr, trace.pages) == ("pdf", "off", ((2, "blank"), (3, "unread")))
    assert trace.library.startswith("pypdfium2 ")
    (tmp_path / "b.md").write_text("# Title\n\nText.\n")
    assert load(tmp_path / "b.md").trace.library.startswith("markdown-it-py ")


def test_pages_are_told_in_runs_and_in_both_languages() -> None:
    trace = Trace(
        "pdf", "pypdfium2 5", "auto", 1.24, ((1, "recognised"), (3, "recognised"), (4, "recognised"), (7, "blank"))
    )
    assert told_trace(trace) == (
        "read as pdf · pypdfium2 5 · OCR auto · 1.2 s · page 1, 3–4: text recognised (OCR)"
        " · page 7: empty: nothing is written on it"
    )
    with speaking("zh"):
        assert "第 1, 3–4 页：文本来自文字识别" in told_trace(trace)


def test_every_format_has_a_loader_that_is_there() -> None:
    from importlib import import_module
    from typing import get_args

    from ingest.loaders.sniff import Format

    assert set(LOADERS) == set(get_args(Format))
    for name, _, _ in LOADERS.values():
        module, _, function = name.partition(":")
        assert callable(getattr(import_module(f"ingest.loaders.{module}"), function))


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    write_pdf(tmp_path / "docs" / "a.pdf", [["The pump is checked every 14 days."], []])
    (tmp_path / "docs" / "b.txt").write_text("Another one.")
    return tmp_path / "docs"


def test_one_document_is_read_otherwise_until_its_file_changes(tmp_path: Path, docs: Path) -> None:
    with closing(open_library(tmp_path / "home", Settings(embedder="hashing"))) as library:

        def ocr() -> str:
            trace = library.trace(library.document("a.pdf").id)
            assert trace is not None
            return trace.ocr

        library.add([docs])
        assert ocr() == "auto"
        report = library.add([docs / "a.pdf"], ocr="off")
        assert (len(report.updated), ocr()) == (1, "off")
        assert library.add([docs], prune=True).unchanged == 2
        assert ocr() == "off"
        library.add([docs / "a.pdf"], ocr="auto")
        library.add([docs / "a.pdf"], ocr="off")
        write_pdf(docs / "a.pdf", [["The pump is checked every 30 days."]])
        assert len(library.add([docs]).updated) == 1
        assert ocr() == "auto"


def test_the_command_takes_a_documents_name_and_shows_how_it_was_read(
    tmp_path: Path, docs: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    monkeypatch.chdir(tmp_path)
    assert main(["add", str(docs)]) == 0
    assert main(["add", "a.pdf", "--ocr", "off", "--json"]) == 0
    capsys.readouterr()
    assert main(["show", "a.pdf", "--json"]) == 0
    trace = json.loads(capsys.readouterr().out)["trace"]
    assert (trace["ocr"], trace["loader"], trace["pages"]) == ("off", "pdf", {"2": "blank"})
    assert main(["show", "a.pdf"]) == 0
    assert "page 2: empty: nothing is written on it" in capsys.readouterr().out
    assert main(["add", "nowhere.pdf", "--ocr", "off"]) != 0
