"""Chroma's compiled core, with as much of the client around it as an index in a folder needs.

`import chromadb` takes 1.3 s of a processor and 73 MB of memory, for its server, its telemetry and its embedding
functions; the core, which does the work, takes 0.02 s and none to speak of. Every process that writes starts one
(`ingest.vectors.apart`). The release is pinned, the calls are those of its `chromadb.api.rust`, and so are the files.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_PLACE = ("default_tenant", "default_database")
"""Where a client that names neither finds its collections."""
_HELD_OPEN = 40
"""Collections whose files stay open, five each: macOS gives a process 256."""


class FolderClient:
    """What we use of `chromadb.ClientAPI`, by its names, on the files in `folder`, which exists."""

    def __init__(self, folder: Path) -> None:
        import chromadb_rust_bindings as core

        database = core.SqliteDBConfig(
            hash_type=core.MigrationHash.MD5,
            migration_mode=core.MigrationMode.Apply,
            url=f"{folder}/chroma.sqlite3",
        )
        self._core: Any = core.Bindings(
            allow_reset=False, sqlite_db_config=database, persist_path=str(folder), hnsw_cache_size=_HELD_OPEN
        )

    def get_max_batch_size(self) -> int:
        """The most vectors that one `upsert` takes."""
        return int(self._core.get_max_batch_size())

    def get_or_create_collection(
        self,
        name: str,
        *,
        embedding_function: None,  # noqa: ARG002 - Chroma's client would load one of its own if it were not told
        configuration: Mapping[str, Any],
    ) -> FolderCollection:
        """The collection of that name; one that is there keeps the configuration it was made with."""
        kept = json.dumps({**configuration, "spann": None, "embedding_function": {"type": "legacy"}})
        made = self._core.create_collection(name, kept, None, None, True, *_PLACE)  # noqa: FBT003 - no names there
        return FolderCollection(self._core, str(made.id))

    def list_collections(self) -> Sequence[Any]:
        """Every collection; each has a `name`."""
        found: list[Any] = self._core.list_collections(None, None, *_PLACE)
        return found

    def delete_collection(self, name: str) -> None:
        """Delete the collection of that name with all that it holds."""
        self._core.delete_collection(name, *_PLACE)

    def close(self) -> None:
        """Let go of the files."""
        self._core = None


class FolderCollection:
    """What we use of `chromadb.Collection`, by its names."""

    def __init__(self, core: Any, number: str) -> None:  # noqa: ANN401 - compiled, and without types
        self._core = core
        self._id = number

    def upsert(self, ids: Sequence[str], embeddings: NDArray[np.float32]) -> None:
        """Write vectors, in place of those of the same ids."""
        self._core.upsert(self._id, ids, list(embeddings), None, None, None, *_PLACE)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete these, as far as they are there."""
        self._core.delete(self._id, ids, None, None, None, *_PLACE)

    def query(
        self, query_embeddings: Sequence[NDArray[np.float32]], n_results: int, include: Sequence[str]
    ) -> dict[str, Any]:
        """Up to `n_results` nearest per vector: their `ids` and `distances`."""
        found = self._core.query(self._id, None, query_embeddings, n_results, None, None, include, *_PLACE)
        return {"ids": found.ids, "distances": found.distances}

    def get(self, ids: Sequence[str] | None = None, *, include: Sequence[str]) -> dict[str, Any]:
        """`ids` and, where included, `embeddings`, of those ids or of all."""
        found = self._core.get(self._id, ids, None, None, 0, None, include, *_PLACE)
        return {"ids": found.ids, "embeddings": found.embeddings}
