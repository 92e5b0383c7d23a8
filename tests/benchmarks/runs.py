"""A measurement on record: under which circumstances it is made, and in which file it stands."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.evaluation import Record
    from agents.platform import Platform

ROOT = Path(__file__).parents[2]
SETS = Path(os.environ.get("EVAL_SETS", ROOT.parent / "shared" / "eval"))
"""The measuring sets, which are no part of the project."""
E5 = os.environ.get("E5_FOLDER", "")
"""A folder with multilingual-e5-small, whose weights the bundled embedder has too."""


def processor() -> float:
    """Seconds of a processor so far: of this process and of all that it started."""
    import psutil

    times = os.times()
    spent = times.user + times.system + times.children_user + times.children_system
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            used = child.cpu_times()
            spent += used.user + used.system
    return spent


def opened_record(platform: Platform, folder: Path, name: str = "") -> tuple[Record, Path]:
    """The record of the run `name` (none: of this model at this commit) and its file, which is gone on with where it is
    there. Raises `UsageError` when that was written under other circumstances."""
    from agents.evaluation import Record, circumstances

    commit, dirty = _commit()
    told = {"commit": commit, "dirty": dirty}
    told |= circumstances(platform.shown_model, platform.chat_model, platform.settings)
    file = file_of(name or f"{Path(told['model']).stem}-{commit[:8]}{'-dirty' if dirty else ''}", folder)
    return Record(told, file), file


def file_of(name: str, folder: Path) -> Path:
    """Of a run: a name, or a path."""
    return Path(name) if name.endswith(".jsonl") else folder / f"{name}.jsonl"


def known(wanted: str, names: tuple[str, ...]) -> list[str]:
    """The chains that a list with commas names; all for none. Raises `ValueError` for one there isn't."""
    found = wanted.split(",") if wanted else list(names)
    if unknown := [name for name in found if name not in names]:
        message = f"No chain {', '.join(unknown)}; there are {', '.join(names)}."
        raise ValueError(message)
    return found


def _commit() -> tuple[str, str]:
    """The commit, and a digest of what was changed since in what answers; '' when nothing was."""

    def git(*arguments: str) -> Any:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout

    changed = git("diff", "HEAD", "--", "agents", "ingest", "prompts")
    return git("rev-parse", "HEAD").decode().strip(), hashlib.sha256(changed).hexdigest()[:8] if changed else ""
