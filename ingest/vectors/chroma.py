"""Chroma as the vector index: the only module that imports chromadb.

Chroma writes its HNSW files in place and without fsync, so what it holds is never the truth: everything
here can be thrown away and built again from the catalog (`ingest.mirror`).
"""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import LibraryUnavailable
from ingest.language import Text

_HNSW = {"space": "ip", "ef_construction": 200, "ef_search": 200, "max_neighbors": 24}
"""Vectors have unit length, so the inner product is the cosine."""
_BREADTH = 1000
"""So many are asked for, however few are wanted: the graph is searched as broadly as there are results (the greater of
it and `ef_search`, which collections keep from the day they were made). See docs/decisions.md for what that finds."""
_PAGE = 1000
"""Ids or vectors in one request."""
_PLACE = ("default_tenant", "default_database")  # where Chroma's client looks that is told nothing else
_OPEN = 200  # collections whose graphs stay open: each has five files, and a process may have 1,024


class IndexDamagedError(LibraryUnavailable):
    """Chroma failed in a way that a rebuild from the catalog mends; people hear of it where even that fails."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            Text(f"The vector index fails ({why}).", f"向量索引出错（{why}）。"),
            Text(
                "See that there is room on the disk, or that the Chroma server is well; `ingest doctor --repair`"
                " builds the index again.",
                "请检查磁盘空间，或 Chroma 服务是否正常；`ingest doctor --repair` 会重建索引。",
            ),
        )


class IndexAwayError(LibraryUnavailable):
    """The server that has the index does not answer: nothing is wrong with what it holds."""

    def __init__(self, url: str, error: BaseException) -> None:
        why = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        super().__init__(
            Text(f"The Chroma server at {url} doesn't answer: {why}.", f"位于 {url} 的 Chroma 服务没有响应：{why}。"),
            Text(
                "Start it (`chroma run`), or clear the setting 'chroma_url'. Searches are answered from the catalog"
                " meanwhile; what is added now it is told when it is back.",
                "请启动它（`chroma run`），或清空设置项 chroma_url。在此期间搜索直接使用目录库，新增内容会在其恢复后补上。",
            ),
        )


class ChromaIndex:
    """A `VectorIndex` in a folder, or on a Chroma server when `url` is given."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self._folder, self._url = folder, url
        self._client_: Any = None
        self._collections: dict[int, Any] = {}
        self._lock = threading.RLock()

    def upsert(self, kb_id: int, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """See `VectorIndex.upsert`; batches are cut to what Chroma takes."""
        with self._guarded():
            size = self._client().get_max_batch_size()
            collection = self._collection(kb_id)
            for at in range(0, len(ids), size):
                collection.upsert(ids=[str(i) for i in ids[at : at + size]], embeddings=vectors[at : at + size])

    def delete(self, kb_id: int, ids: Sequence[int]) -> None:
        """See `VectorIndex.delete`."""
        with self._guarded():
            collection = self._collection(kb_id)
            for at in range(0, len(ids), _PAGE):
                collection.delete(ids=[str(i) for i in ids[at : at + _PAGE]])

    def query(
        self, kb_id: int, vector: NDArray[np.float32], k: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """See `VectorIndex.query`."""
        with self._guarded():
            among, breadth = None if within is None else [str(i) for i in within], max(k, _BREADTH)
            found = self._collection(kb_id).query([vector], ids=among, n_results=breadth, include=["distances"])
        pairs = zip(found["ids"][0][:k], found["distances"][0][:k], strict=True)
        return [(int(i), 1.0 - float(d)) for i, d in pairs]

    def vectors(self, kb_id: int, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """See `VectorIndex.vectors`."""
        held: dict[int, NDArray[np.float32]] = {}
        with self._guarded():
            collection = self._collection(kb_id)
            for at in range(0, len(ids), _PAGE):
                found = collection.get(ids=[str(i) for i in ids[at : at + _PAGE]], include=["embeddings"])
                rows = zip(found["ids"], found["embeddings"], strict=True)
                held |= {int(i): np.asarray(row, np.float32) for i, row in rows}
        return held

    def ids(self, kb_id: int) -> set[int]:
        """See `VectorIndex.ids`."""
        with self._guarded():
            return {int(i) for i in self._collection(kb_id).get(include=[])["ids"]}

    def drop(self, kb_id: int) -> None:
        """See `VectorIndex.drop`."""
        with self._guarded():
            self._collections.pop(kb_id, None)
            if kb_id in self.collections():
                self._client().delete_collection(_name(kb_id))

    def collections(self) -> set[int]:
        """See `VectorIndex.collections`."""
        with self._guarded():
            names = [c.name for c in self._client().list_collections()]
            return {int(name.removeprefix("kb-")) for name in names if name.removeprefix("kb-").isdigit()}

    def reopen(self) -> None:
        """See `VectorIndex.reopen`. A server shows what others have written as it is."""
        with self._lock:
            self._collections.clear()
            if not self._url:
                self.close()

    def discard(self) -> None:
        """See `VectorIndex.discard`. On a server, our collections are deleted one by one."""
        with self._lock:
            if self._url:
                for kb_id in self.collections():
                    self.drop(kb_id)
                self._collections.clear()  # a server that was emptied behind our back knows none of them
                return
            self.reopen()
            emptied(self._folder)

    def close(self) -> None:
        """See `VectorIndex.close`. The core goes with its last user; a server's client leaves the connections open."""
        with self._lock:
            self._collections.clear()
            client, self._client_ = self._client_, None
            if self._url and client is not None:
                with contextlib.suppress(Exception):
                    client.close()
                client._server._session.close()  # noqa: SLF001 - there is no other way

    def _collection(self, kb_id: int) -> Any:  # noqa: ANN401 - Chroma's or ours
        found = self._collections.get(kb_id)
        if found is None:
            found = self._collections[kb_id] = self._client().get_or_create_collection(
                _name(kb_id), embedding_function=None, configuration={"hnsw": _HNSW}
            )
        return found

    def _client(self) -> Any:  # noqa: ANN401
        if self._client_ is None:
            self._client_ = self._connect() if self._url else _Core(self._folder)
        return self._client_

    def _connect(self) -> Any:  # noqa: ANN401
        from urllib.parse import urlsplit

        import chromadb
        from chromadb.config import Settings

        parts = urlsplit(self._url)
        try:
            return chromadb.HttpClient(
                host=parts.hostname or "localhost",
                port=parts.port or 8000,
                ssl=parts.scheme == "https",
                settings=Settings(anonymized_telemetry=False),
            )
        except Exception as error:  # Chroma wraps connection errors in many types
            raise IndexAwayError(self._url, error) from error

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """One caller at a time, and every failure of Chroma as `IndexDamagedError`; that of the way to its server as
        `IndexAwayError`."""
        try:
            with self._lock:
                yield
        except (KeyboardInterrupt, SystemExit, GeneratorExit, LibraryUnavailable):
            raise
        except BaseException as error:  # its Rust core panics on damaged files, and a panic is no `Exception`
            if self._url:
                import httpx

                if isinstance(error, httpx.TransportError):
                    raise IndexAwayError(self._url, error) from error
            raise IndexDamagedError(f"{type(error).__name__}: {error}") from error


class _Core:
    """Chroma's core on a folder, with what is called of its client. The package around it, with telemetry and the clients of
    a dozen embedding services, takes 1.3 s of a processor to import: a third of what adding a small folder takes."""

    def __init__(self, folder: Path) -> None:
        import chromadb_rust_bindings as rust

        folder.mkdir(parents=True, exist_ok=True)
        how = {"hash_type": rust.MigrationHash.MD5, "migration_mode": rust.MigrationMode.Apply}
        place = {"sqlite_db_config": rust.SqliteDBConfig(url=str(folder / "chroma.sqlite3"), **how)}
        self._core: Any = rust.Bindings(allow_reset=False, persist_path=str(folder), hnsw_cache_size=_OPEN, **place)
        self.get_max_batch_size = self._core.get_max_batch_size
        self.list_collections = lambda: self._core.list_collections(None, None, *_PLACE)
        self.delete_collection = lambda name: self._core.delete_collection(name, *_PLACE)

    def get_or_create_collection(self, name: str, *, configuration: dict[str, Any], **_: None) -> _Held:
        made = json.dumps({**configuration, "spann": None, "embedding_function": {"type": "legacy"}})
        return _Held(self._core, str(self._core.create_collection(name, made, *(None, None, True), *_PLACE).id))


@dataclass(frozen=True, slots=True)
class _Held:
    """One of its collections, called as Chroma's `Collection` is."""

    core: Any
    id: str

    def upsert(self, ids: list[str], embeddings: NDArray[np.float32]) -> None:
        self.core.upsert(self.id, ids, list(embeddings), None, None, None, *_PLACE)

    def delete(self, ids: list[str]) -> None:
        self.core.delete(self.id, ids, None, None, None, *_PLACE)

    def query(self, vectors: list[Any], ids: list[str] | None, n_results: int, include: list[str]) -> dict[str, Any]:
        found = self.core.query(self.id, ids, vectors, n_results, None, None, include, *_PLACE)
        return {"ids": found.ids, "distances": found.distances}

    def get(self, include: list[str], ids: list[str] | None = None) -> dict[str, Any]:
        found = self.core.get(self.id, ids, None, None, 0, None, include, *_PLACE)
        return {"ids": found.ids, "embeddings": found.embeddings}


def emptied(folder: Path) -> None:
    """Delete an index from the disk. Raises `IndexDamagedError` where it stays: what is damaged must not come back."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise IndexDamagedError(f"{folder} can't be deleted")


def _name(kb_id: int) -> str:
    """Chroma allows ASCII names of 3 to 512 characters only, so collections go by number."""
    return f"kb-{kb_id}"
