"""What a home folder holds that a backup keeps, and under which names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ingest.catalog import CATALOG
from ingest.settings import FILE as SETTINGS
from ingest.stores import BESIDE
from ingest.whole_files import HALF

MANIFEST = "zhiku-backup.json"
STORES = (CATALOG, *BESIDE)
UPLOADS, RUN_FILES = "uploads", "runs"
MCP_SERVERS, MCP_TRUST = "mcp.json", "mcp-trust.json"
HANDED_OVER = (SETTINGS, MCP_SERVERS, MCP_TRUST)
"""Files that can make programs run or addresses be reached: of these nothing is taken unseen."""

_UPLOAD = re.compile(r"uploads/\d{1,19}/[^/\\]+")
_RUN_FILE = re.compile(r"runs/(?:[\w-]+\.jsonl|[\w-]+(?:/[^/\\]+){1,3})")
_HALF_WRITTEN = (HALF, ".upload-", ".backup-")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def belongs(name: str) -> bool:
    """Whether a member of an archive is one that a backup may have; `name` as the archive has it."""
    return name == MANIFEST or name in HANDED_OVER or any(name == store.path for store in STORES) or _loose(name)


def _loose(name: str) -> bool:
    parts = name.split("/")
    if _UNPRINTABLE.search(name) or any(set(part) <= {"."} for part in parts) or parts[-1].startswith(_HALF_WRITTEN):
        return False
    return bool(_UPLOAD.fullmatch(name) or _RUN_FILE.fullmatch(name))


def loose_files(home: Path) -> Iterator[Path]:
    """The uploaded files and the files of runs: plain files, no links, nothing half written."""
    for folder in (UPLOADS, RUN_FILES):
        for where, _, names in os.walk(home / folder):
            for path in (home / where / name for name in sorted(names)):
                if _loose(path.relative_to(home).as_posix()) and path.is_file() and not path.is_symlink():
                    yield path
