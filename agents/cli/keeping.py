"""What is kept of runs and conversations goes after `keep_days`: by `zhiku runs prune`, and when a run or the application
is begun."""

from __future__ import annotations

from contextlib import suppress

import click

from agents.tasks.keeping import Expired, prune
from ingest.cli.drawing import harmless
from ingest.cli.shell import Common, emit, note
from ingest.errors import LibraryUnavailable
from ingest.language import say
from ingest.pages import counted, shown_size


def prune_runs(options: Common, days: int | None, *, dry_run: bool) -> None:
    """Remove what is older than so many days, or than `keep_days`, and say what it was."""
    settings = options.settings()
    kept = settings.keep_days if days is None else days
    found = prune(options.folder, kept, settings.store, dry_run=dry_run, shrink=True)
    if options.json:
        ids = {"runs": [run.id for run in found.runs], "conversations": [one.id for one in found.conversations]}
        emit({"days": kept, "dry_run": dry_run, **ids, "freed": found.freed})
        return
    if not kept:
        note(options, say("Everything is kept: keep_days is 0.", "全部保留：keep_days 为 0。"))
        return
    for run in found.runs:
        click.echo(harmless(f"{run.changed[:10]}  {run.id}  {' '.join(run.task.split())[:80]}"))
    for one in found.conversations:
        click.echo(harmless(f"{one.changed[:10]}  {one.title[:80]} ({one.kb})"))
    note(options, _told(found, kept, dry_run=dry_run))


def forget_old(options: Common) -> None:
    """The same where nobody asked for it, a line on stderr for it; nothing where that line would not be seen, or where
    nothing can be written."""
    if options.json or options.quiet:
        return
    settings = options.settings()
    kept = settings.keep_days
    with suppress(LibraryUnavailable):
        if found := prune(options.folder, kept, settings.store):
            note(options, _told(found, kept, dry_run=False))


def _told(found: Expired, days: int, *, dry_run: bool) -> str:
    if not found:
        return say(
            f"No ended run and no conversation has been untouched for {days} days.",
            f"没有 {days} 天未变动的已结束运行或对话。",
        )
    runs, conversations = len(found.runs), len(found.conversations)
    en = f"{counted(runs, 'run')} and {counted(conversations, 'conversation')}, untouched for {days} days,"
    zh = f"{runs} 个运行和 {conversations} 个对话已 {days} 天未变动"
    if dry_run:
        return say(f"{en} would be removed.", f"{zh}，将被删除。")
    freed = say(f" ({shown_size(found.freed)} freed)", f"（释放 {shown_size(found.freed)}）") if found.freed else ""
    return say(
        f"{en} were removed{freed}; keep_days in settings.toml says how long they are kept.",
        f"{zh}，已删除{freed}；保留天数由 settings.toml 中的 keep_days 决定。",
    )
