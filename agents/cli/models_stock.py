"""`zhiku models list · pull · use`: what is on this machine, what is fetched, and which one answers."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agents.cli.models_trial import fitting_adapters, judged, problem_of
from agents.llm import recommended
from agents.llm.hub import hub_names
from agents.llm.hub.offers import Offer, Source, offer
from agents.llm.hub.pull import gigabytes
from agents.llm.listing import ModelFile, checked, rows
from agents.llm.names import BUNDLED, OnDisk
from ingest.cli.bar import Live, clock
from ingest.cli.shell import Common, echo, emit, note, tell
from ingest.language import say
from ingest.records import to_json
from ingest.settings_file import change_settings, settings_path

if TYPE_CHECKING:
    from rich.progress import ProgressColumn


def list_models(options: Common) -> None:
    """Every model on this machine, whoever brought it: its name, kind and size; '*' is the one that answers."""
    home = options.folder
    chosen = options.settings().model
    found = rows(home, chosen)
    if options.json:
        emit({"models": to_json(found)})
        return
    _print(found, paths=not options.quiet)
    if not options.quiet:
        folder = home / "models"
        echo(
            en=f"\n* answers questions. Choose: `zhiku models use NAME`. Get more: `zhiku models pull OWNER/REPO`, "
            f"or put GGUF files into {folder}.",
            zh=f"\n* 为当前使用的模型。选用：`zhiku models use 名称`。获取更多：`zhiku models pull OWNER/REPO`，"
            f"或把 GGUF 文件放入 {folder}。",
        )


def pull(options: Common, name: str, source: Source, *, yes: bool) -> None:
    """Fetch a model from a hub into the home's folder. On a terminal the licence and size are shown and a yes is
    asked for; elsewhere nobody is there to ask. Raises `ModelError`."""
    if name == recommended.NAME:
        name, source = recommended.best(recommended.Machine.here()).name, "auto"
    found = offer(hub_names.required(name), options.folder, source)
    try:
        plan = found.plan
        licence = plan.repository.licence or say("not stated", "未注明")
        files = say(f"{len(plan.files)} file(s)", f"{len(plan.files)} 个文件")
        note(
            options,
            say(
                f"{plan.name} from {found.host}: {files}, {gigabytes(plan.bytes)}\n"
                f"Licence: {licence} · {plan.repository.page}",
                f"{plan.name}（来自 {found.host}）：{files}，{gigabytes(plan.bytes)}\n"
                f"许可证：{licence} · {plan.repository.page}",
            ),
        )
        if not (plan.present or yes or options.json) and sys.stdin.isatty() and sys.stderr.isatty():
            click.confirm(say("Fetch it?", "是否下载？"), default=True, abort=True, err=True)
        started = time.monotonic()
        with Transfer(quiet=options.quiet) as bar:
            first = _fetched(found, bar)
        seconds = time.monotonic() - started
    finally:
        found.close()
    done = say("It is here already", "本机已有") if plan.present else say("Fetched and checked", "已下载并校验")
    tell(
        options,
        {
            "model": plan.name,
            "path": str(first),
            "already_here": plan.present is not None,
            "source": found.host,
            "licence": plan.repository.licence,
            "bytes": plan.bytes,
            "files": [{"path": file.path, "bytes": file.size, "sha256": file.sha256} for file in plan.files],
            "seconds": round(seconds, 3),
        },
        say(
            f"{done}: {first}\nTo answer with it: `zhiku models use {plan.name}`",
            f"{done}：{first}\n用它回答：`zhiku models use {plan.name}`",
        ),
    )


def _fetched(found: Offer, bar: Transfer) -> Path:
    try:
        return found.fetch(bar.show)
    except KeyboardInterrupt:
        echo(
            en="What has come is kept: the same command goes on from there.",
            zh="已下载的部分会保留，重新运行同一命令即可继续。",
            err=True,
        )
        raise


def use(options: Common, name: str, lora: tuple[str, ...] = (), *, probe: bool | None = None) -> None:
    """Write `model = name` (and the adapters it gets) into the settings file, everything else in it left as it is, and
    see whether it loads and can judge sentences. Raises `ModelError` when there is no such model, or its file is broken or not complete."""
    name, source = checked(name, options.folder)
    path = settings_path(options.home, options.values.get("config"))
    put_on = fitting_adapters(options, source.path if isinstance(source, OnDisk) else None, lora)
    change_settings(path, model=name, **({} if put_on is None else {"lora": put_on}))
    overruled = os.environ.get("ZHIKU_MODEL", "")
    problem = problem_of(options, source.path) if isinstance(source, OnDisk) and (name != BUNDLED or put_on) else ""
    tell(
        options,
        {"model": name, "settings": str(path), "overruled_by": overruled, "problem": problem},
        say(f"{name} answers from now on ({path}).", f"今后由 {name} 回答（{path}）。"),
    )
    if overruled not in {"", name}:
        echo(
            en=f"But the variable ZHIKU_MODEL={overruled} goes before the settings file.",
            zh=f"但环境变量 ZHIKU_MODEL={overruled} 优先于设置文件。",
            err=True,
        )
    if isinstance(source, OnDisk) and not problem:
        judged(options, source.path, options.folder, wanted=probe)


def _print(found: list[ModelFile], *, paths: bool) -> None:
    width = max(len(row.name) for row in found)
    titles = {
        "home": say("home folder", "数据目录"),
        "huggingface": say("Hugging Face cache", "Hugging Face 缓存"),
        "ollama": "Ollama",
        "lmstudio": "LM Studio",
    }
    for row in found:
        size = gigabytes(row.bytes) if row.bytes else ""
        parts = (row.architecture, row.size, row.quantisation, size, row.context, row.note, titles.get(row.store, ""))
        detail = " · ".join(filter(None, parts))
        if row.problem:
            detail = say(f"unusable: {row.problem}", f"不可用：{row.problem}")
        click.echo(f"{'*' if row.used else ' '} {row.name:{width}}  {detail}")
        if row.path and paths:
            click.echo(f"    {row.path}")


class Transfer(Live):
    """Shows bytes done, bytes in all, speed and the time left."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self._quiet = quiet
        self._began: tuple[float, int] | None = None
        self._tenth = 0

    def show(self, done: int, total: int) -> None:
        """Draw this moment."""
        self.update(done, total)
        if self._quiet or self.drawn:
            return
        now = time.monotonic()
        if self._began is None:
            self._began, self._tenth = (now, done), done * 10 // max(total, 1)
        tenth = done * 10 // max(total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            click.echo(transfer_line(done, total, done - self._began[1], now - self._began[0]), err=True)

    def columns(self) -> list[ProgressColumn]:
        """A bar, the bytes, how fast, how long."""
        from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn, TransferSpeedColumn

        return [BarColumn(bar_width=30), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]


def transfer_line(done: int, total: int, fetched: int, seconds: float) -> str:
    """'40 % of 2.5 GB · 31.2 MB/s · 0:48 left'; `fetched` bytes came in `seconds`."""
    share = f"{100 * done // max(total, 1)} %"
    size = f"{total / 1e9:.1f} GB" if total >= 1e9 else f"{total / 1e6:.1f} MB"
    parts = [say(f"{share} of {size}", f"{size} 的 {share}")]
    if seconds > 0 and fetched > 0:
        speed = fetched / seconds
        parts.append(f"{speed / 1e6:.1f} MB/s")
        left = clock((total - done) / speed)
        parts.append(say(f"{left} left", f"剩余 {left}"))
    return " · ".join(parts)
