"""`ingest sync`: places kept in step, once or as long as the command runs."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from ingest.catalog import Synced
from ingest.cli import drawing
from ingest.cli.actions import pruned, report_as_json
from ingest.cli.shell import Common, emit, note, tell
from ingest.documents import Report
from ingest.errors import UsageError, ZhikuError
from ingest.language import Text, say
from ingest.library import Library
from ingest.syncing import changes


def sync(
    common: Common,
    *,
    place: str | None,
    watch: bool,
    watched: str | None,
    forget: bool,
    depth: int,
    keep: bool,
    **how: Any,  # noqa: ANN401 - of `Library.add`
) -> int:
    """`ingest sync`."""
    with closing(common.library()) as library:
        if forget:
            return _forget(common, library, place)
        places = [Synced(common.kb, place, keep, depth)] if place is not None else _followed(common, library)
        outcomes = [_once(common, library, one, keep=keep, named=place is not None, **how) for one in places]
        if common.json:
            found = [_json(one, report) for one, report in zip(places, outcomes, strict=True) if report is not None]
            emit(found[0] if place is not None else {"synced": found})
        if any(report is not None and report.interrupted for report in outcomes):
            return 130
        for one in places if watched else ():
            library.syncing.watch(one.place, one.kb, watched=watched == "yes")
        if watch:
            _watch(common, library)
    return 1 if any(report is None or report.failed for report in outcomes) else 0


def _followed(common: Common, library: Library) -> list[Synced]:
    """All places, or those of the knowledge base that is named. Raises `UsageError` when there are none."""
    found = library.syncing.all(common.kb if common.values.get("kb") else None)
    if not found:
        raise UsageError(
            Text("No folder is kept in step yet.", "尚未同步任何文件夹。"),
            Text("Name one: `ingest sync FOLDER`.", "请指定：`ingest sync 文件夹`。"),
        )
    return found


def _once(
    common: Common,
    library: Library,
    one: Synced,
    *,
    keep: bool,
    named: bool,
    yes: bool,
    **how: Any,  # noqa: ANN401
) -> Report | None:
    """One place in step. Of several that were not `named`, one that can't be reached doesn't keep the others waiting."""
    from ingest.cli.bar import Bar

    if not named:
        note(common, drawing.harmless(f"{one.kb} ← {one.place}"))

    def attempt(*, sure: bool) -> Report:
        with Bar(quiet=common.quiet) as bar:
            return library.syncing.sync(
                one.place, one.kb, keep=keep or one.keep, depth=one.depth, sure=sure, progress=bar.show, **how
            )

    try:
        report = pruned(common, attempt, yes=yes)
    except UsageError as error:
        if named:
            raise
        note(common, drawing.harmless(f"{one.place}: {error}"))
        return None
    if not common.json:
        drawing.report(report, dry_run=how["dry_run"], quiet=common.quiet)
    return report


def _json(one: Synced, report: Report) -> dict[str, Any]:
    return {"place": one.place, **report_as_json(report), "gone": list(report.gone)}


def _forget(common: Common, library: Library, place: str | None) -> int:
    if place is None:
        raise UsageError(Text("Which one? Name the folder.", "请指定要停止同步的文件夹。"))
    library.syncing.forget(place, common.kb)
    text = say(
        f"'{common.kb}' follows {place} no longer. Its documents stay.", f"“{common.kb}” 不再同步 {place}，其文档保留。"
    )
    tell(common, {"kb": common.kb, "place": place, "followed": False}, drawing.harmless(text))
    return 0


def _watch(common: Common, library: Library) -> None:
    """Follow every place until Ctrl-C."""
    followed = _followed(common, library)
    places = "\n".join(f"  {drawing.harmless(one.place)}" for one in followed)
    note(common, say(f"Watching; Ctrl-C ends it:\n{places}", f"正在监视，按 Ctrl-C 结束：\n{places}"))
    for touched in changes(sorted({one.place for one in followed}), threading.Event()):
        _follow(common, library, (one for one in followed if one.place in touched))


def _follow(common: Common, library: Library, places: Iterable[Synced]) -> None:
    """What goes wrong with one place now is told, and is no reason to follow it no longer."""
    for one in places:
        try:
            report = library.syncing.again(one)
        except ZhikuError as error:
            note(common, drawing.harmless(f"{one.place}: {error}"))
            continue
        if report.added or report.updated or report.removed or report.failed:
            emit(_json(one, report)) if common.json else drawing.report(report, dry_run=False, quiet=common.quiet)
