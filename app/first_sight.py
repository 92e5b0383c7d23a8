"""What a browser shows until Streamlit's scripts have come and drawn something: without it the window stays white for seconds."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from ingest import Text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OPENING = Text("Zhiku is opening …", "智库正在打开……")
_STYLE: Final = "font:1.1rem/1.8 system-ui,sans-serif;color:#808080;text-align:center;padding-top:30vh"
_TOLD = "".join(
    f'<div lang="{lang}">{html.escape(text)}</div>' for lang, text in (("zh", _OPENING.zh), ("en", _OPENING.en))
)
_PLACES: Final = (
    # The first thing that Streamlit draws takes the place of what stands in its root.
    (b'<div id="root"></div>', f'<div id="root"><div role="status" style="{_STYLE}">{_TOLD}</div></div>'.encode()),
    (b"<title>Streamlit</title>", "<title>智库 · Zhiku</title>".encode()),
)
_ASKED: Final = (b"accept-encoding", b"if-none-match", b"if-modified-since")
"""Headers of a request that would have the page come packed, or not come since Streamlit's own is the same."""


class FirstSight:
    """ASGI middleware that puts it into the pages of HTML that a browser opens."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        opens = scope["type"] == "http" and scope["method"] == "GET"
        if not opens or b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name not in _ASKED]
        await self._app({**scope, "headers": headers}, receive, _filled(send))


def _filled(send: Send) -> Send:
    """`send` that keeps a page of HTML until it is whole, and fills it."""
    begun: list[Message] = []
    body = bytearray()

    async def sending(message: Message) -> None:
        if (
            message["type"] == "http.response.start"
            and dict(message["headers"]).get(b"content-type", b"")[:9] == b"text/html"
        ):
            begun.append(message)
        elif not begun:
            await send(message)
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                whole = bytes(body)
                for place, filled in _PLACES:
                    whole = whole.replace(place, filled)
                kept = [
                    (name, value) for name, value in begun[0]["headers"] if name not in (b"content-length", b"etag")
                ]
                length = (b"content-length", str(len(whole)).encode())
                await send({**begun[0], "headers": [*kept, length]})
                await send({"type": "http.response.body", "body": whole})

    return sending
