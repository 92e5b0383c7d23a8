"""The everyday commands: add, list, show, remove, search."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ingest.cli import drawing
from ingest.cli.shell import emit, tell
from ingest.documents import HIT_FIELDS
from ingest.errors import PruneDoubtful
from ingest.language import say
from ingest.records import picked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.cli.shell import Common
    from ingest.documents import Added, Document, Hit, Report


def add(common: Common, *, paths: Sequence[str], **how: Any) -> int:  # noqa: ANN401 - of `Library.add`
    """`ingest add`."""
    from ingest.cli.bar import Bar

    with closing(common.library()) as library, Bar(quiet=common.quiet) as bar:
        report = library.add(list(paths), common.kb, progress=bar.show, **how)
    if common.json:
        emit(report_as_json(report))
    else:
        drawing.report(report, dry_run=how["dry_run"], quiet=common.quiet)
    if report.interrupted:
        return 130
    return 1 if report.failed else 0


def pruned(common: Common, attempt: Callable[..., Report], *, yes: bool) -> Report:
    """What `attempt(sure=…)` comes to; a person at the terminal is asked where it raises `PruneDoubtful`."""
    try:
        return attempt(sure=yes)
    except PruneDoubtful as doubt:
        # A script is no person: it has to say --yes.
        question = f"{doubt.message}\n{say('Remove them?', '确定移除吗？')}"
        if common.json or not sys.stdin.isatty() or not click.confirm(question, err=True):
            raise
        return attempt(sure=True)


def list_documents(common: Common) -> None:
    """`ingest list`."""
    with closing(common.library()) as library:
        documents = library.documents(common.kb)
    if common.json:
        emit({"kb": common.kb, "documents": [document_as_json(d) for d in documents]})
    else:
        drawing.documents(documents, common.kb)


def show(common: Common, *, doc: str, page: int | None) -> None:
    """`ingest show`."""
    with closing(common.library()) as library:
        document = library.document(doc, common.kb)
        if page is not None and not common.json:
            click.echo(drawing.harmless(library.page_text(document.id, page)))
            return
        pages, chunks = library.pages(document.id), library.chunks(document.id)
    if page is not None:
        pages = [p for p in pages if p.number == page]
        chunks = [c for c in chunks if c.page == page]
    if common.json:
        emit(
            {
                **document_as_json(document),
                "page_list": [picked(asdict(p), "number", "label", "section", "text") for p in pages],
                "chunk_list": [picked(asdict(c), "page", "start", "end", "section", "tokens", "text") for c in chunks],
            }
        )
    else:
        drawing.document(document, pages, chunks)


def remove(common: Common, *, docs: Sequence[str], yes: bool) -> None:
    """`ingest remove`."""
    with closing(common.library()) as library:
        found = {d.id: d for d in (library.document(name, common.kb) for name in docs)}
        names = "\n".join(f"  {drawing.harmless(d.path)}" for d in found.values())
        question = say(
            f"These go from '{common.kb}':\n{names}\nReally?", f"将从 “{common.kb}” 中删除：\n{names}\n确定吗？"
        )
        if not confirmed(question, yes=yes):
            return
        removed = library.remove([str(d.id) for d in found.values()], common.kb)
    tell(
        common,
        {"kb": common.kb, "removed": removed, "documents": [d.path for d in found.values()]},
        say(f"Deleted {removed} from '{common.kb}':\n{names}", f"已从 “{common.kb}” 删除 {removed} 个文档：\n{names}"),
    )


def search(common: Common, *, query: str, k: int | None, explain: bool) -> None:
    """`ingest search`."""
    if not query.isascii():
        # Under a locale without Chinese the bytes of the command line arrive escaped, one by one.
        with contextlib.suppress(UnicodeError):
            query = os.fsencode(query).decode("utf-8")
    with closing(common.library()) as library:
        begun = time.perf_counter()
        hits = library.search(query, common.kb, k)
        seconds = time.perf_counter() - begun
    if common.json:
        emit({"query": query, "kb": common.kb, "hits": [hit_as_json(h) for h in hits], "seconds": round(seconds, 4)})
    else:
        drawing.hits(hits, query, seconds, explain=explain)


def confirmed(question: str, *, yes: bool) -> bool:
    """True unless a person at a terminal says no."""
    return yes or not sys.stdin.isatty() or click.confirm(question, err=True)


def report_as_json(report: Report) -> dict[str, Any]:
    """A report with the fields of CONTRACT.md, `notes` where there are any, `interrupted` where it was."""
    data = {
        "kb": report.kb,
        "added": [_added(a) for a in report.added],
        "updated": [_added(a) for a in report.updated],
        "unchanged": report.unchanged,
        "removed": report.removed,
        "failed": [asdict(f) for f in report.failed],
        "skipped": [{"path": f.path, "reason": f.reason} for f in report.skipped],
        "seconds": round(report.seconds, 3),
        "pages_per_second": round(report.pages_per_second, 3),
        "embedded_chunks": report.embedded_chunks,
    }
    return data | ({"interrupted": True} if report.interrupted else {})


def hit_as_json(hit: Hit) -> dict[str, Any]:
    """A hit with the fields of CONTRACT.md."""
    return picked(asdict(hit), *HIT_FIELDS) | {"score": round(hit.score, 6)}


def document_as_json(document: Document) -> dict[str, Any]:
    """A document as `list` and `show` give it: `document` is its title, as in hits."""
    rest = picked(asdict(document), "path", "media_type", "sha256", "pages", "chunks", "bytes", "added", "notes")
    return {"id": document.id, "kb": document.kb, "document": document.title, **rest}


def _added(added: Added) -> dict[str, Any]:
    data = asdict(added)
    if not added.notes:
        del data["notes"]
    return data
