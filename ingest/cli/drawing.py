"""What a person reads on the terminal. Document text is data: no markup, no control characters."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.language import say
from ingest.pages import counted, local_time, shorten, shown_size
from ingest.tracing import told_page, told_trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.archive import Restored
    from ingest.catalog import KnowledgeBase, Synced
    from ingest.documents import Added, Chunk, Document, Failure, Hit, Page, Report, Trace
    from ingest.health import Finding

_SNIPPET = 220
"""Characters of a passage shown around its first matching word."""
_SIGNS = re.compile(r"^#{1,6} +")
_COPIES = 5
"""Copies of a passage that are named; more are counted."""
_LISTED = 20
"""Documents named one by one after an `add`; more are counted."""


def harmless(text: str) -> str:
    """Without characters that move the cursor or colour the terminal; line ends, tabs and blanks of any width stay."""
    return "".join(c if _shows(c) or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def in_one_line(text: str) -> str:
    """The same for paths and titles, which may hold line ends too."""
    return "".join(c if _shows(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def _shows(char: str) -> bool:
    # `isprintable` counts the ideographic space, which indents Chinese paragraphs, among what can't be printed.
    return char.isprintable() or unicodedata.category(char) == "Zs"


def report(report: Report, *, dry_run: bool, quiet: bool) -> None:
    """What an `add` did."""
    out = _console()
    if not quiet:
        _outcome(out, report, dry_run=dry_run)
    problems = _console(stderr=True)
    for failure in report.failed:
        problems.print(_problem("✗", "red", failure))
    if not quiet:
        for failure in report.skipped:
            problems.print(_problem("–", "yellow", failure))
    if report.interrupted:
        problems.print(
            say(
                "Stopped. What was finished is kept; run the same command to go on.",
                "已停止。已完成的内容均已保存，再次运行同一命令即可继续。",
            )
        )


def _outcome(out: Console, report: Report, *, dry_run: bool) -> None:
    for mark, style, items in (("+", "green", report.added), ("~", "cyan", report.updated)):
        # What was not read of a document is told however many there are.
        noted = [added for added in items[_LISTED:] if added.notes]
        for added in (*items[:_LISTED], *noted[:_LISTED]):
            out.print(_added(mark, style, added, dry_run=dry_run))
        if rest := len(items[_LISTED:]) - len(noted[:_LISTED]):
            out.print(Text(say(f"  … and {rest} more", f"  … 另有 {rest} 个"), style="dim"))
        if silent := len(noted[_LISTED:]):
            more = say(
                f"    {silent} of them with notes: `ingest list` marks them",
                f"    其中 {silent} 个有说明：`ingest list` 中有标记",
            )
            out.print(Text(more, style="yellow"))
    _gone(out, report, dry_run=dry_run)
    counts = [
        (len(report.added), say("would be added", "个将新增") if dry_run else say("added", "个新增")),
        (len(report.updated), say("would be updated", "个将更新") if dry_run else say("updated", "个更新")),
        (report.unchanged, say("unchanged", "个未变")),
        (report.removed, say("would be removed", "个将移除") if dry_run else say("removed", "个移除")),
        (len(report.skipped), say("skipped", "个跳过")),
        (len(report.failed), say("failed", "个失败")),
    ]
    parts = [say(f"{n} {what}", f"{n} {what}") for n, what in counts if n]
    nothing = say("nothing yet", "尚未完成任何文件") if report.interrupted else say("no files", "没有文件")
    line = f"{report.kb}: " + (say(", ", "，").join(parts) or nothing)
    if report.pages and not dry_run:
        line += say(
            f" · {counted(report.pages, 'page')} in {report.seconds:.1f} s ({report.pages_per_second:.1f} pages/s)",
            f" · {report.pages} 页，用时 {report.seconds:.1f} 秒（{report.pages_per_second:.1f} 页/秒）",
        )
    out.print(Text(harmless(line), style="bold"))
    if report.added and not dry_run:
        kb = "" if report.kb == "default" else f" --kb {shlex.quote(report.kb)}"
        ask = say(f'Now: zhiku ask "…"{kb}, or zhiku app', f'现在可以：zhiku ask "…"{kb}，或 zhiku app')
        out.print(Text(harmless(ask), style="dim"))


def _gone(out: Console, report: Report, *, dry_run: bool) -> None:
    """Every document that went, by name: nothing is removed without saying so."""
    kept = (
        ""
        if report.removed
        else say("  kept; its file is gone (`ingest remove`)", "  文件已不存在，文档保留（ingest remove 可移除）")
    )
    for path in report.gone if report.removed or dry_run else report.gone[:_LISTED]:
        out.print(Text.assemble(("- ", "red"), in_one_line(path), (kept, "dim")))
    if kept and not dry_run and (rest := len(report.gone) - _LISTED) > 0:
        out.print(Text(say(f"  … and {rest} more", f"  … 另有 {rest} 个"), style="dim"))


def _added(mark: str, style: str, added: Added, *, dry_run: bool) -> Text:
    text = Text.assemble((f"{mark} ", style), in_one_line(added.document))
    if not dry_run:
        text.append(
            say(f"  {_extent(added.pages, added.chunks, ', ')}", f"  {added.pages} 页，{added.chunks} 个片段"),
            style="dim",
        )
    for note in added.notes:
        text.append(f"\n    {harmless(note)}", style="yellow")
    return text


def _extent(pages: int, passages: int, between: str) -> str:
    return counted(pages, "page") + between + counted(passages, "passage")


def _problem(mark: str, style: str, failure: Failure) -> Text:
    text = Text.assemble((f"{mark} ", style), in_one_line(failure.path), f": {harmless(failure.reason)}")
    if failure.hint:
        text.append(f" {harmless(failure.hint)}", style="dim")
    return text


def documents(documents: Sequence[Document], kb: str) -> None:
    """`ingest list`."""
    if not documents:
        _console().print(
            say(f"'{kb}' is empty: `ingest add FOLDER` fills it.", f"“{kb}” 为空：请用 `ingest add 文件夹` 添加文档。")
        )
        return
    table = _table(
        ("#", "right"),
        (say("Title", "标题"), "left"),
        (say("Pages", "页"), "right"),
        (say("Passages", "片段"), "right"),
        (say("Notes", "说明"), "right"),
        (say("Date", "日期"), "left"),
        (say("Tags", "标签"), "left"),
        (say("Path", "路径"), "left"),
    )
    for d in documents:
        cells = (d.id, d.title, d.pages, d.chunks, len(d.notes) or "", d.date or d.modified, ", ".join(d.tags), d.path)
        table.add_row(*(Text(in_one_line(str(cell))) for cell in cells))
    _print(table)


def document(document: Document, pages: Sequence[Page], chunks: Sequence[Chunk], trace: Trace | None) -> None:
    """`ingest show`."""
    out = _console()
    out.print(Text(in_one_line(document.title), style="bold"))
    out.print(Text(in_one_line(document.path), style="dim"))
    out.print(
        Text(
            say(
                f"{document.media_type} · {shown_size(document.bytes)} · {_extent(document.pages, document.chunks, ' · ')}",
                f"{document.media_type} · {shown_size(document.bytes)} · {document.pages} 页 · {document.chunks} 个片段",
            )
        )
    )
    if line := told(document):
        out.print(Text(line))
    if trace is not None:
        out.print(Text(in_one_line(told_trace(trace)), style="dim"))
    for note in document.notes:
        out.print(Text(harmless(note), style="yellow"))
    how = dict(trace.pages) if trace is not None else {}
    for page in pages:
        label = f" ({page.label})" if page.label else ""
        heading = say(f"Page {page.number}{label}", f"第 {page.number} 页{label}")
        out.print(Text(f"\n{harmless(heading)}", style="bold cyan"))
        if page.number in how or not page.text.strip():
            out.print(Text(f"  {told_page(how.get(page.number, 'blank'))}", style="yellow"))
        for chunk in chunks:
            if chunk.page == page.number:
                where = f"{chunk.start}–{chunk.end}"
                section = " › ".join(chunk.section)
                out.print(Text.assemble((f"  {where:>13}  ", "dim"), (harmless(section), "italic")))
                out.print(Text("    " + harmless(shorten(chunk.text, _SNIPPET))))


def told(document: Document) -> str:
    """What a document carries, in one line."""
    named = {
        say("author", "作者"): ", ".join(document.author),
        say("date", "日期"): document.date,
        say("file of", "文件日期"): document.modified,
        say("language", "语言"): document.language,
        say("tags", "标签"): ", ".join(document.tags),
        **{name: ", ".join(values) for name, values in document.fields.items()},
    }
    return in_one_line(" · ".join(f"{name}: {value}" for name, value in named.items() if value))


def hits(hits: Sequence[Hit], query: str, seconds: float, *, explain: bool, several: bool = False) -> None:
    """`ingest search`; of `several` knowledge bases each hit names its own."""
    out = _console()
    if not hits:
        out.print(say("Nothing found.", "没有找到相关内容。"))
        return
    for hit in hits:
        page = hit.label or say(f"page {hit.page}", f"第 {hit.page} 页")
        page += say(f" (corrected {hit.corrected})", f"（{hit.corrected} 更正）") if hit.corrected else ""
        line = Text.assemble(
            (f"{hit.rank:>2}. ", "bold"), (in_one_line(hit.document), "bold cyan"), f" · {harmless(page)}"
        )
        if hit.section and hit.section != (hit.label,):
            line.append(f" · {harmless(' › '.join(hit.section))}", style="italic")
        line.append(f"  {hit.score:.3f}", style="dim")
        out.print(line)
        if explain:
            legs = [_leg(say("meaning", "语义"), hit.dense), _leg(say("words", "字词"), hit.lexical)]
            if hit.fused:
                legs += [_leg(say("together", "融合"), hit.fused), _leg(say("reranked", "重排"), hit.reranked)]
            out.print(Text(f"    {'   '.join(legs)}"))
        out.print(_snippet(hit.text, query))
        out.print(Text(f"    {f'{in_one_line(hit.kb)} · ' if several else ''}{in_one_line(hit.path)}", style="dim"))
        if hit.copies:
            names = ", ".join(in_one_line(path) for path in hit.copies[:_COPIES])
            more = f" … (+{len(hit.copies) - _COPIES})" if len(hit.copies) > _COPIES else ""
            out.print(Text(say(f"    the same in {names}{more}", f"    相同内容：{names}{more}"), style="dim"))
    out.print(
        Text(
            say(f"{counted(len(hits), 'hit')} in {seconds:.2f} s", f"{len(hits)} 个结果，用时 {seconds:.2f} 秒"),
            style="dim",
        )
    )


def _leg(name: str, leg: Any) -> str:  # noqa: ANN401 - LegScore or None
    return f"{name} #{leg.rank} {leg.score:.3f}" if leg else f"{name} –"


def _snippet(text: str, query: str) -> Text:
    from ingest.lexical.terms import terms_in

    spans = terms_in(text, query)
    start = max(0, spans[0][0] - _SNIPPET // 4) if spans else 0
    body = Text(harmless(text[start : start + _SNIPPET]).replace("\t", " "))
    for left, right in spans:
        if right > start and left < start + _SNIPPET:
            body.stylize("bold yellow", max(0, left - start), right - start)
    return in_lines(body, before=start > 0, after=start + _SNIPPET < len(text))


def in_lines(body: Text, *, before: bool = False, after: bool = False) -> Text:
    """A passage's lines, indented, without headings' signs and tables' rules; `before`, `after`: whether it goes on there."""
    lines = (line for line in body.split("\n") if line.plain.strip(" |:-"))
    shown = Text("\n    ").join(line[len(line) - len(_SIGNS.sub("", line.plain)) :] for line in lines)
    return Text.assemble("    ", "…" if before else "", shown, "…" if after else "")


