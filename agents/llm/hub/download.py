"""One file from a hub into a partial file: taken up where it broke off, and whole and right when it returns."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agents.llm.hub.remote import RemoteFile
from agents.llm.hub.transport import ATTEMPTS, Transport, Unreachable, backoff, host_of, wrong_content
from ingest.language import Text

if TYPE_CHECKING:
    import httpx


_BLOCK = 1 << 20
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


class _Restarted(Exception):
    """The hub sent another piece than the one asked for."""


class Download:
    """Writes `file` into `part`. What the hub says of lengths on the way is not believed: the announced size bounds
    what is written, the announced SHA-256 decides."""

    def __init__(self, transport: Transport, file: RemoteFile, part: Path, headers: Mapping[str, str]) -> None:
        self._transport, self._file, self._part, self._headers = transport, file, part, headers
        self._hash = hashlib.sha256()
        self._done = 0

    def run(self, progress: Callable[[int], None]) -> None:
        """`progress` is called with the number of bytes that are there.

        Raises `ModelError`: the hub refuses, sends something else (the partial file is removed then), or breaks off
        again and again (`Unreachable`; the partial file stays for the next time).
        """
        resumed = True
        while resumed:  # its beginning may be of an older file by the same name: then all of it is fetched
            self._take_up()
            resumed = self._done > 0
            progress(self._done)
            self._complete(progress)
            if not self._file.sha256 or self._hash.hexdigest() == self._file.sha256:
                return
            self._part.unlink(missing_ok=True)
        self._give_up(Text("its SHA-256 is another", "SHA-256 校验值不一致"))

    def _take_up(self) -> None:
        """Go on from what an earlier run left."""
        self._hash, self._done = hashlib.sha256(), 0
        if not self._part.exists() or self._part.stat().st_size > self._file.size:
            self._part.write_bytes(b"")
            return
        with self._part.open("rb") as part:
            while block := part.read(_BLOCK):
                self._hash.update(block)
                self._done += len(block)

    def _complete(self, progress: Callable[[int], None]) -> None:
        import httpx

        farthest, failures, reason = self._done, 0, "the connection broke"
        while self._done < self._file.size:
            try:
                self._stretch(progress)
            except (httpx.TransportError, _Restarted) as error:
                reason = str(error) or type(error).__name__
            if self._done >= self._file.size:
                return
            if self._done > farthest:
                farthest, failures = self._done, 0
            failures += 1
            if failures >= ATTEMPTS:
                raise Unreachable(host_of(self._file.url), reason)
            self._transport.sleep(backoff(failures - 1))

    def _stretch(self, progress: Callable[[int], None]) -> None:
        """As much as one connection gives."""
        headers = {**self._headers, **({"Range": f"bytes={self._done}-"} if self._done else {})}
        with self._transport.stream(self._file.url, headers=headers, page=self._file.url) as response:
            self._place(response)
            with self._part.open("r+b") as part:
                part.seek(self._done)
                for block in response.iter_raw():  # as it comes: a block waited for is lost when the line breaks
                    if self._done + len(block) > self._file.size:
                        self._give_up(
                            Text(
                                f"more than the announced {self._file.size:,} bytes came",
                                f"收到的数据超过公布的 {self._file.size:,} 字节",
                            )
                        )
                    part.write(block)
                    self._hash.update(block)
                    self._done += len(block)
                    progress(self._done)

    def _place(self, response: httpx.Response) -> None:
        """Make sure that what comes belongs where it will be written."""
        if response.status_code == 416:
            self._give_up(
                Text(
                    f"it ends before the announced {self._file.size:,} bytes",
                    f"文件短于公布的 {self._file.size:,} 字节",
                )
            )
        if not self._done:
            return
        start = 0
        if response.status_code == 206:
            match = _RANGE.match(response.headers.get("Content-Range", ""))
            start = int(match[1]) if match else -1
            if start == self._done:
                return
        # The whole file comes (200), or another piece: the beginning goes.
        self._part.write_bytes(b"")
        self._hash, self._done = hashlib.sha256(), 0
        if start:
            raise _Restarted("another piece than the one asked for was sent")

    def _give_up(self, why: Text) -> None:
        self._part.unlink(missing_ok=True)
        raise wrong_content(self._file.path, self._file.url, why)
