"""Files that were sent, not named: copies are kept in the home folder, so that a citation can open the original later."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ingest.whole_files import written

FOLDER = "uploads"
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_LONGEST = 200
"""Bytes of a file name; file systems allow 255, and a temporary suffix is added while writing."""


def safe_name(name: str) -> str:
    """The last part of a file name as sent by a browser, fit for any file system; never empty, '.' or '..'.

    Composed (NFC), because macOS sends decomposed names and the same file would otherwise count as two.
    """
    last = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    last = _FORBIDDEN.sub("_", last).strip(" .")
    if not last or _RESERVED.fullmatch(last):
        last = f"file_{last}"
    stem, dot, suffix = last.rpartition(".")
    if not dot or len(suffix.encode()) > 12:
        stem, suffix = last, ""
    while len(stem.encode()) > _LONGEST:
        stem = stem[:-1]
    return f"{stem}.{suffix}" if suffix else stem


def upload_folder(home: Path, kb_id: int) -> Path:
    """Where uploads of a knowledge base lie. By its number: a knowledge base can be renamed, its files stay."""
    return home / FOLDER / str(kb_id)


def keep_upload(home: Path, kb_id: int, name: str, content: BinaryIO) -> Path:
    """Write an uploaded file and return its path. A file of the same name is replaced in one step, so a reader
    never sees half of one. Raises OSError when the disk is full or read-only."""
    target = upload_folder(home, kb_id) / safe_name(name)
    with written(target) as out:
        shutil.copyfileobj(content, out, 1 << 20)
    return target


def forget_refused(home: Path, paths: Iterable[str | Path], kept: Iterable[str]) -> None:
    """Remove those uploads among `paths` that became no document: `kept` are the paths of those that did."""
    documents = [os.path.realpath(path) for path in kept]  # as the catalog names them
    for path in paths:
        real = os.path.realpath(path)
        if is_upload(home, str(path)) and not any(Path(one).is_relative_to(real) for one in documents):
            with suppress(OSError):
                Path(path).unlink(missing_ok=True)


def forget_uploads(home: Path, gone: Iterable[str], kept: Iterable[str]) -> None:
    """Remove copies of ours with their documents, whose paths are `gone`; an archive with the last of those it held, `kept`
    being the paths that are left. Files that were a person's own before stay."""
    left = [Path(path) for path in kept]
    for path in filter(partial(is_upload, home), gone):
        copy = Path(home, FOLDER, *Path(path).resolve().relative_to((home / FOLDER).resolve()).parts[:2])
        if not any(one.is_relative_to(copy) for one in left):
            copy.unlink(missing_ok=True)


def is_upload(home: Path, path: str) -> bool:
    """True when `path` is a copy of ours, which may be deleted together with its document."""
    try:
        return Path(path).resolve().is_relative_to((home / FOLDER).resolve())
    except OSError:
        return False
