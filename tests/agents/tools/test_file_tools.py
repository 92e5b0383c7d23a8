"""Files in the allowed folder, and everything that tries to get out of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents import ToolContext, ToolError
from agents.tools.carrying import carry_out
from agents.tools.files import file_tools
from agents.tools.folder.allowed import MOST_WRITTEN, AllowedFolder, open_folder
from agents.tools.folder.reach import PART, available, parts_of
from agents.tools.toolbox import Toolbox
from ingest.errors import UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "allowed"
    (root / "reports").mkdir(parents=True)
    (root / "reports" / "q1.md").write_text("# Q1\n收入 100", "utf-8")
    (root / "gbk.txt").write_bytes("员工入职满一年后，每年享有十五天带薪年假，未休完的可以结转。".encode("gbk"))
    (root / "blob.bin").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    return root


@pytest.fixture
def folder(root: Path) -> AllowedFolder:
    if not available():
        pytest.skip("no descriptors of folders on this system")
    return AllowedFolder(root)


@pytest.fixture
def box(folder: AllowedFolder) -> Toolbox:
    return Toolbox(file_tools(folder))


def test_list_read_write_append(box: Toolbox, root: Path, context: ToolContext) -> None:
    assert carry_out(box.find("list_files"), {}, context).text == (
        "- blob.bin (2,048 B)\n- gbk.txt (60 B)\n- reports/\n- reports/q1.md (15 B)"
    )
    assert carry_out(box.find("list_files"), {"subfolder": "reports"}, context).data == [
        {"path": "reports/q1.md", "bytes": 15}
    ]
    assert carry_out(box.find("read_file"), {"path": "reports/q1.md"}, context).text == "# Q1\n收入 100"
    assert "带薪年假" in carry_out(box.find("read_file"), {"path": "gbk.txt"}, context).text
    assert "is no text" in carry_out(box.find("read_file"), {"path": "blob.bin"}, context).error
    new = {"path": "new/deep/a.md", "text": "你好"}
    assert carry_out(box.find("write_file"), new, context).text == "Wrote 'new/deep/a.md' (2 characters)."
    assert (root / "new/deep/a.md").read_text("utf-8") == "你好"
    assert carry_out(box.find("append_file"), {"path": "new/deep/a.md", "text": "!"}, context).data["bytes"] == 7
    assert carry_out(box.find("append_file"), {"path": "log.txt", "text": "first"}, context).error == ""
    assert (root / "new/deep/a.md").read_text("utf-8") == "你好!"
    assert not [p for p in root.rglob("*") if p.name.endswith(PART)]


def test_risks_and_repetition_are_declared(box: Toolbox) -> None:
    assert {t.name: (t.risk, t.repeatable) for t in box} == {
        "list_files": ("read", False),
        "read_file": ("read", False),
        "write_file": ("write", True),
        "append_file": ("write", False),
    }


def test_nothing_is_replaced_without_being_told_to(box: Toolbox, root: Path, context: ToolContext) -> None:
    (root / "a.md").write_text("old", "utf-8")
    (root / "a.md").chmod(0o600)
    refused = carry_out(box.find("write_file"), {"path": "a.md", "text": "new"}, context)
    assert "Set overwrite to true" in refused.error
    assert (root / "a.md").read_text("utf-8") == "old"
    again = carry_out(box.find("write_file"), {"path": "a.md", "text": "old"}, context)
    assert again.text == "'a.md' has that content already."
    assert carry_out(box.find("write_file"), {"path": "a.md", "text": "new", "overwrite": True}, context).error == ""
    assert (root / "a.md").read_text("utf-8") == "new"


def test_a_long_file_is_read_in_parts_and_an_unknown_one_has_neighbours(
    box: Toolbox, root: Path, context: ToolContext
) -> None:
    (root / "long.txt").write_text("x" * 12_000, "utf-8")
    found = carry_out(box.find("read_file"), {"path": "long.txt", "part": 3}, context)
    assert (found.text.count("x"), found.truncated) == (2001, False)  # one x in "long.txt"
    assert carry_out(box.find("read_file"), {"path": "long.txt"}, context).truncated
    assert "ask for 1 to 3" in carry_out(box.find("read_file"), {"path": "long.txt", "part": 4}, context).error
    error = carry_out(box.find("read_file"), {"path": "report/q1.md"}, context).error
    assert error.startswith("There is no 'report/q1.md' in the folder. Nearest: reports/q1.md")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../secret.txt",
        "reports/../../secret.txt",
        "..\\secret.txt",
        "\\\\server\\share",
        "C:\\Windows\\win.ini",
        "c:x",
        "~/x",
        "a\0b",
        "a\nb",
        "con",
        "reports/NUL.txt",
        "a:stream",
        "trailing.",
        "x" * 300,
        "/".join("abcdefghijklmnopqrstuvwxyz"),
        "",
        ".",
        f"x{PART}",
        ".env",
        "sub/.git/config",
        ".hidden/a.txt",
        "\ud800",
    ],
    ids=ascii,
)
def test_paths_out_of_the_folder_are_refused(folder: AllowedFolder, tmp_path: Path, path: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    for use in (
        lambda: folder.read(path),
        lambda: folder.write(path, b"x", overwrite=True),
        lambda: folder.append(path, b"x"),
    ):
        with pytest.raises(ToolError):
            use()
    assert sorted(tmp_path.rglob("*")) == before


def test_links_are_neither_followed_nor_listed(folder: AllowedFolder, root: Path, tmp_path: Path) -> None:
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "out").symlink_to(tmp_path)
    (root / "loop").symlink_to(root)
    (root / "dangling").symlink_to(tmp_path / "made-by-us.txt")
    for path in ("link.txt", "out/secret.txt", "loop/gbk.txt", "dangling"):
        with pytest.raises(ToolError):
            folder.read(path)
    for path in ("out/new.txt", "loop/new.txt"):
        with pytest.raises(ToolError):
            folder.write(path, b"x", overwrite=True)
    for path in ("link.txt", "dangling"):
        with pytest.raises(ToolError):
            folder.write(path, b"x", overwrite=True)
        with pytest.raises(ToolError):
            folder.append(path, b"x")
    with pytest.raises(ToolError):
        folder.entries("out")
    assert not {entry.path.split("/")[0] for entry in folder.entries()} & {"link.txt", "out", "loop", "dangling"}
    assert (tmp_path / "secret.txt").read_text("utf-8") == "secret"
    assert not (tmp_path / "made-by-us.txt").exists()
    assert not (tmp_path / "new.txt").exists()


def test_what_is_hidden_is_neither_listed_nor_read(folder: AllowedFolder, root: Path) -> None:
    for name in (".env", ".git/config", "notes/.key", "notes/a.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("secret", "utf-8")
    listed = {entry.path for entry in folder.entries()}
    assert {"notes", "notes/a.md"} <= listed
    assert not [path for path in listed if any(part.startswith(".") for part in path.split("/"))]
    for name in (".env", ".git/config", "notes/.key"):
        with pytest.raises(ToolError):
            folder.read(name)


def test_devices_pipes_and_sockets_are_no_files(folder: AllowedFolder, root: Path) -> None:
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        short = os.open(root, os.O_RDONLY)
        try:
            listening.bind(f"/proc/self/fd/{short}/sock")
        finally:
            os.close(short)
        for path in ("pipe", "sock"):
            with pytest.raises(ToolError):
                folder.read(path)  # would wait for ever
            with pytest.raises(ToolError):
                folder.write(path, b"x", overwrite=path != "sock")
    with pytest.raises(ToolError, match="is a folder"):
        folder.read("reports")
    with pytest.raises(ToolError, match="is a folder"):
        folder.write("reports", b"x", overwrite=True)
    with pytest.raises(ToolError):
        folder.write("gbk.txt/x", b"x")


def test_sizes_are_bounded(folder: AllowedFolder, root: Path) -> None:
    with pytest.raises(ToolError, match="larger than 5 MiB"):
        folder.write("a", b"x" * (MOST_WRITTEN + 1))
    folder.write("a", b"x" * MOST_WRITTEN)
    with pytest.raises(ToolError, match="larger than 5 MiB"):
        folder.append("a", b"x")
    assert (root / "a").stat().st_size == MOST_WRITTEN


@pytest.mark.skipif(not available(), reason="needs descriptors of folders")
def test_a_folder_swapped_for_a_link_in_between_leads_nowhere(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f.txt").write_text("outside", "utf-8")
    (root / "real").mkdir()
    (root / "real" / "f.txt").write_text("inside", "utf-8")
    (root / "link").symlink_to(outside)
    folder = AllowedFolder(root)
    stop = threading.Event()

    def swap() -> None:
        """'dir' is the real folder one moment and the link out of here the next."""
        while not stop.is_set():
            for old, new in (("real", "dir"), ("dir", "real"), ("link", "dir"), ("dir", "link")):
                try:
                    (root / old).rename(root / new)
                except OSError:  # the writer made a 'dir' while there was none
                    if new == "dir":
                        shutil.rmtree(root / new, ignore_errors=True)

    thread = threading.Thread(target=swap)
    thread.start()
    read: list[bytes] = []
    try:
        for n in range(400):
            for use in (
                lambda: read.append(folder.read("dir/f.txt")),
                lambda n=n: folder.write("dir/w.txt", str(n).encode(), overwrite=True),
            ):
                with contextlib.suppress(ToolError):
                    use()
    finally:
        stop.set()
        thread.join()
    assert set(read) <= {b"inside"}
    assert sorted(p.name for p in outside.iterdir()) == ["f.txt"]
    assert (outside / "f.txt").read_text("utf-8") == "outside"


def test_a_write_that_fails_leaves_the_old_file(folder: AllowedFolder, root: Path) -> None:
    if os.geteuid() == 0:
        os.link(root / "gbk.txt", root / "other")  # the old inode is kept, not written into
        folder.write("gbk.txt", b"new", overwrite=True)
        assert (root / "other").stat().st_size == 60
        return
    (root / "reports").chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ToolError, match="no permission"):
        folder.write("reports/q1.md", b"new", overwrite=True)
    assert (root / "reports" / "q1.md").read_bytes().startswith(b"# Q1")


def test_appending_from_several_threads_loses_nothing(folder: AllowedFolder, root: Path) -> None:
    threads = [
        threading.Thread(target=lambda n=n: [folder.append("log", b"%d\n" % n) for _ in range(10)]) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((root / "log").read_bytes().split()) == sorted(b"%d" % n for n in range(4) for _ in range(10))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="ab./\\~:\0 CON中", max_size=20))
def test_any_path_that_is_let_in_stays_inside(root: Path, path: str) -> None:
    try:
        parts = parts_of(path)
    except ToolError:
        return
    assert (root.joinpath(*parts)).resolve().is_relative_to(root)


def test_the_folder_of_the_settings_must_be_there(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    assert open_folder(tmp_path / "alias").read("gbk.txt")
    with pytest.raises(UsageError, match="tools_folder: there is no folder"):
        open_folder(tmp_path / "nowhere")
