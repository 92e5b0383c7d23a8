"""Passages put right by people: the stored page is changed and its document divided into passages again, in one transaction;
what stood there is kept, so that it can be taken back. A file that is read anew is corrected anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.catalog import Catalog
from ingest.chunking import Chunker
from ingest.documents import Block, Correction, Document, Page, Parsed, nearest
from ingest.embedders import Embedder
from ingest.errors import UsageError
from ingest.language import Text, say
from ingest.lock import WriterLock
from ingest.mirror import Mirror
from ingest.texts import PREFIX

_SHOWN = 60
"""Characters of a correction in a note."""


class Correcting:
    """Of the documents of one knowledge base."""

    def __init__(
        self, catalog: Catalog, mirror: Mirror, lock: WriterLock, embedder: Embedder, chunker: Chunker
    ) -> None:
        self._catalog, self._mirror, self._lock = catalog, mirror, lock
        self._embedder, self._chunker = embedder, chunker

    def correct(
        self, document: Document, former: str, text: str, page: int | None, start: int | None, who: str
    ) -> None:
        """Let `text` stand where `former` does: on any page, unless one is named, at `start` there. Raises `UsageError` where
        it stands nowhere or in several places, and for a text that is none."""
        text = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
        if not former.strip() or not text.strip() or text == former:
            raise UsageError(
                Text("There is nothing to correct.", "没有可更正的内容。"),
                Text("Give the text that stands there, and another.", "请给出现有文字和更正后的文字。"),
            )
        if document.path.startswith(PREFIX):
            raise UsageError(
                Text("This text was put in by a program.", "此文本由程序写入。"),
                Text("Change it there: it would be written over.", "请在原程序中修改，否则会被覆盖。"),
            )
        with self._lock.held(document.kb):
            pages = [one for one in self._catalog.documents.pages(document.id) if page in (None, one.number)]
            found = [one for one in pages if former in one.text]
            if len(found) != 1 or (start is None and found[0].text.count(former) > 1):
                raise _no_one_place(found)
            place = nearest(found[0].text, former, start or 0)
            self._put(document, found[0], place, former, Correction(0, found[0].number, place, former, text, who=who))

    def revert(self, document: Document, made: Sequence[Correction], number: int) -> None:
        """Take one of its corrections back. Raises `UsageError` for one that there is not, that was taken back, or on which a
        later one stands."""
        one = next((one for one in made if one.id == number and not one.undone), None)
        if one is None:
            raise UsageError(
                Text(f"There is no correction {number} to take back.", f"没有可撤回的更正 {number}。"),
                Text("Its history lists those there are.", "更正记录中列出了现有的更正。"),
            )
        if not one.stands and any(later.stands and later.id > number and later.page == one.page for later in made):
            raise UsageError(
                Text("A later correction has changed this passage.", "之后的更正又修改了这一处。"),
                Text("Take that one back first.", "请先撤回之后的更正。"),
            )
        if not one.stands:  # the file has changed: nothing of it is there
            self._catalog.corrections.undo(number)
            return
        with self._lock.held(document.kb):
            page = next(page for page in self._catalog.documents.pages(document.id) if page.number == one.page)
            self._put(document, page, one.place(page.text), one.text, replace(one, text=one.former))

    def _put(self, document: Document, page: Page, place: int, former: str, made: Correction) -> None:
        changed = replaced(page, place, former, made.text)
        pages = [changed if one.number == page.number else one for one in self._catalog.documents.pages(document.id)]
        chunks = self._chunker.split(Parsed(document.title, document.media_type, tuple(pages)))
        kb_id = self._catalog.kbs.get(document.kb).id
        self._mirror.begin(kb_id)
        self._catalog.corrections.put(document.id, changed, chunks, self._embedder.embed_passages, made)
        self._mirror.end(kb_id)


def corrected(parsed: Parsed, made: Sequence[Correction]) -> Parsed:
    """A file that was read anew, with its corrections made again; what no longer fits is said in its notes."""
    pages, notes = {page.number: page for page in parsed.pages}, list(parsed.notes)
    for one in made:
        page = pages.get(one.page)
        place = nearest(page.text, one.former, one.start) if page else -1
        within = max(one.text.find(one.former), 0)
        if page and place >= 0 and not page.text.startswith(one.text, place - within):
            pages[one.page] = replaced(page, place, one.former, one.text)
        elif not page or one.place(page.text) < 0:
            notes.append(
                say(
                    f"A correction of {one.made[:10]} on page {one.page} fits no longer: “{one.text[:_SHOWN]}”.",
                    f"{one.made[:10]} 对第 {one.page} 页的更正已不再适用：“{one.text[:_SHOWN]}”。",
                )
            )
    return replace(parsed, pages=tuple(pages.values()), notes=tuple(notes))


def replaced(page: Page, place: int, former: str, text: str) -> Page:
    """`page` with `text` for what stands at `place`; its blocks keep to what they held, and the one in which the change begins
    takes what is new."""
    first = _alike(former, text)
    last = _alike(former[first:][::-1], text[first:][::-1])
    begin, end, shift = place + first, place + len(former) - last, len(text) - len(former)

    def moved(at: int, kept: int) -> int:
        return at if at < kept else max(at, end) + shift

    ends = begin + text.startswith("\n", first)  # a new line below a heading is no part of it
    blocks = (Block(one.kind, moved(one.start, begin + 1), moved(one.end, ends), one.level) for one in page.blocks)
    return replace(
        page,
        text=page.text[:place] + text + page.text[place + len(former) :],
        blocks=tuple(one for one in blocks if one.start < one.end),
    )


def _alike(one: str, other: str) -> int:
    """How many characters they have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _no_one_place(found: Sequence[Page]) -> UsageError:
    if not found:
        return UsageError(
            Text("This text stands nowhere in the document.", "文档中没有这段文字。"),
            Text(
                "Give it as `ingest show DOC --page N` prints it; it may have been changed meanwhile.",
                "请按 `ingest show DOC --page N` 显示的原文给出；它也可能刚被修改过。",
            ),
        )
    return UsageError(
        Text("This text stands in several places.", "这段文字出现在多处。"),
        Text("Give more of it, or name the page.", "请给出更长的片段，或指定页码。"),
    )
