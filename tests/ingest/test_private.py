from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ingest import catalog, exposed_keys, open_library
from ingest.private import CATALOG
from ingest.settings import Settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


def ingest(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """`ingest` in a process of its own, begun with the umask that most systems have."""
    code = "import os, sys; os.umask(0o022); from ingest.cli import main; sys.exit(main())"
    environment = {**os.environ, "ZHIKU_HOME": str(home), "ZHIKU_EMBEDDER": "hashing", "ZHIKU_LANGUAGE": "en"}
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def open_to_others(home: Path) -> list[str]:
    return [str(path.relative_to(home.parent)) for path in (home, *home.rglob("*")) if path.lstat().st_mode & 0o077]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "leave.md"
    path.write_text("Every employee has ten days of annual leave.", "utf-8")
    return path


def test_what_a_command_makes_is_its_owners_alone(tmp_path: Path, document: Path) -> None:
    home = tmp_path / "home"
    assert ingest(home, "add", document).returncode == 0
    assert (home / "catalog.sqlite3").is_file()
    assert open_to_others(home) == []
    assert ingest(home, "backup", tmp_path / "all.zip").returncode == 0
    assert stat.S_IMODE((tmp_path / "all.zip").stat().st_mode) == 0o600


def test_a_home_that_others_could_read_is_closed_at_the_next_start(tmp_path: Path, document: Path) -> None:
    home = tmp_path / "home"
    ingest(home, "add", document)
    (home / "uploads" / "1").mkdir(parents=True)
    (home / "uploads" / "1" / "a.txt").write_text("x")
    (home / "traces").mkdir(exist_ok=True)
    other = home / "notes.txt"
    other.write_text("a person's own")
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    ingest(home, "list")
    assert open_to_others(home) == ["home/notes.txt"]


def test_a_folder_that_is_no_library_keeps_its_mode(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "photos").mkdir()
    shared.chmod(0o755)
    open_library(shared, Settings(embedder="hashing")).close()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755, "it was made by somebody else, with a purpose"
    (tmp_path / "made").mkdir(mode=0o755)
    for name in ("mine", "made"):
        open_library(tmp_path / name, Settings(embedder="hashing")).close()
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "line", ['model_api_key = "sk-1"', 'ocr_api_key = "t"', 'model = "http://me:secret@127.0.0.1:1/v1#x"']
)
def test_keys_that_others_can_read_are_warned_of(tmp_path: Path, line: str) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(line)
    settings.chmod(0o644)
    warned = ingest(tmp_path, "status").stderr
    assert "settings.toml" in warned
    assert "chmod 600" in warned
    assert "secret" not in warned
    assert "sk-1" not in warned
    settings.chmod(0o600)
    assert "Warning" not in ingest(tmp_path, "status").stderr


def test_the_catalog_is_called_what_it_is_called() -> None:
    assert catalog.CATALOG.path == CATALOG


def test_a_settings_file_without_keys_may_be_read(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('model = "http://127.0.0.1:1/v1#x"\nmodel_api_key = ""')
    settings.chmod(0o644)
    assert exposed_keys(tmp_path) is None
