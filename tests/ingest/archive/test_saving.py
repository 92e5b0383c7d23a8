"""What a backup holds, what it doesn't, and that it says nothing is well that isn't."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from ingest import open_library
from ingest.archive import secrets
from ingest.errors import DamagedLibrary
from ingest.settings import Settings
from tests.ingest.archive.homes import HASHING, conversations, converse

SETTINGS = '''
k = 5
# ocr_api_key = "in-a-comment"
ocr_api_key = "token-1"
model = "https://me:password-2@models.example/v1?key=in-the-query#m,http://x:password-3@b/v1#m"
embedder_api_key = """
many
lines-4"""
"model_api_key" = 'quoted-5'
'''
MCP = {
    "mcpServers": {
        "a": {
            "command": "/bin/server",
            "args": ["--token=arg-6", "--api-key", "arg-7", "--verbose", "http://u:arg-8@h/"],
            "env": {"KEY": "env-9", "REF": "${MY_KEY}"},
        },
        "b": {"url": "https://u:url-10@h/mcp", "headers": {"Authorization": "Bearer head-11", "X": "Bearer ${TOKEN}"}},
    }
}
SECRETS = [
    "in-a-comment",
    "token-1",
    "password-2",
    "in-the-query",
    "password-3",
    "lines-4",
    "quoted-5",
    "arg-6",
    "arg-7",
    "arg-8",
    "env-9",
    "url-10",
    "head-11",
    "embedder-12",
    "deleted-13",
]


def members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def backed_up(home: Path, file: Path) -> dict[str, bytes]:
    with closing(open_library(home, HASHING)) as library:
        library.backup(file)
    return members(file)


def test_everything_it_claims_and_no_secret(home: Path, tmp_path: Path) -> None:
    (home / "settings.toml").write_text(SETTINGS, "utf-8")
    (home / "mcp.json").write_text(json.dumps(MCP), "utf-8")
    (home / "mcp-trust.json").write_text('{"a": {"origin": "x", "tools": {"t": "digest"}}}', "utf-8")
    converse(home, "deleted-13" * 50)
    with closing(sqlite3.connect(home / "conversations.sqlite3")) as db:
        db.execute("delete from turn where question like 'deleted%'")
        db.execute("delete from conversation where id like 'deleted%'")
        db.commit()
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as db:
        db.execute(
            "insert into embedder (key, name, dimensions, max_tokens) values ('k', 'http://u:embedder-12@h/v1#m', 8, 8)"
        )
        db.commit()
    found = backed_up(home, tmp_path / "all.zip")
    assert {
        *("zhiku-backup.json", "catalog.sqlite3", "conversations.sqlite3", "settings.toml", "mcp.json"),
        *("mcp-trust.json", "runs/runs.sqlite", "runs/r1.jsonl", "runs/r1/plot.png", "uploads/1/up.txt"),
    } == set(found)
    whole = b"\n".join(found.values())
    assert [secret for secret in SECRETS if secret.encode() in whole] == []
    assert Settings().mcp_servers in "mcp.json"
    kept = json.loads(found["mcp.json"])["mcpServers"]
    assert kept["a"]["env"] == {"KEY": "", "REF": "${MY_KEY}"}
    assert kept["a"]["args"] == ["--token=", "--api-key", "", "--verbose", "http://h/"]
    assert kept["b"]["headers"] == {"Authorization": "", "X": "Bearer ${TOKEN}"}
    assert b"models.example/v1#m" in found["settings.toml"]


@pytest.mark.parametrize(
    ("value", "public"),
    [
        ("http://a:b@h/v1#m", "http://h/v1#m"),
        ("http://h/v1#m,https://u@i:80/v1?k=v#n", "http://h/v1#m,https://i:80/v1#n"),
        ("http://a:p@ss@h/x", "http://h/x"),
        ("/models/a@b?.gguf", "/models/a@b?.gguf"),
        ("bundled", "bundled"),
    ],
)
def test_addresses_without_passwords(value: str, public: str) -> None:
    assert secrets.address(value) == public


def test_a_damaged_page_is_found_before_the_archive_has_its_name(home: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'chunk_document'").fetchone()[0]
    file = tmp_path / "backup.zip"
    file.write_bytes(b"the last good one")
    with (home / "catalog.sqlite3").open("r+b") as catalog:
        catalog.seek((page - 1) * 4096 + 8)
        catalog.write(bytes(4088))
    with closing(open_library(home, HASHING)) as library, pytest.raises(DamagedLibrary, match="No backup was made"):
        library.backup(file)
    assert file.read_bytes() == b"the last good one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "docs", "good.zip", "home"]


@pytest.mark.parametrize("store", ["conversations.sqlite3", "runs/runs.sqlite"])
def test_the_other_databases_are_looked_through_too(home: Path, tmp_path: Path, store: str) -> None:
    (home / store).write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    for end in ("-wal", "-shm"):
        (home / (store + end)).unlink(missing_ok=True)
    with (
        closing(open_library(home, HASHING)) as library,
        pytest.raises(DamagedLibrary, match=store.rsplit("/", maxsplit=1)[-1]),
    ):
        library.backup(tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


def test_only_plain_files_of_ours(home: Path, tmp_path: Path) -> None:
    (home / "uploads" / "1" / "link.txt").symlink_to("/etc/passwd")
    (home / "uploads" / "1" / ".upload-half").write_text("half", "utf-8")
    (home / "uploads" / "stray.txt").write_text("stray", "utf-8")
    found = backed_up(home, tmp_path / "all.zip")
    assert [name for name in found if name.startswith("uploads")] == ["uploads/1/up.txt"]


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_an_archive_is_its_owners_alone(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


def test_a_conversation_being_written_meanwhile(home: Path, tmp_path: Path) -> None:
    """The log of a database in use is part of what is saved."""
    with closing(sqlite3.connect(home / "conversations.sqlite3")) as db:
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.execute(
            "insert into conversation (id, title, kb, created, changed) values ('in the log', '', 'default', '', '')"
        )
        db.commit()
        found = backed_up(home, tmp_path / "all.zip")
    (tmp_path / "apart").mkdir()
    (tmp_path / "apart" / "conversations.sqlite3").write_bytes(found["conversations.sqlite3"])
    assert conversations(tmp_path / "apart") == {"first", "in the log"}
