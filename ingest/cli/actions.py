"""The everyday commands: add, list, show, edit, tag, remove, search."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

import click

from ingest.cli import drawing
from ingest.cli.shell import Common, as_typed, emit, note, tell, wanted
from ingest.documents import HIT_FIELDS, Added, Correction, Document, Hit, Report
from ingest.errors import PruneDoubtful, UsageError
from ingest.filters import Filter
from ingest.filters.names import is_file_name
from ingest.language import Text, say
from ingest.library import Library
from ingest.places import is_url
from ingest.records import picked
from ingest.remote.library import RemoteLibrary

_PAGE = 500
"""Documents in one table: to draw as many takes half a second."""


def add(common: Common, *, paths: Sequence[str], server: str, key: str, **how: Any) -> int:  # noqa: ANN401 - of `Library.add`
    """`ingest add`: to the library here, or to that of a server."""
    from ingest.cli.bar import Bar

    opened = _at_server(server, key, how) if server else common.library()
    with closing(opened) as library, Bar(quiet=common.quiet) as bar:
        if how.get("ocr"):
            paths = [
                path if os.path.lexists(path) or is_url(path) else _original(library, path, common.kb) for path in paths
            ]
        how |= {} if server else {"prune": True, "keep": True}  # what is gone stays, and is named
        report = library.add(list(paths), common.kb, progress=bar.show, **how)
    if common.json:
        emit(report_as_json(report))
    else:
        drawing.report(report, dry_run=bool(how.get("dry_run")), quiet=common.quiet)
    if report.interrupted:
        return 130
    return 1 if report.failed else 0


def _at_server(url: str, key: str, how: dict[str, Any]) -> RemoteLibrary:
    """The library of that server, which does all but giving tags its own way. Raises `UsageError`."""
    from ingest.remote.connection import Connection
    from ingest.remote.library import RemoteLibrary

    tags = how.pop("tags")
    if given := [f"--{name.replace('_', '-')}" for name, value in how.items() if value]:
        raise UsageError(
            Text(f"{', '.join(given)} can't be told to a server.", f"无法对服务器指定 {'、'.join(given)}。"),
            Text("It reads files by its own settings.", "服务器按自己的设置读取文件。"),
        )
    how.clear()
    how["tags"] = tags
    return RemoteLibrary(Connection(url, key))


def _original(library: Library | RemoteLibrary, name: str, kb: str) -> str:
    """The file that a document was read from, for what isn't a path; a path or a pattern that is no document stays."""
    try:
        return library.document(as_typed(name), kb).path
    except UsageError:
        return name


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


def list_documents(common: Common, *, tags: Sequence[str], where: Sequence[str], page: int | None) -> None:
    """`ingest list`: all as JSON, a table a page at a time."""
    fitting = wanted(tags, where)
    with closing(common.library()) as library:
        documents = library.documents(common.kb, where=fitting)
    first = _PAGE * ((page or 1) - 1)
    shown = documents[first : first + _PAGE]
    if common.json:
        emit({"kb": common.kb, "documents": [document_as_json(d) for d in (shown if page else documents)]})
    elif fitting and not documents:
        click.echo(none_fits(common.kb, fitting))
    elif documents and not shown:
        raise UsageError(
            Text(f"There is no page {page}.", f"没有第 {page} 页。"),
            Text(f"The last is {-(-len(documents) // _PAGE)}.", f"最后一页是第 {-(-len(documents) // _PAGE)} 页。"),
        )
    else:
        drawing.documents(shown, common.kb)
        if len(shown) < len(documents):
            last, more = first + len(shown), (page or 1) + 1
            end = say(f"--page {more} shows more.", f"--page {more} 显示后面的。") if last < len(documents) else ""
            note(
                common,
                say(
                    f"{first + 1:,} to {last:,} of {len(documents):,} documents. {end}",
                    f"第 {first + 1}–{last} 个，共 {len(documents)} 个文档。{end}",
                ),
            )


def none_fits(kb: str, fitting: Filter) -> str:
    """What is said where a filter lets no document through."""
    return say(f"No document of '{kb}' fits: {fitting}", f"“{kb}” 中没有符合条件的文档：{fitting}")


def tag(common: Common, *, words: Sequence[str], remove: bool) -> None:
    """`ingest tag`."""
    with closing(common.library()) as library:
        docs, names = _split([as_typed(word) for word in words], lambda name: library.document(name, common.kb))
        documents = library.tag(docs, names, common.kb, remove=remove)
    lines = "\n".join(f"  {drawing.in_one_line(d.path)}: {drawing.told(d)}" for d in documents)
    tell(common, {"kb": common.kb, "documents": [document_as_json(d) for d in documents]}, lines)


