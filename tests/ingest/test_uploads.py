from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import uploads
from ingest.uploads import is_upload, keep_upload, safe_name, upload_folder


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("手册.pdf", "手册.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.docx", "a.docx"),
        ("..", "file_"),
        ("", "file_"),
        ("con.txt", "file_con.txt"),
        ("a\0b?.txt", "a_b_.txt"),
        ("Cafe\u0301.md", "Café.md"),
        (".bashrc", "bashrc"),
    ],
)
def test_names_sent_by_a_browser_stay_inside_the_folder(sent, kept):
    assert safe_name(sent) == kept


def test_a_long_name_keeps_its_suffix():
    assert safe_name("年" * 300 + ".pdf").endswith("年.pdf")
    assert len(safe_name("年" * 300 + ".pdf").encode()) < 250


@given(st.text())
def test_any_name_is_a_single_usable_path_part(name):
    kept = safe_name(name)
    assert kept not in {"", ".", ".."}
    assert not set(kept) & set("/\\\0")
    assert len(kept.encode("utf-8", "replace")) < 256


def test_a_second_upload_replaces_the_first(tmp_path):
    keep_upload(tmp_path, 3, "a.txt", io.BytesIO(b"one"))
    path = keep_upload(tmp_path, 3, "a.txt", io.BytesIO(b"two"))
    assert path.read_bytes() == b"two"
    assert [p.name for p in upload_folder(tmp_path, 3).iterdir()] == ["a.txt"]


def test_a_failed_upload_leaves_nothing_behind(tmp_path):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        keep_upload(tmp_path, 3, "a.txt", Broken())
    assert list(upload_folder(tmp_path, 3).iterdir()) == []


def test_only_our_own_copies_count_as_uploads(tmp_path):
    path = keep_upload(tmp_path, 3, "a.txt", io.BytesIO(b"one"))
    assert is_upload(tmp_path, str(path))
    assert not is_upload(tmp_path, str(tmp_path / "other.txt"))
    assert not is_upload(tmp_path, str(upload_folder(tmp_path, 3) / ".." / ".." / "settings.toml"))


def test_an_archive_lives_as_long_as_the_last_document_in_it(tmp_path):
    copy = tmp_path / "uploads" / "1" / "a.zip"
    copy.parent.mkdir(parents=True)
    copy.touch()
    one, two = str(copy / "one.md"), str(copy / "in.zip" / "two.md")
    uploads.forget_refused(tmp_path, [copy], [two])
    uploads.forget_uploads(tmp_path, [one], [two])
    assert copy.exists()
    own = tmp_path / "own.md"
    own.touch()
    uploads.forget_uploads(tmp_path, [two, str(own)], [])
    assert (copy.exists(), own.exists()) == (False, True)
