"""What `zhiku models use` finds out about a file before it answers: its adapters fit, and it loads here, and which way of
enforcing a schema suits it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agents.llm.engine import adapters
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.trial import try_out
from agents.llm.probing import profiles
from agents.llm.probing.profiles import Profile
from ingest.cli.shell import Common, echo, note
from ingest.errors import ModelError
from ingest.language import say

if TYPE_CHECKING:
    from agents.llm.chat_model import GgufChat


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


def probed(options: Common, path: Path, home: Path, *, wanted: bool | None) -> Profile | None:
    """What is known of the file at `path`, after a probe if `wanted`; by default only on a terminal, and only once.

    A probe that fails or is cancelled (Ctrl-C) changes nothing: the model is chosen all the same.
    """
    folder = profiles.folder(home)
    known = profiles.read(folder, path, profiles.Profile)
    if wanted is False or (wanted is None and (known or options.json or not sys.stderr.isatty())):
        return known
    try:
        found = _run(options, path, home)
    except ModelError as error:
        echo(en=f"The probe failed: {error}", zh=f"试用失败：{error}", err=True)
        return known
    if found is None:
        echo(
            en="The probe was stopped or took too long; the model is chosen.",
            zh="试用被停止或耗时过长；模型仍已选用。",
            err=True,
        )
        return known
    try:
        profiles.write(folder, path, found)
    except OSError as error:
        echo(en=f"The probe's result can't be kept: {error}", zh=f"无法保存试用结果：{error}", err=True)
    note(options, report(found))
    return found


def report(profile: Profile) -> str:
    """What was found, in two lines."""
    names = {
        "hard": say("enforced at once", "立即约束"),
        "late": say("after a thought", "先想后约束"),
        "free": say("checked afterwards", "事后检查"),
    }
    figures = ", ".join(
        f"{names[mode]} {profile.right.get(mode, 0)}/{profile.tasks}" for mode in ("hard", "late", "free")
    )
    return say(
        f"Right on small tasks, by how schemas are enforced: {figures} ({profile.seconds:.0f} s).\n"
        f"Chosen: {names[profile.mode]}.",
        f"小任务答对数（按约束方式）：{figures}（{profile.seconds:.0f} 秒）。\n选用：{names[profile.mode]}。",
    )


def _run(options: Common, path: Path, home: Path) -> Profile | None:
    from agents.llm.chat_model import open_file
    from agents.llm.probing.probe import Probe

    model = open_file(path, path.stem, options.settings(), home)
    probe = Probe(model)
    note(
        options, say("Trying the model on small tasks (Ctrl-C skips this) …", "正在用小任务试用模型（按 Ctrl-C 跳过）…")
    )
    try:
        found = probe.run(partial(_show, options))
        if found is not None:
            _measure_votes(options, model)
    except KeyboardInterrupt:
        probe.cancel()
        return None
    else:
        return found
    finally:
        if not options.quiet and sys.stderr.isatty():
            click.echo("\r", nl=False, err=True)
        model.engine.close()


def _measure_votes(options: Common, model: GgufChat) -> None:
    """What its votes on sentences are worth; Ctrl-C leaves that for a later moment."""
    from agents.llm.judging.measuring import measure, write

    stop = threading.Event()
    note(options, say("\nTrying it as a judge of sentences …", "\n正在试用它判断句子的能力 …"))
    try:
        votes = measure(model, stop)
    except KeyboardInterrupt:
        stop.set()
        return
    if votes is None:
        return
    try:
        write(Path(model.profiles), model.header.path, votes)
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


def _show(options: Common, done: int, total: int) -> None:
    """A count on one line of a terminal; elsewhere a line for every quarter."""
    if options.quiet:
        return
    if sys.stderr.isatty():
        click.echo(f"\r{done}/{total}", nl=False, err=True)
    elif done * 4 // total > (done - 1) * 4 // total:
        click.echo(f"{done}/{total}", err=True)
