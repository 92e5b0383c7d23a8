from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ingest import open_library
from ingest.cli import main
from ingest.cli.bar import clock, line
from ingest.cli.drawing import harmless
from ingest.language import speak
from ingest.progress import Progress
from ingest.settings import Settings
from tests.pristine import Pristine

REPORT = {
    "kb",
    "added",
    "updated",
    "unchanged",
    "removed",
    "failed",
    "skipped",
    "seconds",
    "pages_per_second",
    "embedded_chunks",
}
HIT = {"rank", "score", "document", "path", "page", "section", "start", "end", "text", "dense", "lexical"}


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    yield
    speak(None)


def written(place: Path) -> Path:
    folder = place / "docs"
    folder.mkdir()
    (folder / "leave.md").write_text("# 年假\n\n员工入职满一年后享有十五天年假。", "utf-8")
    (folder / "travel.md").write_text("# Travel\n\nA hotel may cost [red]120[/red] euros\x1b[31m a night.", "utf-8")
    return folder


def made(place: Path) -> None:
    with closing(open_library(place / "home", Settings(embedder="hashing"))) as library:
        library.add([written(place)])


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    return Pristine(tmp_path_factory.mktemp("filled"), made)


@pytest.fixture
def filled(pristine: Pristine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documents of a library that already holds them."""
    place = pristine.restored()
    monkeypatch.setenv("ZHIKU_HOME", str(place / "home"))
    return place / "docs"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):
    def run(*args: object) -> tuple[int, str, str]:
        status = main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_add_reports_as_the_contract_says(call, docs: Path) -> None:
    (docs / "empty.txt").touch()
    (docs / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing")
    status, out, _ = call("add", docs, "--json")
    report = json.loads(out)
    assert status == 1
    assert set(report) == REPORT
    assert [set(a) for a in report["added"]] == [{"document", "pages", "chunks", "sha256", "seconds"}] * 2
    assert [set(f) for f in report["failed"]] == [{"path", "reason", "hint"}]
    assert [set(s) for s in report["skipped"]] == [{"path", "reason"}]
    (docs / "bad.pdf").unlink()
    status, out, _ = call("add", docs, "--json")
    assert (status, json.loads(out)["unchanged"]) == (0, 2)


def test_a_person_reads_what_was_done(call, docs: Path) -> None:
    status, out, err = call("add", docs)
    assert status == 0
    assert "leave.md" in out
    assert "2 added" in out
    assert err == ""
    assert call("add", docs, "-q") == (0, "", "")
    assert "2 个未变" in call("add", docs, "--lang", "zh")[1]
    (docs / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing")
    status, out, err = call("add", docs, "-q")
    assert (status, out) == (1, "")
    assert "bad.pdf" in err


def test_a_dry_run_says_what_would_be_done(call, docs: Path) -> None:
    assert "2 would be added" in call("add", docs, "--dry-run")[1]
    assert call("list")[0] == 2


def test_add_names_documents_whose_file_is_gone_and_keeps_them(call, filled: Path) -> None:
    (filled / "leave.md").unlink()
    status, out, _ = call("add", filled)
    assert status == 0
    assert "leave.md  kept; its file is gone" in out
    assert "1 unchanged" in out
    assert "leave.md" in call("list")[1]
    assert "is gone" not in call("add", *filled.iterdir())[1]


def test_a_file_of_the_same_size_and_time_is_looked_into_when_told_so(call, filled: Path) -> None:
    leave = filled / "leave.md"
    state = leave.stat()
    leave.write_text(leave.read_text("utf-8").replace("十五天", "二十天"), "utf-8")
    os.utime(leave, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert json.loads(call("add", filled, "--json")[1])["unchanged"] == 2
    report = json.loads(call("add", filled, "--reread", "--json")[1])
    assert ([Path(one["document"]).name for one in report["updated"]], report["unchanged"]) == (["leave.md"], 1)
    assert "二十天" in call("show", leave, "--page", "1")[1]


def test_search_gives_hits_that_slice_back(call, filled) -> None:
    status, out, _ = call("search", "年假有几天?", "--json", "-k", 2)
    found = json.loads(out)
    assert status == 0
    assert set(found) == {"query", "kb", "hits", "seconds"}
    assert all(set(hit) == HIT for hit in found["hits"])
    best = found["hits"][0]
    assert "十五天" in best["text"]
    assert set(best["dense"]) == {"rank", "score"}
    shown = json.loads(call("show", best["path"], "--json")[1])
    page = next(p for p in shown["page_list"] if p["number"] == best["page"])
    assert page["text"][best["start"] : best["end"]] == best["text"]


def test_search_for_a_person(call, filled) -> None:
    _, out, _ = call("search", "hotel euros", "--explain")
    assert "Travel · page 1" in out
    assert "meaning #1" in out
    assert "words #1" in out
    assert "[red]120[/red]" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("query", ["", "   ", "\0", "长" * 100_000])
def test_a_query_that_is_none(call, filled, query: str) -> None:
    status, out, err = call("search", query)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 2


def test_what_was_not_read_is_said_everywhere(call, docs: Path) -> None:
    for n in range(25):
        (docs / f"plain {n:02}.txt").write_text(f"Rule {n} holds.")
    (docs / "z items.jsonl").write_text('{"id": 1, "a": "x"}\n{"id": 2, "a": "y"}\n{"id": 3, \n')
    _, out, _ = call("add", docs)
    assert "Line 3 is not valid JSON" in out  # however many documents there are
    assert "Line 3" in call("show", "z items.jsonl")[1]
    assert "Line 3" in json.loads(call("show", "z items.jsonl", "--json")[1])["notes"][0]
    row = next(line for line in call("list")[1].splitlines() if "z items" in line)
    assert " 1 " in row
    for path in docs.iterdir():
        path.touch()
    (docs / "z items.jsonl").write_text('{"id": 1, "a": "x"}\n{"id": 2, "b"\n')
    assert "Line 2" in json.loads(call("add", docs, "--json")[1])["updated"][0]["notes"][0]


def test_list_show_and_remove(call, filled) -> None:
    assert [d["document"] for d in json.loads(call("list", "--json")[1])["documents"]] == ["年假", "Travel"]
    listed = call("list")[1]
    assert "travel.md" in listed
    assert [line.rstrip() for line in listed.splitlines()] == listed.splitlines()
    assert "十五天" in call("show", "leave.md")[1]
    assert call("show", "leave.md", "--page", 1)[1].startswith("# 年假")
    status, _, err = call("show", "leaf.md")
    assert status == 2
    assert "leave.md" in err
    status, out, _ = call("remove", "leave.md", "travel.md")
    assert status == 0
    assert "leave.md" in out
    assert json.loads(call("list", "--json")[1])["documents"] == []


def test_what_was_read_is_put_right_and_taken_back(call, filled) -> None:
    code, out, _ = call("edit", "travel.md", "120", "150")
    assert (code, "“120” → “150”" in out) == (0, True)
    assert "150" in call("show", "travel.md", "--page", "1")[1]
    code, out, _ = call("edit", "travel.md", "--revert", "1", "--json")
    [made] = json.loads(out)["corrections"]
    assert (code, made["former"], bool(made["undone"])) == (0, "120", True)
    assert "120" in call("show", "travel.md", "--page", "1")[1]
    assert "taken back" in call("edit", "travel.md")[1]
    code, _, err = call("edit", "travel.md", "999", "1")
    assert (code, "stands nowhere" in err) == (2, True)
    assert "Nothing was corrected" in call("edit", "leave.md")[1]


def test_knowledge_bases(call, docs: Path) -> None:
    assert call("kb", "create", "手册")[0] == 0
    assert call("kb", "create", "手册")[0] == 2
    assert call("add", docs, "--kb", "手册")[0] == 0
    assert call("kb", "rename", "手册", "handbook")[0] == 0
    assert [kb["name"] for kb in json.loads(call("kb", "list", "--json")[1])["kbs"]] == ["handbook"]
    status, _, err = call("search", "年假", "--kb", "handbok")
    assert status == 2
    assert "handbook" in err
    assert call("kb", "remove", "handbook")[0] == 0
    assert json.loads(call("kb", "list", "--json")[1])["kbs"] == []


def test_upkeep(call, filled: Path, tmp_path: Path) -> None:
    status = json.loads(call("status", "--json")[1])
    assert (status["documents"], status["healthy"]) == (2, True)
    assert "default" in call("status")[1]
    assert json.loads(call("doctor", "--json")[1])["healthy"]
    assert call("doctor", "--repair")[0] == 0
    assert call("rebuild")[0] == 0
    assert call("backup", tmp_path / "all.zip")[0] == 0
    call("remove", "leave.md", "travel.md")
    assert call("restore", tmp_path / "all.zip")[0] == 0
    assert len(json.loads(call("list", "--json")[1])["documents"]) == 2
    assert call("restore", filled / "leave.md")[0] == 2


def test_common_options_before_and_after(call, docs: Path, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    assert call("--home", home, "--kb", "a", "--json", "add", docs)[0] == 0
    assert len(json.loads(call("list", "--kb", "a", "--home", home, "--json")[1])["documents"]) == 2
    assert call("kb", "--home", home, "list", "--json")[1] == call("kb", "list", "--json", "--home", home)[1]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["serch"], "search"),
        (["lsit"], "`ingest list`"),
        (["hepl"], "`ingest --help`"),
        (["add"], "PATH"),
        (["add", "/nowhere/at/all"], "/nowhere"),
        (["add", "a\0b"], "NUL"),
        (["list", "--hoem", "x"], "--home"),
        (["search", "x", "-k", "many"], "many"),
        (["search", "x", "--kb", "none"], "none"),
        (["--config", "/no/such.toml", "list"], "/no/such.toml"),
    ],
)
def test_wrong_usage(call, args: list[str], expected: str) -> None:
    status, out, err = call(*args)
    assert (status, out) == (2, "")
    assert expected in err
    assert len(err.splitlines()) == 2
    assert "Traceback" not in err


def test_errors_in_chinese(call) -> None:
    _, _, err = call("--lang", "zh", "serch")
    assert err == "错误: 没有命令 “serch”。\n提示: 您是指 `ingest search` 吗？\n"
    assert "缺少参数" in call("add", "--lang", "zh")[2]
    assert "用法" in call("--lang", "zh", "--help")[1]


def test_a_home_that_cannot_be_opened(call, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "catalog.sqlite3").write_bytes(b"no database at all" * 100)
    status, out, err = call("list", "--home", tmp_path / "home")
    assert (status, out) == (3, "")
    assert "restore" in err
    (tmp_path / "file").touch()
    assert call("list", "--home", tmp_path / "file")[0] == 3


def test_a_damaged_library_is_replaced_by_its_backup(call, docs: Path, tmp_path: Path) -> None:
    home = tmp_path / "other"
    call("add", docs, "--home", home)
    call("backup", tmp_path / "all.zip", "--home", home)
    (home / "catalog.sqlite3").write_bytes(b"no database at all" * 100)
    (home / "catalog.sqlite3-wal").write_bytes(b"written last")
    assert call("list", "--home", home)[0] == 3
    status, out, _ = call("restore", tmp_path / "all.zip", "--home", home, "--json")
    assert status == 0
    assert (Path(json.loads(out)["former"]) / "catalog.sqlite3-wal").read_bytes() == b"written last"
    assert len(json.loads(call("list", "--home", home, "--json")[1])["documents"]) == 2
    assert call("doctor", "--repair", "--home", home)[0] == 0


def test_a_restore_says_what_it_left_out(call, docs: Path, tmp_path: Path) -> None:
    home = tmp_path / "other"
    call("add", docs, "--home", home)
    (home / "settings.toml").write_text('k = 3\nembedder = "hashing"\nhost = "0.0.0.0"\n', "utf-8")
    (home / "mcp.json").write_text('{"mcpServers": {"a": {"command": "/bin/a"}}}', "utf-8")
    assert call("backup", tmp_path / "all.zip", "--home", home)[0] == 0
    status, out, _ = call("restore", tmp_path / "all.zip", "--home", tmp_path / "new", "--yes")
    assert status == 0
    assert "embedder, host, mcp.json" in out
    assert "left-before-restore-" in out
    found = json.loads(call("restore", tmp_path / "all.zip", "--home", home, "--yes", "--json")[1])
    assert found["left"] == []
    out = call("restore", tmp_path / "all.zip", "--home", tmp_path / "new", "--yes", "--lang", "zh")[1]
    assert "未采用" in out


def test_version_and_help(call) -> None:
    assert call("--version")[1].startswith("zhiku ")
    assert call()[0] == 2
    out = call("--help")[1]
    for command in (
        "add",
        "list",
        "show",
        "remove",
        "search",
        "kb",
        "status",
        "doctor",
        "rebuild",
        "backup",
        "restore",
    ):
        assert f"\n  {command} " in out
        assert call(command, "--help")[0] == 0


def test_a_reader_who_leaves_early(docs: Path, tmp_path: Path) -> None:
    code = "import sys; from ingest.cli import main; sys.exit(main())"
    for n in range(500):
        (docs / f"{n}.txt").write_text(f"Document {n}", "utf-8")
    arguments = [sys.executable, "-c", code, "add", str(docs), "--dry-run", "--home", str(tmp_path / "h"), "--json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_the_line_beside_the_bar() -> None:
    assert [clock(7), clock(750), clock(7500)] == ["0:07", "12:30", "2:05:00"]
    told = line(Progress(5, 10, 20, 30, 1, 10.0, "/docs/report.pdf"))
    assert told == "2.0 pages/s · 0:10 left · 1 failed · report.pdf"


def test_document_text_cannot_steer_the_terminal_and_keeps_its_blanks() -> None:
    assert harmless("\u3000\u3000第一条\u00a0甲\t乙\n") == "\u3000\u3000第一条\u00a0甲\t乙\n"
    assert harmless("a\x1b[2Jb\rc\u202ed") == "a\ufffd[2Jb\ufffdc\ufffdd"


def test_a_long_list_comes_a_page_at_a_time(call, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.cli.actions._PAGE", 2)
    for n in range(5):
        (tmp_path / f"note{n}.txt").write_text(f"Note number {n}.\n", "utf-8")
    call("add", str(tmp_path))
    _, out, err = call("list")
    assert "note1" in out
    assert "note2" not in out
    assert "1 to 2 of 5 documents. --page 2 shows more." in err
    _, out, err = call("list", "--page", "3")
    assert "note4" in out
    assert "5 to 5 of 5 documents." in err
    assert "shows more" not in err
    status, _, err = call("list", "--page", "4")
    assert status == 2
    assert "There is no page 4." in err
    assert len(json.loads(call("list", "--json")[1])["documents"]) == 5
    assert len(json.loads(call("list", "--json", "--page", "1")[1])["documents"]) == 2
