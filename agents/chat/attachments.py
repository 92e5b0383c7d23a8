"""Files attached to one conversation: read and searched as those of a knowledge base are, found in it alone, gone with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ingest.attached import attached_to, base_of
from ingest.documents import Document, Report
from ingest.errors import UsageError, ZhikuError
from ingest.language import Text
from ingest.library import Library
from ingest.progress import Progress
from ingest.selection import Scope
from ingest.uploads import forget_refused, forget_uploads, keep_upload, upload_folder

MOST = 20
"""Files of one conversation: what is more belongs into a knowledge base, which others can be asked about too."""


class Attachments:
    """Of all conversations of a library. Safe from any thread."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def base(self, conversation: str) -> str:
        """The name of the base that a conversation's own files are in; '' where it has none."""
        name = base_of(conversation)
        return name if self._library.has(name) else ""

    def beside(self, scope: Scope, conversation: str) -> Scope:
        """`scope` with a conversation's own files, where it has any; '' is none."""
        own = self.base(conversation)
        return replace(scope, kbs=(*scope.kbs, own)) if own else scope

    def documents(self, conversation: str) -> list[Document]:
        """What a conversation has of its own, by name."""
        return self._library.documents(kb) if (kb := self.base(conversation)) else []

    def copies(self, conversation: str) -> list[Path]:
        """The files that were attached, as they came."""
        if not (name := self.base(conversation)):
            return []
        folder = upload_folder(self._library.home, self._library.kb(name).id)
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def add(
        self,
        conversation: str,
        files: Sequence[tuple[str, BinaryIO]],
        *,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Report:
        """Copy files, by name and content, and read them; copies of what can't be read go again. Raises `UsageError` for too
        many, OSError when the disk is full, else as `Library.add`."""
        if len(files) + len(self.documents(conversation)) > MOST:
            raise UsageError(
                Text(en=f"A conversation takes {MOST} files.", zh=f"一个对话最多附加 {MOST} 个文件。"),
                Text(en="Add them to a knowledge base on the Library page.", zh="请在“文档”页将其加入知识库。"),
            )
        home, kb = self._library.home, base_of(conversation)
        made = self._library.kb(kb) if self.base(conversation) else self._library.create_kb(kb)
        paths = [keep_upload(home, made.id, name, content) for name, content in files]
        try:
            return self._library.add(paths, kb, progress=progress, stop=stop)
        finally:
            with suppress(ZhikuError):  # what can't be looked up stays
                forget_refused(home, paths, [one.path for one in self._library.documents(kb)])

    def remove(self, conversation: str, document: Document) -> None:
        """Take one file out again, with its copy."""
        kb = base_of(conversation)
        self._library.remove([document.path], kb)
        forget_uploads(self._library.home, [document.path], [one.path for one in self._library.documents(kb)])

    def forget(self, conversation: str) -> None:
        """All files of a conversation, with their copies. Raises `LibraryLocked` while another process writes."""
        if kb := self.base(conversation):
            copies = [one.path for one in self._library.documents(kb)]
            self._library.remove_kb(kb)
            forget_uploads(self._library.home, copies, ())

    def sweep(self, known: Callable[[], Iterable[str]]) -> None:
        """Forget the files of conversations that are not `known` any more: they were removed where no library was open."""
        if not (bases := self._library.attached()):
            return
        for conversation in {attached_to(kb) for kb in bases} - set(known()):
            with suppress(ZhikuError):  # somebody else writes: another time
                self.forget(conversation)
