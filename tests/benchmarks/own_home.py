"""A home folder for one measurement: what is kept on disk must neither help it nor stay behind."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def own_home() -> Iterator[None]:
    """An empty folder as `ZHIKU_HOME` meanwhile; models must be closed before it ends."""
    before = os.environ.get("ZHIKU_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ZHIKU_HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["ZHIKU_HOME"]
            else:
                os.environ["ZHIKU_HOME"] = before
