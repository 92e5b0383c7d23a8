from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.language import speaking
from ingest.scan import scan


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.md", "a.txt", "sub/c.txt", "sub/deep/手册.md"):
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")
    return tmp_path / "docs"


def names(found, root: Path) -> list[str]:
    return [str(Path(file.path).relative_to(root)) for file in found.files]


def test_a_folder_is_walked_in_a_fixed_order(tree: Path) -> None:
    found = scan([tree])
    assert names(found, tree) == ["a.txt", "b.md", "sub/c.txt", "sub/deep/手册.md"]
    assert found.folders == (str(tree),)
    assert scan([str(tree)]) == found
    assert found.files[0].size == len("a.txt")
    assert found.files[0].mtime_ns == (tree / "a.txt").stat().st_mtime_ns


@pytest.mark.parametrize(
    "junk", [".hidden", ".git/config", "node_modules/x.js", "__pycache__/x.pyc", ".DS_Store", "~$report.docx"]
)
def test_junk_is_passed_over_silently(tree: Path, junk: str) -> None:
    path = tree / junk
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    found = scan([tree])
    assert len(found.files) == 4
    assert found.skipped == found.failed == ()


def test_what_a_saved_page_is_drawn_with_is_said_and_not_taken(tree: Path) -> None:
    for name in (
        "Tides.html",
        "Tides_files/a.js.download",
        "Tides_files/gauge.png",
        "网页.htm",
        "网页.files/s.css",
        "own_files/c.txt",
    ):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("x")
    found = scan([tree])
    assert names(found, tree)[:3] == ["Tides.html", "a.txt", "b.md"]
    assert {"own_files/c.txt", "网页.htm"} < set(names(found, tree))
    assert not any("Tides_files" in file.path or "网页.files" in file.path for file in found.files)
    assert [("Tides.html" in one.reason, "网页.htm" in one.reason) for one in found.skipped] == [
        (True, False),
        (False, True),
    ]
    assert names(scan([tree / "Tides_files"]), tree) == ["Tides_files/a.js.download", "Tides_files/gauge.png"]


def test_a_hidden_file_that_is_named_is_taken(tree: Path) -> None:
    (tree / ".notes.md").write_text("x")
    assert names(scan([tree / ".notes.md"]), tree) == [".notes.md"]


def test_patterns_the_shell_left_alone(tree: Path) -> None:
    assert names(scan([f"{tree}/*.md"]), tree) == ["b.md"]
    assert names(scan([f"{tree}/**/*.txt"]), tree) == ["a.txt", "sub/c.txt"]


def test_a_name_that_looks_like_a_pattern_but_exists(tree: Path) -> None:
    (tree / "report[1].txt").write_text("x")
    (tree / "report1.txt").write_text("y")
    assert names(scan([tree / "report[1].txt"]), tree) == ["report[1].txt"]


def test_the_same_file_by_several_ways_is_found_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "zlink.txt").symlink_to(tree / "a.txt")
    (tree.parent / "other").symlink_to(tree)
    monkeypatch.chdir(tree)
    found = scan(["a.txt", tree / "sub" / ".." / "a.txt", tree / "zlink.txt", tree.parent / "other", tree])
    assert len(found.files) == 4


def test_link_loops_end(tree: Path) -> None:
    (tree / "sub" / "up").symlink_to(tree)
    (tree / "ring").symlink_to(tree / "ring")
    (tree / "gone").symlink_to(tree / "nothing")
    found = scan([tree])
    assert len(found.files) == 4
    assert sorted(Path(failure.path).name for failure in found.skipped) == ["gone", "ring"]
    assert all(failure.reason for failure in found.skipped)


def test_links_lead_nowhere_but_into_what_was_named(tree: Path) -> None:
    outside = tree.parent / "private"
    outside.mkdir()
    (outside / "diary.md").write_text("x")
    (tree / "up").symlink_to("..")
    (tree / "diary").symlink_to(outside)
    (tree / "note.md").symlink_to(outside / "diary.md")
    found = scan([tree])
    assert len(found.files) == 4
    assert found.folders == (str(tree),)
    assert sorted(Path(failure.path).name for failure in found.skipped) == ["diary", "note.md", "up"]
    assert all(str(outside) in failure.hint for failure in found.skipped if "up" not in failure.path)
    assert len(scan([tree, outside]).files) == 5, "what is named as well is followed"
    assert [Path(file.path).name for file in scan([tree / "note.md"]).files] == ["diary.md"], "a link that is named"


def test_a_pipe_is_skipped_with_a_reason(tree: Path) -> None:
    os.mkfifo(tree / "pipe.txt")
    for start in (tree, tree / "pipe.txt"):
        (skipped,) = scan([start]).skipped
        assert skipped.path.endswith("pipe.txt")
        assert "regular file" in skipped.reason
    assert scan(["/dev/null"]).skipped[0].path == "/dev/null"


def test_a_missing_path_names_the_nearest(tree: Path) -> None:
    with pytest.raises(UsageError, match=r"sub/c\.txt") as caught:
        scan([tree / "sub" / "d.txt"])
    assert caught.value.exit_status == 2
    with pytest.raises(UsageError, match="Did you mean"):
        scan([tree.parent / "dosc"])
    with speaking("zh"), pytest.raises(UsageError, match="您是指"):
        scan([tree.parent / "dosc"])


def test_a_pattern_without_match(tree: Path) -> None:
    with pytest.raises(UsageError, match=r"\*\.pdf"):
        scan([f"{tree}/*.pdf"])


@pytest.mark.parametrize("path", ["a\0b", "", "/nowhere/at/all"])
def test_nonsense_is_a_usage_error(path: str) -> None:
    with pytest.raises(UsageError):
        scan([path])


def test_no_paths() -> None:
    with pytest.raises(UsageError):
        scan([])


def test_names_differing_only_in_unicode_normalisation(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "résumé.md") for form in ("NFC", "NFD"))
    (tmp_path / decomposed).write_text("x")
    (found,) = scan([tmp_path / composed]).files
    assert Path(found.path).name == decomposed


def test_a_name_that_is_not_unicode_fails_with_a_hint(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/bad\xff.txt", "wb") as file:
        file.write(b"x")
    (failure,) = scan([tmp_path]).failed
    assert failure.hint
    failure.path.encode("utf-8")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_fails_and_the_rest_goes_on(tree: Path) -> None:
    (tree / "sub").chmod(0)
    try:
        found = scan([tree])
    finally:
        (tree / "sub").chmod(0o755)
    assert names(found, tree) == ["a.txt", "b.md"]
    assert len(found.failed) == 1


def test_the_librarys_own_home_is_left_out(tree: Path) -> None:
    assert names(scan([tree], exclude=[tree / "sub"]), tree) == ["a.txt", "b.md"]
    for named in (tree / "sub", tree / "sub" / "c.txt"):
        found = scan([named], exclude=[tree / "sub"])
        assert (found.files, [skipped.path for skipped in found.skipped]) == ((), [str(named)])
