"""Connections to the server, used again; and what it says when something is wrong, in our words."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import StrDumperUnknown

from ingest.errors import LibraryLocked, LibraryUnavailable, NewerLibrary, UsageError
from ingest.language import Text
from ingest.sqlite import BUSY_SECONDS

SCHEMA = "zhiku"
"""Where our tables are, unless the address names another by `options=-csearch_path=NAME`."""
_MOST = 8
"""Connections of one store in one process: a server allows 100 of all unless it is told otherwise."""
_CONNECT_SECONDS = 5
_STARTING_SECONDS = 10.0
"""How long a server that is starting is waited for."""
_PAUSE = 0.2

Connection = psycopg.Connection[Any]


class _FlagDumper(Dumper):
    """SQLite has no booleans, so our columns have none."""

    oid = psycopg.adapters.types["int8"].oid

    def dump(self, obj: bool) -> Buffer:  # noqa: FBT001 - psycopg's signature
        return b"1" if obj else b"0"


class _TextDumper(StrDumperUnknown):
    """The server keeps no NUL. What documents say has none; a question may."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\ufffd"))


class _SumLoader(Loader):
    """Sums of whole numbers, which the server makes decimal."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


def connect(url: str) -> Connection:
    """A connection of the caller's own, in autocommit mode; it waits for a server that is just starting. Raises psycopg's
    errors, and `UsageError` for an address that is none."""
    given = _given(url)
    given.setdefault("connect_timeout", _CONNECT_SECONDS)
    given.setdefault("options", f"-csearch_path={SCHEMA}")
    given.setdefault("application_name", f"zhiku {os.getpid()} {socket.gethostname()}")
    end = time.monotonic() + _STARTING_SECONDS
    while True:
        try:
            made = psycopg.Connection.connect(**given, autocommit=True, cursor_factory=psycopg.RawCursor)
        except psycopg.OperationalError as error:
            if "starting up" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            made.adapters.register_dumper(bool, _FlagDumper)
            made.adapters.register_dumper(str, _TextDumper)
            made.adapters.register_loader("numeric", _SumLoader)
            return made


def _given(url: str) -> dict[str, Any]:
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError as error:
        why = _line(error)
        raise UsageError(
            Text(f"The setting 'store' is no address: {why}.", f"设置项 “store” 不是有效地址：{why}。"),
            Text("Write postgresql://USER@HOST/DATABASE.", "请写成 postgresql://用户@主机/数据库。"),
        ) from error


class Connections:
    """Some, made when they are needed and kept for the next. One that has died is let go of."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: list[Connection] = []
        self._guard = threading.Lock()
        self._room = threading.BoundedSemaphore(_MOST)
        weakref.finalize(self, _close, self._idle)

    def take(self) -> tuple[Connection, bool]:
        """One for the caller alone, and whether it is new: an older one may turn out to be dead. Raises psycopg's errors;
        `OperationalError` too where all are in use for long."""
        if not self._room.acquire(timeout=BUSY_SECONDS):
            raise psycopg.OperationalError("all connections are in use")
        try:
            with self._guard:
                known = self._idle.pop() if self._idle else None
            return (known, False) if known is not None else (connect(self._url), True)
        except BaseException:
            self._room.release()
            raise

    def give(self, connection: Connection) -> None:
        """Back again."""
        idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        if idle:
            with self._guard:
                self._idle.append(connection)
        else:
            connection.close()
        self._room.release()

    def close(self) -> None:
        """Close those that nobody uses."""
        with self._guard:
            _close(self._idle)


def _close(connections: list[Connection]) -> None:
    while connections:
        connections.pop().close()


@contextlib.contextmanager
def explained(url: str, what: Text) -> Iterator[None]:
    """Turn what psycopg says of the server at `url`, which keeps `what`, into our words."""
    try:
        yield
    except (psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        if isinstance(error, errors.InsufficientPrivilege):
            raise _unavailable(url, what, error) from error
        raise  # a bug of ours
    except psycopg.Error as error:
        raise _unavailable(url, what, error) from error


def schema_of(url: str) -> str:
    """Where our tables are at that address."""
    found = re.search(r"search_path=(\w+)", _given(url).get("options") or "")
    return found[1] if found else SCHEMA


def lock_number(url: str, name: str) -> int:
    """What an advisory lock of ours is called at the server: 64 bits of the BLAKE2b of schema and name."""
    digest = hashlib.blake2b(f"{schema_of(url)}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def displayed(url: str) -> str:
    """An address as it may be shown: without user and password."""
    given = _given(url)
    port = f":{given['port']}" if given.get("port") else ""
    return f"postgresql://{given.get('host', '')}{port}/{given.get('dbname', '')}"


def newer(url: str, what: Text, version: int, known: int) -> NewerLibrary:
    """A later program wrote it, in the format `version`; this one reads up to `known`."""
    return NewerLibrary(
        Text(
            f"{what.en} in {displayed(url)} were written by a later version (format {version}; this one: {known}).",
            f"{displayed(url)} 中的{what.zh}由更新的版本写入（格式 {version}，当前最高支持 {known}）。",
        ),
        Text("Update this program.", "请升级本程序。"),
    )


def _unavailable(url: str, what: Text, error: psycopg.Error) -> LibraryUnavailable:
    where, detail = displayed(url), _line(error)
    if isinstance(error, errors.LockNotAvailable | errors.QueryCanceled | errors.TooManyConnections):
        return LibraryLocked(
            Text(f"The database {where} is busy: {detail}.", f"数据库 {where} 正忙：{detail}。"),
            Text("Try again in a moment.", "请稍后重试。"),
        )
    for applies, en, zh, hint in (
        (isinstance(error, errors.DiskFull), "is full", "的磁盘已满", _ROOM),
        (any(word in detail for word in _SHUT), "does not let us in", "拒绝登录", _KEY),
        ("does not exist" in detail, "is not there", "不存在", _MAKE),
        (
            isinstance(error, errors.InsufficientPrivilege | errors.ReadOnlySqlTransaction),
            "is not ours",
            "不可写",
            _GRANT,
        ),
        (isinstance(error, psycopg.OperationalError), "can't be reached", "无法连接", _START),
    ):
        if applies:
            return LibraryUnavailable(
                Text(
                    f"The database {where} {en}: {detail}. What was finished is kept.",
                    f"数据库 {where} {zh}：{detail}。已完成的内容均已保存。",
                ),
                hint,
            )
    return LibraryUnavailable(
        Text(f"{what.en} can't be kept in {where}: {detail}.", f"无法将{what.zh}保存到 {where}：{detail}。")
    )


_SHUT = ("authentication failed", "no password supplied", "pg_hba")
_ROOM = Text("Free some space there and do the same again.", "请在该服务器上释放空间后重试。")
_KEY = Text(
    "Check user and password in the setting 'store', or in ~/.pgpass.",
    "请检查设置项 “store” 或 ~/.pgpass 中的用户名和密码。",
)
_MAKE = Text("`createdb` makes it.", "可用 `createdb` 创建。")
_GRANT = Text("Its owner can grant CREATE on it.", "请由其所有者授予 CREATE 权限。")
_START = Text(
    "Start the server, or correct the setting 'store', and do the same again.",
    "请启动该服务器或更正设置项 “store” 后重试。",
)


def _line(error: Exception) -> str:
    """What it says, in one line, without a full stop."""
    return " ".join(str(error).split()).rstrip(".")
