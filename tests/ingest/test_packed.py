"""Documents in archives: each under its own name within, and no more of it than is safe."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

import ingest.packed
from ingest.errors import UsageError
from ingest.packed import collect


def packed(path, members, *, flags=0):
    """A ZIP file at `path` (or in memory) of texts or bytes by name."""
    target = path if path is not None else io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0))
            info.flag_bits |= flags
            archive.writestr(info, data)
    return target if path is not None else target.getvalue()


def under(found, archive):
    return [os.path.relpath(file.path, archive) for file in found.files]


def test_each_member_is_a_document_of_its_own(tmp_path, library):
    docs = tmp_path / "docs"
    docs.mkdir()
    inner = packed(None, {"deep/规定.md": "# 年假\n\n员工每年享有十天年假。"})
    archive = packed(docs / "policies.zip", {
        "travel/hotel.md": "A hotel costs 120 euros at most.", "inner.zip": inner, "__MACOSX/x.md": "junk",
        "a/.hidden": "junk", "empty/": "",
    })  # fmt: skip
    report = library.add([docs])
    assert [added.document for added in report.added] == [
        str(archive / "inner.zip" / "deep" / "规定.md"), str(archive / "travel" / "hotel.md"),
    ]  # fmt: skip
    (hit, *_) = library.search("员工年假")
    assert (hit.document, hit.path) == ("年假", str(archive / "inner.zip/deep/规定.md"))
    again = library.add([docs])
    assert (again.unchanged, again.added) == (2, ())


def test_a_changed_archive_gives_only_what_changed_and_a_moved_one_nothing(tmp_path, library):
    docs = tmp_path / "docs"
    docs.mkdir()
    archive = packed(
        docs / "a.zip", {"one.md": "The first text.", "two.md": "The second text.", "three.md": "A third."}
    )
    library.add([docs])
    packed(archive, {"one.md": "The first text.", "two.md": "Another text now."})
    report = library.add([docs], prune=True)
    assert [Path(one.document).name for one in report.updated] == ["two.md"]
    assert (report.unchanged, report.removed) == (1, 1)
    archive.rename(docs / "b.zip")
    report = library.add([docs], prune=True)
    assert (report.embedded_chunks, report.removed, len(report.updated)) == (0, 0, 2)
    assert {Path(d.path).parent.name for d in library.documents()} == {"b.zip"}


def test_a_damaged_archive_takes_nothing_with_it(tmp_path, library):
    docs = tmp_path / "docs"
    docs.mkdir()
    archive = packed(docs / "a.zip", {"one.md": "The first text."})
    library.add([docs])
    archive.write_bytes(b"PK\3\4 half of it")
    report = library.add([docs], prune=True)
    assert (report.removed, [one.path for one in report.failed]) == (0, [str(archive)])
    assert len(library.documents()) == 1
    assert not [f for f in library.doctor() if "gone" in f.what]
    archive.unlink()
    assert library.add([docs], prune=True, sure=True).removed == 1


def test_a_document_under_the_name_of_an_archive_is_read_as_what_it_is(tmp_path, library):
    import docx

    document = docx.Document()
    document.add_paragraph("Hello from Word")
    document.save(tmp_path / "x.zip")
    assert [a.document for a in library.add([tmp_path / "x.zip"]).added] == [str(tmp_path / "x.zip")]


@pytest.mark.parametrize("codec", ["gbk", "big5", "utf-8", "cp437"])
def test_names_of_old_programs_are_told_by_their_bytes(tmp_path, codec):
    names = {"cp437": ["résumé.txt", "über.txt"], "big5": ["員工休假規定.txt", "差旅辦法/住宿標準.txt"]}
    wanted = names.get(codec, ["员工休假规定.txt", "差旅办法/住宿标准.txt"])
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for n in range(2):
            out.writestr(f"{n}" * len(wanted[n].encode(codec)), "text")
    data = archive.read_bytes()
    for n in range(2):
        raw = wanted[n].encode(codec)
        data = data.replace(str(n).encode() * len(raw), raw)
    archive.write_bytes(data)
    assert under(collect([archive]), archive) == sorted(wanted)


def test_names_lead_nowhere(tmp_path):
    archive = packed(
        tmp_path / "x.zip", {"../../up.txt": "x", "/etc/abs.txt": "x", "a\\b.txt": "x", "c/./d\x01.txt": "x"}
    )
    assert under(collect([archive]), archive) == ["a/b.txt", "c/d.txt", "etc/abs.txt", "up.txt"]


def test_a_path_into_an_archive_stands_for_what_is_there(tmp_path, library):
    archive = packed(tmp_path / "x.zip", {"a/one.md": "The first text.", "two.md": "The second."})
    assert under(collect([archive / "a"]), archive) == ["a/one.md"]
    assert [Path(a.document).name for a in library.add([archive / "a" / "one.md"], prune=True).added] == ["one.md"]
    with pytest.raises(UsageError, match="There is no"):
        collect([archive / "b"])


def test_what_cannot_be_unpacked_is_named_with_the_reason(tmp_path, monkeypatch):
    archive = packed(tmp_path / "x.zip", {"a.md": "text"})
    data = bytearray(archive.read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(mark) + at] |= 1
    archive.write_bytes(data)
    (failure,) = collect([archive]).failed
    assert (failure.path, "password" in failure.reason) == (str(archive / "a.md"), True)
    lzma = tmp_path / "l.zip"
    with zipfile.ZipFile(lzma, "w", zipfile.ZIP_LZMA) as out:
        out.writestr("a.md", "text")
    assert "method" in collect([lzma]).failed[0].reason
    nested = {"a.md": "deep"}
    for n in range(4):
        nested = {f"{n}.zip": packed(None, nested)}
    found = collect([packed(tmp_path / "deep.zip", nested)])
    assert (found.files, "deep" in found.failed[0].reason) == ((), True)
    monkeypatch.setattr(ingest.packed, "MAX_MEMBERS", 2)
    many = packed(tmp_path / "many.zip", {f"{n}.txt": "x" for n in range(3)})
    found = collect([many])
    assert (found.files, found.failed[0].path, found.archives) == ((), str(many), ())


def test_a_bomb_is_not_unpacked(tmp_path, library):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out, out.open("zeros.txt", "w") as member:
        for _ in range(60):
            member.write(bytes(1 << 20))
    report = library.add([bomb])
    assert (report.added, len(report.failed)) == ((), 1)
    assert "bomb" in report.failed[0].reason


def test_the_temporary_files_go(tmp_path, library, monkeypatch):
    import gc
    import tempfile

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    archive = packed(
        tmp_path / "x.zip", {"i.zip": packed(None, {"a.md": "One text."}), "b.md": "Two texts.", "c.bin": "\0"}
    )
    library.add([archive])
    library.add([archive], dry_run=True, reread=True)
    gc.collect()
    assert list(scratch.iterdir()) == []
