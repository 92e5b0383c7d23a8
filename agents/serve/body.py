"""The body of one request, cut off where it is longer than it may be or comes too slowly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agents.serve.problems import Refused
from ingest.language import Text

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Send

_SECONDS = 60.0
"""That a client may take for the next piece of its request."""


class Body:
    """Stands between an application and its client. What it refuses is raised where the application reads; whatever that
    makes of it is held back, so that the refusal can be the answer."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self.answered = False
        self.refused: Exception | None = None
        self._receive, self._send, self._left, self._most = receive, send, most, most
        self._whole = False

    async def receive(self) -> Message:
        """The next message. Raises `Refused`."""
        if self._whole:  # what comes now is that the client is gone
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), _SECONDS)
        except TimeoutError as error:
            self.refused = Refused(408, "too-slow", Text("The request took too long.", "请求发送过慢。"))
            raise self.refused from error
        self._whole = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.refused = too_large(self._most)
            raise self.refused
        return message

    async def send(self, message: Message) -> None:
        """A part of the answer, unless the request was refused before."""
        if self.answered or not self.refused:
            self.answered = True
            await self._send(message)


def too_large(most: int) -> Refused:
    """What is said of a body of more than `most` bytes."""
    return Refused(
        413,
        "too-large",
        Text(f"A request may have up to {most >> 20} MB.", f"请求不得超过 {most >> 20} MB。"),
        Text("Send less at a time.", "请分次发送。"),
        Connection="close",
    )
