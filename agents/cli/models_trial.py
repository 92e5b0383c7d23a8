"""What `zhiku models use` finds out about a file before it answers: its adapters fit, it loads here, and whether it can
judge sentences."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from agents.llm.engine import adapters
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.trial import try_out
from ingest.cli.shell import Common, echo, note
from ingest.errors import ModelError
from ingest.language import say


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
    note(options, say("Loading it once, to be sure …", "正在试载入一次……"))
    try:
        try_out(EngineOptions.from_settings(path, options.settings()))
    except ModelError as error:
        echo(en=f"It is chosen, but does not load here now. {error}", zh=f"已选用，但目前无法载入。{error}", err=True)
        return str(error)
    return ""


def judged(options: Common, path: Path, home: Path, *, wanted: bool | None) -> None:
    """Find out what the votes of the model at `path` on sentences are worth, if `wanted`; by default only on a terminal, and
    only once. One that fails or is stopped (Ctrl-C) changes nothing: it is done another time, in a pause of a chat."""
    from agents.llm.chat_model import open_file
    from agents.llm.judging.measuring import measure, read, write

    model = open_file(path, path.stem, options.settings(), home)
    folder = Path(model.profiles)
    if wanted is False or (wanted is None and (options.json or not sys.stderr.isatty() or read(folder, path))):
        return
    told = say("Trying it as a judge of sentences (Ctrl-C skips this) …", "正在试用它判断句子的能力（按 Ctrl-C 跳过）…")
    try:
        note(options, told)
        if (votes := measure(model, threading.Event())) is None:
            return
    except KeyboardInterrupt:
        echo(en="The trial was stopped; the model is chosen.", zh="试用已停止；模型仍已选用。", err=True)
        return
    except ModelError as error:
        echo(en=f"The trial failed: {error}", zh=f"试用失败：{error}", err=True)
        return
    finally:
        model.engine.close()
    try:
        write(folder, path, votes)
    except OSError as error:
        echo(en=f"The result can't be kept: {error}", zh=f"无法保存结果：{error}", err=True)
    worth = votes.entails.any
    note(
        options,
        say(
            f"It {'votes' if worth else 'does not vote'} on sentences that the rules leave open "
            f"(right above wrong: {votes.entails.within.auc:.0%} within a language, {votes.entails.across.auc:.0%} across two; "
            f"{votes.seconds:.1f} s a vote).",
            f"规则无法判断的句子{'将' if worth else '不'}由它投票"
            f"（判断正确：同语言 {votes.entails.within.auc:.0%}，跨语言 {votes.entails.across.auc:.0%}；每次 {votes.seconds:.1f} 秒）。",
        ),
    )