def _split(words: Sequence[str], document: Callable[[str], Document]) -> tuple[list[str], list[str]]:
    """The documents and the tags among `words`: the first is a document, and so is what looks like a file."""
    document(words[0])
    at = 1
    while at < len(words):
        try:
            document(words[at])
        except UsageError:
            if is_file_name(words[at]):
                raise
            break
        at += 1
    if at == len(words) > 1 and not is_file_name(words[-1]):
        at -= 1  # a tag may be called as a document is
    if at == len(words) or any(map(is_file_name, words[at:])):
        raise UsageError(
            Text("The documents come first, then at least one tag.", "请先写文档，再写至少一个标签。"),
            Text("For example: ingest tag report.pdf contract owner=Li", "例如：ingest tag 报告.pdf 合同 负责人=李"),
        )
    return list(words[:at]), list(words[at:])


def show(common: Common, *, doc: str, page: int | None) -> None:
    """`ingest show`."""
    with closing(common.library()) as library:
        document = library.document(doc, common.kb)
        if page is not None and not common.json:
            click.echo(drawing.harmless(library.page_text(document.id, page)))
            return
        pages, chunks, trace = library.pages(document.id), library.chunks(document.id), library.trace(document.id)
    if page is not None:
        pages = [p for p in pages if p.number == page]
        chunks = [c for c in chunks if c.page == page]
    if common.json:
        emit(
            {
                **document_as_json(document),
                "trace": trace
                and {**picked(asdict(trace), "loader", "library", "ocr", "seconds"), "pages": dict(trace.pages)},
                "page_list": [picked(asdict(p), "number", "label", "section", "text") for p in pages],
                "chunk_list": [picked(asdict(c), "page", "start", "end", "section", "tokens", "text") for c in chunks],
            }
        )
    else:
        drawing.document(document, pages, chunks, trace)


def edit(
    common: Common, *, doc: str, former: str | None, text: str | None, page: int | None, revert: int | None
) -> None:
    """`ingest edit`: a correction made or taken back, or those there are."""
    with closing(common.library()) as library:
        if former is not None:
            made = library.correct(doc, as_typed(former), as_typed(text or ""), common.kb, page=page)
        elif revert is not None:
            made = library.revert(doc, revert, common.kb)
        else:
            made = library.corrections(doc, common.kb)
        path = library.document(doc, common.kb).path
    lines = [_correction(one) for one in made] or [say("Nothing was corrected here.", "此文档没有更正。")]
    tell(common, {"kb": common.kb, "document": path, "corrections": [asdict(one) for one in made]}, "\n".join(lines))


def _correction(made: Correction) -> str:
    state = say("  (fits no longer: the file has changed)", "（文件已变化，不再适用）") if not made.stands else ""
    state = say("  (taken back)", "（已撤回）") if made.undone else state
    page, by = say(f"page {made.page}", f"第 {made.page} 页"), f"  {made.who}" if made.who else ""
    return drawing.in_one_line(f"{made.id}  {made.made[:10]}{by}  {page}  “{made.former}” → “{made.text}”{state}")


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


def search(
    common: Common, *, query: str, k: int | None, explain: bool, tags: Sequence[str], where: Sequence[str]
) -> None:
    """`ingest search`."""
    query, fitting = as_typed(query), wanted(tags, where)
    with closing(common.library()) as library:
        begun = time.perf_counter()
        hits = library.search(query, common.kbs, k, where=fitting)
        seconds = time.perf_counter() - begun
    several = len(common.kbs) > 1
    kb = list(common.kbs) if several else common.kb
    if common.json:
        found = [hit_as_json(h) | ({"kb": h.kb} if several else {}) for h in hits]
        asked = {"query": query, "kb": kb} | ({"where": str(fitting)} if fitting else {})
        emit({**asked, "hits": found, "seconds": round(seconds, 4)})
    elif fitting and not hits:
        click.echo(none_fits(", ".join(common.kbs), fitting))
    else:
        drawing.hits(hits, query, seconds, explain=explain, several=several)


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
    """A hit with the fields of CONTRACT.md, and how a reranker came to them where there is one."""
    more = ("fused", "reranked") if hit.fused else ()
    return picked(asdict(hit), *HIT_FIELDS, *more) | {"score": round(hit.score, 6)}


def document_as_json(document: Document) -> dict[str, Any]:
    """A document as `list` and `show` give it: `document` is its title, as in hits."""
    rest = picked(asdict(document), "path", "media_type", "sha256", "pages", "chunks", "bytes", "added", "notes")
    return {"id": document.id, "kb": document.kb, "document": document.title, **rest, **document.metadata}


def _added(added: Added) -> dict[str, Any]:
    data = asdict(added)
    if not added.notes:
        del data["notes"]
    return data