def kbs(kbs: Sequence[KnowledgeBase]) -> None:
    """`ingest kb list`."""
    if not kbs:
        _console().print(say("There is no knowledge base yet.", "还没有知识库。"))
        return
    table = _table(
        (say("Name", "名称"), "left"),
        (say("Documents", "文档"), "right"),
        (say("Pages", "页"), "right"),
        (say("Passages", "片段"), "right"),
        (say("Embedder", "向量模型"), "left"),
        (say("Created", "创建时间"), "left"),
    )
    for kb in kbs:
        cells = (kb.name, kb.documents, kb.pages, kb.chunks, kb.embedder or "–", local_time(kb.created))
        table.add_row(*(Text(in_one_line(str(cell))) for cell in cells))
    _print(table)


def status(data: dict[str, Any], known: Sequence[KnowledgeBase], synced: Sequence[Synced]) -> None:
    """`ingest status`."""
    out = _console()
    out.print(Text(say(f"Library   {data['home']}", f"知识库目录  {data['home']}")))
    out.print(Text(say(f"On disk   {shown_size(data['bytes'])}", f"占用空间    {shown_size(data['bytes'])}")))
    out.print(Text(say(f"Embedder  {data['embedder']}", f"向量模型    {data['embedder']}")))
    if not data["healthy"]:
        out.print(
            say(
                "The vector index lags behind; the next search or `ingest doctor --repair` brings it up to date.",
                "向量索引尚未更新；下次搜索或运行 `ingest doctor --repair` 时会自动更新。",
            )
        )
    kbs(known)
    for one in synced:
        when = one.last[:16].replace("T", " ") or say("never", "从未")
        kept = say(", gone files kept", "，保留已删除的") if one.keep else ""
        kept += say(", watched", "，自动监视") if one.watched else ""
        line = say(
            f"In step  {one.kb} ← {one.place}  (last {when} UTC{kept})",
            f"同步  {one.kb} ← {one.place}（上次 {when} UTC{kept}）",
        )
        out.print(Text(in_one_line(line)))


