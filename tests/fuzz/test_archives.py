"""Archives broken as bytes, and archives whole in themselves around broken databases and files."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import strategies as st

from agents.chat.history import Conversations
from agents.tasks.store import Store
from ingest import ZhikuError, open_library
from tests.fuzz.mutations import Change, broken, changes, fuzz
from tests.ingest.archive.homes import HASHING, converse, run_at


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home and its backup."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "leave.md").write_text(
        "# Leave\n\nEvery employee has ten days of annual leave. 员工有十天年假。\n", "utf-8"
    )
    (folder / "home").mkdir()
    (folder / "home" / "settings.toml").write_text('k = 5\nmodel = "http://h/v1#m"\n', "utf-8")
    (folder / "home" / "mcp.json").write_text('{"mcpServers": {"a": {"command": "/bin/true"}}}', "utf-8")
    with closing(open_library(folder / "home", HASHING)) as library:
        library.add([folder / "leave.md"])
        upload = folder / "home" / "uploads" / "1" / "up.txt"
        upload.parent.mkdir(parents=True)
        upload.write_text("An uploaded file.", "utf-8")
        converse(folder / "home", "first")
        run_at(folder / "home", "r1")
        library.backup(folder / "good.zip")
    return folder


def tried(shelf: Path, archive: bytes) -> None:
    """A restore of it brings a library that works, or is refused in our words with everything as it was."""
    target, file = shelf / "target", shelf / "bad.zip"
    shutil.rmtree(target, ignore_errors=True)
    file.write_bytes(archive)
    with closing(open_library(target, HASHING)) as library:
        (target / "settings.toml").write_text('model_api_key = "mine"\n', "utf-8")
        before = sorted(path.relative_to(target) for path in target.rglob("*"))
        try:
            library.restore(file)
        except ZhikuError:
            after = sorted(path.relative_to(target) for path in target.rglob("*"))
            assert [path for path in after if "writer" not in path.name] == [
                p for p in before if "writer" not in p.name
            ]
            return
        assert 'model_api_key = "mine"' in (target / "settings.toml").read_text("utf-8")
        assert "http" not in (target / "settings.toml").read_text("utf-8")
        assert not (target / "mcp.json").exists()
        assert {path.name for path in shelf.iterdir()} <= {"home", "target", "good.zip", "bad.zip", "leave.md"}
        library.doctor(repair=True)
        for kb in library.kbs():
            for document in library.documents(kb.name):
                library.pages(document.id)
                library.chunks(document.id)
            try:
                library.search("annual leave", kb.name)
            except ZhikuError as error:
                assert "rebuild" in str(error)  # noqa: PT017 - one of two good ends
    for conversation in Conversations(target).list():
        assert conversation.title is not None
    Store(target).runs()


def test_broken_as_a_whole(shelf: Path, time_left: Callable[[], bool]) -> None:
    good = (shelf / "good.zip").read_bytes()

    def check(by: list[Change]) -> None:
        tried(shelf, broken(good, by))

    fuzz(check, 25, time_left, by=changes)


MEMBERS = [
    "catalog.sqlite3",
    "conversations.sqlite3",
    "runs/runs.sqlite",
    "settings.toml",
    "mcp.json",
    "zhiku-backup.json",
]


def test_whole_around_a_broken_member(shelf: Path, time_left: Callable[[], bool]) -> None:
    def check(member: str, by: list[Change]) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(shelf / "good.zip") as good, zipfile.ZipFile(out, "w") as bad:
            for name in good.namelist():
                content = good.read(name)
                if name == member:
                    content = broken(content, by)
                elif name == "zhiku-backup.json":
                    content = json.dumps({k: v for k, v in json.loads(content).items() if k != "rows"}).encode()
                bad.writestr(name, content)
        tried(shelf, out.getvalue())

    fuzz(check, 20, time_left, member=st.sampled_from(MEMBERS), by=changes)


def test_odd_names(shelf: Path, time_left: Callable[[], bool]) -> None:
    def check(names: list[str]) -> None:
        shutil.copyfile(shelf / "good.zip", shelf / "bad.zip")
        with zipfile.ZipFile(shelf / "bad.zip", "a") as bad:
            for name in {*names, *(f"uploads/{name}" for name in names), *(f"runs/{name}" for name in names)}:
                bad.writestr(zipfile.ZipInfo(name), "planted")
        tried(shelf, (shelf / "bad.zip").read_bytes())

    letters = st.sampled_from("./\\ab1\0:uploadsrn-é")
    fuzz(check, 12, time_left, names=st.lists(st.text(letters, min_size=1, max_size=24), min_size=1, max_size=4))
