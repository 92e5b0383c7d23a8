"""What people get wrong and what machines run out of, through the real command line, in both languages."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.cli import main

COMMAND = "import sys; from ingest.cli import main; sys.exit(main())"
LIMITED = (
    "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    " resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000));"
    " from ingest.cli import main; sys.exit(main())"
)


def ingest(
    home: Path, *args: str | Path, language: str = "en", code: str = COMMAND, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={
            **os.environ,
            "ZHIKU_HOME": str(home),
            "ZHIKU_EMBEDDER": "hashing",
            "ZHIKU_LANGUAGE": language,
            **environment,
        },
    )


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The same in this process, where nothing depends on its being another: a start takes longer than the mistake."""

    def call(home: Path, *args: str, language: str) -> subprocess.CompletedProcess[str]:
        for name, value in (("HOME", str(home)), ("EMBEDDER", "hashing"), ("LANGUAGE", language)):
            monkeypatch.setenv(f"ZHIKU_{name}", value)
        status = main(list(args))
        return subprocess.CompletedProcess(args, status, *capsys.readouterr())

    return call


def assert_told(done: subprocess.CompletedProcess[str], status: int, expected: str, language: str) -> None:
    """One line what, one line what to do, the right status, the right language."""
    lines = done.stderr.splitlines()
    assert done.returncode == status, done.stderr
    assert len(lines) == 2, done.stderr
    assert lines[0].startswith("错误" if language == "zh" else "Error")
    assert lines[1].startswith("提示" if language == "zh" else "Hint")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    for line in lines:
        assert bool(re.search("[一-鿿]", re.sub("“.*?”|'.*?'|/\\S*", "", line))) == (language == "zh"), line


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    (folder / "leave.md").write_text("# 年假\n\n员工有十五天年假。", "utf-8")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, docs: Path) -> Path:
    folder = tmp_path_factory.mktemp("library") / "home"
    assert ingest(folder, "add", docs, "--kb", "handbook", "-q").returncode == 0
    return folder


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["add", "/nowhere/at/all"], "/nowhere"),
        (["add", "/nowhere/*.pdf"], "/nowhere"),
        (["search", "x", "--kb", "handbok"], "handbook"),
        (["search", "", "--kb", "handbook"], ""),
        (["search", "a" * 100_000, "--kb", "handbook"], "100,000"),
        (["search", "x", "--kb", "handbook", "-k", "0"], "-k"),
        (["search", "x", "-k", "many"], "-k"),
        (["add", "x", "--workers", "0"], "--workers"),
        (["show", "nothing", "--kb", "handbook"], "nothing"),
        (["kb", "create", "handbook"], "handbook"),
        (["lst"], "list"),
        (["list", "--hom", "x"], "--home"),
    ],
)
def test_what_makes_no_sense(here, home: Path, args: list[str], expected: str, language: str) -> None:
    assert_told(here(home, *args, language=language), 2, expected, language)


def test_a_nul_byte_in_a_question_is_no_reason_to_fail(home: Path) -> None:
    code = "import sys; from ingest.cli import main; sys.exit(main(['search', '年\\0假', '--kb', 'handbook']))"
    done = ingest(home, code=code)
    assert done.returncode == 0
    assert "十五天" in done.stdout


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_home_of_a_newer_version(here, tmp_path: Path, language: str) -> None:
    assert here(tmp_path, "kb", "create", "a", language="en").returncode == 0
    with sqlite3.connect(tmp_path / "catalog.sqlite3") as catalog:
        catalog.execute("PRAGMA user_version=99")
    catalog.close()
    assert_told(here(tmp_path, "list", language=language), 3, "99", language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_where_the_home_should_be(here, tmp_path: Path, language: str) -> None:
    (tmp_path / "file").touch()
    assert_told(here(tmp_path / "file" / "home", "list", language=language), 3, "--home", language)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux does")
def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    """What was finished stays, and the same command goes on once there is room."""
    folder, home = tmp_path / "docs", tmp_path / "home"
    folder.mkdir()
    for n in range(30):
        text = "\n\n".join(f"Section {n}.{p}. " + "水泵检修记录与设备管理。" * 20 for p in range(20))
        (folder / f"{n}.txt").write_text(text, "utf-8")
    for language in ("en", "zh"):
        stopped = ingest(home, "add", folder, "-q", language=language, code=LIMITED)
        assert_told(stopped, 3, str(home), language)
    assert ingest(home, "add", folder, "-q").returncode == 0
    listed = ingest(home, "list", "--json").stdout
    assert listed.count('"path"') == 30
    assert ingest(home, "doctor").returncode == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_may_only_be_read_is_read(home: Path, docs: Path) -> None:
    home.chmod(0o555)
    try:
        assert "leave.md" in ingest(home, "list", "--kb", "handbook").stdout
        assert_told(ingest(home, "add", docs, "--kb", "other"), 3, str(home), "en")
    finally:
        home.chmod(0o755)


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_a_terminal_without_chinese_is_no_reason_to_fail(home: Path, environment: dict[str, str]) -> None:
    done = ingest(home, "search", "年假", "--kb", "handbook", language="zh", **environment)
    assert done.returncode == 0
    assert "leave.md" in done.stdout


def test_a_reader_that_has_seen_enough_is_no_error(home: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "list", "--kb", "handbook"],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
        env={**os.environ, "ZHIKU_HOME": str(home)},
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
