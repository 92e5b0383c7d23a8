"""What can be wrong with the server: one clear line each, nothing lost, and no password shown."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing

import pytest

from agents.access.people import People
from agents.chat.history import Conversations
from agents.cli.store import _EVERYTHING
from ingest import open_library
from ingest.catalog import CATALOG, Catalog
from ingest.errors import LibraryUnavailable, NewerLibrary, UsageError
from ingest.filters import filter_of
from ingest.language import speaking
from ingest.migrating import MARK, migrate, settle
from ingest.settings import Settings
from ingest.stores import CONVERSATIONS
from ingest.texts import Given

HASHING = Settings(embedder="hashing", workers=1)


def psql(url, *statements):
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        return [connection.execute(one) for one in statements]


def test_a_server_that_is_gone_comes_back_between_two_calls(tmp_path, postgres):
    url = postgres.url().replace("zhiku@", "zhiku:secret@")
    with closing(open_library(tmp_path / "home", Settings(embedder="hashing", workers=1, store=url))) as library:
        (tmp_path / "a.md").write_text("Ten days of leave.")
        library.add([tmp_path / "a.md"])
        postgres.stop()
        try:
            for lang, words in (("en", "can't be reached"), ("zh", "无法连接")):
                with speaking(lang), pytest.raises(LibraryUnavailable, match=words) as raised:
                    library.search("leave")
                assert "secret" not in str(raised.value)
            with pytest.raises(LibraryUnavailable):
                library.create_kb("b")
        finally:
            postgres.start()
        assert library.search("leave")[0].text == "Ten days of leave."
        library.create_kb("b")
        assert library.add([tmp_path / "a.md"]).unchanged == 1
        assert {found.level for found in library.doctor()} == {"ok"}


def test_a_wrong_password_and_what_is_not_there(tmp_path, postgres):
    url = postgres.url()
    rules = postgres.folder / "data" / "pg_hba.conf"
    kept = rules.read_text()
    psql(url, "CREATE ROLE guarded LOGIN PASSWORD 'right'")
    rules.write_text(f"local all guarded scram-sha-256\n{kept}")
    psql(url, "SELECT pg_reload_conf()")
    try:
        with pytest.raises(LibraryUnavailable, match="does not let us in") as raised:
            Catalog(tmp_path, url.replace("zhiku@", "guarded:wrong@"))
        assert "wrong@" not in str(raised.value)
        with pytest.raises(LibraryUnavailable, match="CREATE"):  # it may come in, and may not make a schema
            Catalog(tmp_path, url.replace("zhiku@", "guarded:right@"))
    finally:
        rules.write_text(kept)
    with pytest.raises(LibraryUnavailable, match="createdb"):
        Catalog(tmp_path, url.replace("/postgres?", "/nothing?"))
    with pytest.raises(UsageError, match="no address"):
        Catalog(tmp_path, "postgresql://host/db?nonsense=1")


def test_tables_of_a_later_version_are_not_touched(tmp_path, postgres):
    url = postgres.url()
    Catalog(tmp_path, url).close()
    psql(url, f"UPDATE store SET version = 99 WHERE name = '{CATALOG.path}'")
    with pytest.raises(NewerLibrary, match="format 99"):
        Catalog(tmp_path, url)


def test_a_full_disk_keeps_what_was_finished(tmp_path, postgres):
    url = postgres.url()
    with closing(Conversations(tmp_path, url)) as memory:
        memory.create()
        psql(
            url,
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$",
            "CREATE TRIGGER full_disk BEFORE INSERT ON conversation EXECUTE FUNCTION full_disk()",
        )
        with speaking("zh"), pytest.raises(LibraryUnavailable, match="磁盘已满"):
            memory.create()
        psql(url, "DROP TRIGGER full_disk ON conversation")
        memory.create()
        assert len(memory.list()) == 2


@pytest.fixture
def small_disk(postgres):
    """An address whose tables lie on a disk of 3 MB."""
    place = postgres.folder / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("mounting a small disk takes more rights")
    url = postgres.url("small")
    try:
        shutil.chown(place, "postgres")
        psql(url, f"CREATE TABLESPACE small LOCATION '{place}'")
        yield f"{url}%20-cdefault_tablespace%3Dsmall"
        psql(url, "DROP SCHEMA small CASCADE", "DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_disk_that_is_really_full(tmp_path, postgres, small_disk):
    with closing(open_library(tmp_path / "home", Settings(embedder="hashing", workers=1, store=small_disk))) as library:
        (tmp_path / "first.md").write_text("Ten days of leave.")
        library.add([tmp_path / "first.md"])
        for number in range(10):
            (tmp_path / f"large{number}.md").write_text(f"# Large {number}\n\n" + os.urandom(60_000).hex())
        with speaking("zh"), pytest.raises(LibraryUnavailable, match="磁盘已满") as raised:
            library.add(sorted(tmp_path.glob("large*.md")))
        assert "释放空间" in raised.value.hint.zh
        assert library.search("leave")[0].text == "Ten days of leave."
        stored = len(library.documents())
        assert 1 <= stored < 11
        subprocess.run(["mount", "-o", "remount,size=64m", postgres.folder / "small"], check=True)
        wanted = sorted(tmp_path.glob("large*.md"))[: stored + 1]
        assert library.add(wanted).added
        assert {str(path) for path in wanted} < {document.path for document in library.documents()}
        assert {found.level for found in library.doctor()} == {"ok"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    with closing(open_library(folder, HASHING)) as library:
        library.texts().put([Given("a", "# 年假\n\n十天年假，1,250 元。\n", {})])
        library.tag(["text:a"], ["n=12", "x=y"])
        library.create_kb("gone")
        library.remove_kb("gone")
    with closing(People(folder, dict)) as people, closing(Conversations(folder)) as memory:
        people.add_user("李")
        memory.create("default", "kept")
    return folder


@pytest.fixture
def home(made, tmp_path):
    return shutil.copytree(made, tmp_path / "home")


@pytest.mark.parametrize("killed_after", ["embedder", "lexical_1_chunk", "member"])
def test_a_migration_that_was_cut_off_goes_on(home, postgres, killed_after):
    url = postgres.url()

    def die(table, _):
        if table == killed_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(home, "", url, _EVERYTHING, die)
    assert (home / MARK).exists()
    rows = migrate(home, "", url, _EVERYTHING)
    assert rows[CONVERSATIONS.path] == 1
    settle(home, "", _EVERYTHING)
    assert not (home / CATALOG.path).exists()
    with closing(open_library(home, Settings(embedder="hashing", store=url))) as library:
        assert "十天年假" in library.search("年假")[0].text
        assert len(library.documents(where="field:n>9 field:x=y")) == 1
        assert library.create_kb("new").id == 3  # the number of one that is gone does not come again
        assert {found.level for found in library.doctor()} == {"ok"}
    assert migrate(home, url, "", _EVERYTHING)[CONVERSATIONS.path] == 1
    settle(home, url, _EVERYTHING)
    with closing(Catalog(home)) as catalog:
        assert len(catalog.documents.all(1, filter_of("field:n>9"))) == 1
        assert catalog.kbs.create("newer").id == 4
        assert catalog.proofs.altered(1) == {}
        assert catalog.vectors.flawed(1) == (set(), set())
        assert catalog.kbs.get("default").dirty


def test_nothing_is_mixed_with_what_is_there(home, postgres):
    url = postgres.url()
    with closing(Conversations(home, url)) as memory:
        memory.create()
    with pytest.raises(UsageError, match="something in the database"):
        migrate(home, "", url, (CONVERSATIONS,))


def test_what_was_written_meanwhile_is_noticed(home, postgres):
    url = postgres.url()
    with pytest.raises(KeyboardInterrupt):
        migrate(home, "", url, (CONVERSATIONS,), lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with closing(Conversations(home)) as memory:
        memory.rename(memory.list()[0].id, "changed")
    with pytest.raises(LibraryUnavailable, match="not the same"):
        migrate(home, "", url, (CONVERSATIONS,))
