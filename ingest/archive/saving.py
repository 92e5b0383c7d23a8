"""Home → archive, while others go on reading and writing. What is saved has been looked through first."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import tomllib
import zipfile
from contextlib import closing
from pathlib import Path

from ingest.archive import secrets
from ingest.archive.contents import HANDED_OVER, MANIFEST, MCP_SERVERS, MCP_TRUST, STORES, loose_files
from ingest.catalog import CATALOG, schema
from ingest.catalog.wording import explained
from ingest.database import timestamp
from ingest.errors import DamagedLibrary, LibraryUnavailable
from ingest.language import Text
from ingest.settings import FILE as SETTINGS
from ingest.sqlite import opened_read_only
from ingest.stores import StoreFile

_OWNER_ONLY = 0o600


def backup(home: Path, file: Path) -> int:
    """Write `home` to `file`; returns its size in bytes. The file appears whole or not at all, readable by its owner.

    Every database is copied as it is at one moment, and the copy is checked: a page that can't be read, an index that
    disagrees with its table. Raises `DamagedLibrary` then, and `LibraryUnavailable` for a full disk and the like; what
    stood in the place of `file` stays.
    """
    with explained(file), tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as scratch:
        partial = Path(scratch) / "archive.zip"
        rows: dict[str, dict[str, int]] = {}
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            for store in STORES:
                if (home / store.path).is_file():
                    copy = Path(scratch) / "copy.sqlite3"
                    rows[store.path] = _snapshot(home, store, copy)
                    archive.write(copy, store.path)
                    copy.unlink()
            for name in HANDED_OVER:
                if (text := _handed_over(home, name)) is not None:
                    archive.writestr(name, text)
            for path in loose_files(home):
                archive.write(path, path.relative_to(home).as_posix())
            archive.writestr(MANIFEST, json.dumps({"format": schema.VERSION, "created": timestamp(), "rows": rows}))
        _read_back(partial, rows, Path(scratch))
        partial.chmod(_OWNER_ONLY)
        partial.replace(file)
    return file.stat().st_size


def tally(db: sqlite3.Connection) -> dict[str, int]:
    """Rows by table."""
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    counts = {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    return {name: int(count) for name, count in counts.items() if not name.startswith("sqlite_")}


def _snapshot(home: Path, store: StoreFile, target: Path) -> dict[str, int]:
    """A copy as of one moment, without secrets and without what was deleted; returns its rows by table."""
    try:
        with closing(opened_read_only(home / store.path)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if verdict != "ok":
                raise _damaged(home / store.path, verdict)
            copy.execute("PRAGMA journal_mode=DELETE")  # complete in one file
            _without_secrets(store, copy)
            copy.execute("VACUUM")  # deleted rows stay readable in free pages
            return tally(copy)
    except sqlite3.OperationalError as error:
        raise _unreadable(home / store.path, error) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(home / store.path, str(error)) from error


def _without_secrets(store: StoreFile, copy: sqlite3.Connection) -> None:
    """Embedders and models can be addresses with a password in them."""
    table, column = ("embedder", "name") if store is CATALOG else ("run", "model")
    if copy.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
        copy.create_function("address", 1, secrets.address, deterministic=True)
        copy.execute(f"UPDATE {table} SET {column} = address({column}) WHERE {column} LIKE '%://%'")  # noqa: S608
        copy.commit()


def _handed_over(home: Path, name: str) -> str | None:
    """The file without its secrets; None where there is none, or none that can be read as what it should be."""
    path = home / name
    if name == MCP_SERVERS and (home / SETTINGS).is_file():
        path = _servers_path(home)
    if not path.is_file() or path.is_symlink():
        return None
    try:
        text = path.read_text("utf-8-sig")
        if name == SETTINGS:
            import tomlkit

            return tomlkit.dumps(secrets.settings(text))
        if name == MCP_TRUST:
            return json.dumps(json.loads(text), ensure_ascii=False)
        return secrets.mcp_servers(text)
    except ValueError:  # a mistake in the file; what it would say here nobody could use
        return None


def _servers_path(home: Path) -> Path:
    try:
        named = tomllib.loads((home / SETTINGS).read_text("utf-8-sig")).get("mcp_servers", MCP_SERVERS)
    except ValueError:
        named = MCP_SERVERS
    return home / Path(str(named)).expanduser()


def _read_back(archive: Path, rows: dict[str, dict[str, int]], scratch: Path) -> None:
    """Read the whole archive again as a restore would."""
    with zipfile.ZipFile(archive) as written:
        if spoilt := written.testzip():
            raise _damaged(archive, spoilt)
        for name, counted in rows.items():
            copy = scratch / "again.sqlite3"
            with written.open(name) as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            with closing(sqlite3.connect(copy)) as db:
                if tally(db) != counted:
                    raise _damaged(archive, name)
            copy.unlink()


def _damaged(path: Path, detail: str) -> DamagedLibrary:
    return DamagedLibrary(
        Text(f"No backup was made: {path} is damaged ({detail}).", f"未生成备份：{path} 已损坏（{detail}）。"),
        Text(
            "Keep the backups you have; `ingest doctor` says more, `ingest restore FILE` brings the latest back.",
            "请保留已有备份；`ingest doctor` 可查看详情，`ingest restore FILE` 可恢复最近的备份。",
        ),
    )


def _unreadable(path: Path, error: Exception) -> LibraryUnavailable:
    return LibraryUnavailable(
        Text(f"No backup was made: {path} can't be read ({error}).", f"未生成备份：无法读取 {path}（{error}）。"),
        Text("Check the disks' free space and your permissions.", "请检查磁盘剩余空间和访问权限。"),
    )
