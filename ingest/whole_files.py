"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

HALF = ".half-"
"""How the names of files begin that are being written."""


@contextlib.contextmanager
def written(path: Path, *, lasting: bool = False) -> Iterator[BinaryIO]:
    """What is written into this is the file `path` in one step, once that is done; after an error nothing is changed. Its folder
    is made. A file that was there leaves its mode, a new one is its owner's alone. `lasting`: a power cut can't take the
    content any more. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=HALF)
    try:
        with os.fdopen(descriptor, "wb") as draft:
            yield draft
            if lasting:
                draft.flush()
                os.fsync(descriptor)
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(path, name)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
