"""What `zhiku models use` finds out about a file before it answers: its adapters fit, and it loads here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.llm.engine import adapters
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.trial import try_out
from ingest.cli.shell import echo, note
from ingest.errors import ModelError
from ingest.language import say

if TYPE_CHECKING:
    from ingest.cli.shell import Common


def fitting_adapters(options: Common, path: Path | None, lora: Sequence[str]) -> str | None:
    """The value for the setting 'lora'; None to leave it as it is. Those given must fit the model at `path` (None: a
    server's); those set before for another model are dropped, and that is said. Raises `ModelError`, `UsageError`."""
    given = ",".join(lora)
    before = options.settings().lora
    if not (given or before):
        return None
    try:
        if path is None:
            raise ModelError(adapters.ONLY_FILES)
        put_on = adapters.checked(path, given or before)
    except ModelError as error:
        if given:
            raise
        echo(
            en=f"The LoRA adapters set before ({before}) are taken off: {error.message}",
            zh=f"已取消之前设置的 LoRA 适配器（{before}）：{error.message}",
            err=True,
        )
        return ""
    return ",".join(f"{one.path}:{one.scale:g}" for one in put_on) if given else None


def problem_of(options: Common, path: Path) -> str:
    """Why the model at `path` does not load with the settings in force, found out in a process that may die; '' when
    it does."""
    note(options, say(en="Loading it once, to be sure …", zh="正在试载入一次……"))
    try:
        try_out(EngineOptions.from_settings(path, options.settings()))
    except ModelError as error:
        echo(en=f"It is chosen, but does not load here now. {error}", zh=f"已选用，但目前无法载入。{error}", err=True)
        return str(error)
    return ""
