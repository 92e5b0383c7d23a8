"""A SQLite file of ours: versions, threads, transactions, and its errors in our words."""

from __future__ import annotations

import contextlib
import sqlite3
import threading

import pytest

from ingest.errors import DamagedLibrary, LibraryUnavailable, NewerLibrary
from ingest.language import Text, speaking
from ingest.sqlite import SqliteFile, Wording

FIRST = "create table note (id integer primary key, text text not null); -- of a person; kept\n"
SECOND = "alter table note add column done integer not null default 0; create index by_done on note (done);"
WORDING = Wording(Text(en="Notes", zh="笔记"))


def opened(path, *steps):
    return SqliteFile(path, steps or (FIRST,), WORDING, synchronous="NORMAL")


def put(file, text):
    with file.transaction() as db:
        db.execute("insert into note (text) values (?)", (text,))


def texts(file):
    with file.reading() as db:
        return [text for (text,) in db.execute("select text from note order by id")]


def test_nothing_is_made_before_the_first_use(tmp_path):
    file = opened(tmp_path / "home" / "notes.sqlite3")
    assert not (tmp_path / "home").exists()
    put(file, "一")
    assert texts(file) == ["一"]
    assert file.connection.execute("pragma journal_mode").fetchone() == ("wal",)
    file.close()
    assert texts(file) == ["一"]


def test_an_older_file_is_brought_up_to_date_once(tmp_path):
    path = tmp_path / "notes.sqlite3"
    old = opened(path)
    put(old, "kept")
    old.close()
    new = opened(path, FIRST, SECOND)
    with new.reading() as db:
        assert db.execute("select text, done from note").fetchall() == [("kept", 0)]
        assert db.execute("pragma user_version").fetchone() == (2,)
    with pytest.raises(NewerLibrary, match="later version"):
        texts(opened(path))


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "notes.sqlite3"
    put(opened(path), "kept")
    with pytest.raises(LibraryUnavailable):
        opened(path, FIRST, SECOND, "create table note (id integer);").prepare()
    assert texts(opened(path)) == ["kept"]


def test_many_first_users_at_once(tmp_path):
    path = tmp_path / "notes.sqlite3"
    shared = opened(path, FIRST, SECOND)
    start = threading.Barrier(8)
    failures = []

    def work(file):
        start.wait()
        try:
            for number in range(10):
                put(file, str(number))
        except LibraryUnavailable as error:
            failures.append(error)

    threads = [
        threading.Thread(target=work, args=(shared if n % 2 else opened(path, FIRST, SECOND),)) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(texts(shared)) == 80
    assert len(shared._open) == 1  # those of ended threads are closed


def test_all_or_nothing(tmp_path):
    file = opened(tmp_path / "notes.sqlite3")
    put(file, "kept")
    with contextlib.suppress(KeyError), file.transaction() as db:
        db.execute("insert into note (text) values ('lost')")
        with file.reading() as same:  # within a transaction one reads what it has written
            assert same.execute("select count(*) from note").fetchone() == (2,)
        raise KeyError
    with pytest.raises(sqlite3.IntegrityError), file.transaction() as db:
        db.execute("insert into note (text) values (null)")
    assert texts(file) == ["kept"]


def test_a_reader_sees_one_state(tmp_path):
    file = opened(tmp_path / "notes.sqlite3")
    put(file, "first")
    with file.reading() as db:
        assert db.execute("select count(*) from note").fetchone() == (1,)
        writer = threading.Thread(target=put, args=(file, "second"))
        writer.start()
        writer.join()
        assert db.execute("select count(*) from note").fetchone() == (1,)
    assert len(texts(file)) == 2


def test_pragmas_for_a_while(tmp_path):
    file = opened(tmp_path / "notes.sqlite3")
    read = file.connection.execute
    assert read("pragma synchronous").fetchone() == (1,)
    with file.tuned(synchronous="FULL"):
        assert read("pragma synchronous").fetchone() == (2,)
        put(file, "lasting")
    assert read("pragma synchronous").fetchone() == (1,)


def test_what_is_said_in_both_languages(tmp_path):
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"this is not a database at all" * 100)
    with speaking("en"), pytest.raises(DamagedLibrary, match=r"is damaged: .* Move the file away"):
        texts(opened(broken))
    broken.with_name("broken.sqlite3-wal").write_bytes(b"written last")
    with speaking("zh"), pytest.raises(DamagedLibrary, match=r"已损坏：.*请移走该文件"):
        texts(opened(broken))
    assert broken.with_name("broken.sqlite3-wal").read_bytes() == b"written last"
    (tmp_path / "file").write_text("in the way")
    with speaking("en"), pytest.raises(LibraryUnavailable, match=r"Notes can't be kept: .*Check that the folder"):
        put(opened(tmp_path / "file" / "notes.sqlite3"), "x")
    folder = tmp_path / "folder.sqlite3"
    folder.mkdir()
    with speaking("zh"), pytest.raises(LibraryUnavailable, match=r"无法保存笔记：.*请检查该文件夹"):
        put(opened(folder), "x")
    file = opened(tmp_path / "notes.sqlite3")
    with contextlib.closing(sqlite3.connect(file.path)) as db:
        db.execute("pragma user_version = 9")
    with speaking("zh"), pytest.raises(NewerLibrary, match=r"由更新的版本写入.*请升级本程序"):
        file.prepare()