def findings(findings: Sequence[Finding], *, quiet: bool) -> None:
    """`ingest doctor`."""
    out = _console()
    marks = {"ok": ("✓", "green"), "note": ("i", "cyan"), "problem": ("✗", "red")}
    for finding in findings:
        if quiet and finding.level == "ok":
            continue
        mark, style = ("✓", "green") if finding.mended else marks[finding.level]
        text = Text.assemble((f"{mark} ", style), harmless(finding.what))
        if finding.mended:
            text.append(say(" Mended.", " 已修复。"), style="green")
        elif finding.todo:
            text.append(f" {harmless(finding.todo)}", style="dim")
        out.print(text)


def _console(*, stderr: bool = False) -> Console:
    """Off a terminal lines are never wrapped: whatever reads them wants whole paths."""
    stream = sys.stderr if stderr else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() else 100_000
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False, soft_wrap=True)


def _table(*columns: tuple[str, Any]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, justify in columns:
        table.add_column(name, justify=justify, overflow="fold")
    return table


def _print(table: Table) -> None:
    """Without the blanks behind each row, which a narrower terminal would show as empty lines."""
    with (out := _console()).capture() as held:
        out.print(table)
    out.file.write(re.sub(r" +(?=(?:\x1b\[0m)?$)", "", held.get(), flags=re.MULTILINE))


def restored(file: str, found: Restored) -> list[str]:
    """What a restore brought, and what it left out, a line each."""
    first = say(f"Restored from {file}.", f"已从 {file} 恢复。")
    if found.former:
        first += " " + say(f"What was there before is in {found.former}.", f"原有内容已移至 {found.former}。")
    lines = [first]
    if found.left:
        names = ", ".join(in_one_line(name) for name in found.left)
        lines.append(
            say(
                f"Not taken, because it can run, reach or open something: {names}. Yours stay; the archive's are in"
                f" {found.left_in}, to be taken over by hand.",
                f"以下内容可能运行程序、访问网络或打开文件，因此未采用：{names}。您原有的设置保持不变；备份中的内容在"
                f" {found.left_in}，可手动采用。",
            )
        )
    for name in found.embedders:
        shown = in_one_line(name)
        lines.append(
            say(
                f"The embedder '{shown}' is not yours, so it is not used. If you trust it, set embedder = '{shown}' and"
                " restore again; otherwise `ingest rebuild` embeds with yours.",
                f"向量模型 “{shown}” 不在您的设置中，因此未采用。若信任它，请设置 embedder = '{shown}' 后重新恢复；"
                "否则可用 `ingest rebuild` 以您自己的模型重新生成。",
            )
        )
    if found.ignored:
        lines.append(
            say(
                f"{counted(len(found.ignored), 'file')} in it that no backup has were left out, such as"
                f" {in_one_line(found.ignored[0])}.",
                f"其中 {len(found.ignored)} 个不属于备份的文件未采用，例如 {in_one_line(found.ignored[0])}。",
            )
        )
    return lines
