"""What stands in the window before Streamlit has drawn anything."""

from __future__ import annotations

from pathlib import Path

import streamlit
from starlette.applications import Starlette
from starlette.responses import FileResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.first_sight import FirstSight

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def visitor() -> TestClient:
    async def pieces(_: object) -> StreamingResponse:
        return StreamingResponse(
            (INDEX.read_bytes()[n : n + 100] for n in range(0, 99_999, 100)), media_type="text/html"
        )

    routes = [
        Route("/", lambda _: FileResponse(INDEX)),
        Route("/pieces", pieces),
        Route("/text", lambda _: PlainTextResponse('<div id="root"></div>')),
    ]
    return TestClient(FirstSight(Starlette(routes=routes)))


def test_streamlits_own_page_says_at_once_that_it_opens_in_both_languages() -> None:
    client = visitor()
    for place in ("/", "/pieces"):
        page = client.get(place, headers=BROWSER)
        assert all(
            told in page.text for told in ("智库正在打开……", "Zhiku is opening …", "<title>智库 · Zhiku</title>")
        )
        assert page.text.index('id="root"') < page.text.index("智库正在打开") < page.text.index("</body>")
        assert 'id="root"></div>' not in page.text
        assert int(page.headers["content-length"]) == len(page.content)


def test_a_copy_that_a_browser_keeps_is_none_of_streamlits_own() -> None:
    client = visitor()
    plain = client.get("/", headers={"Accept": "*/*"})
    page = client.get("/", headers=BROWSER | {"If-None-Match": plain.headers["etag"]})
    assert page.status_code == 200
    assert "智库正在打开" in page.text
    assert "etag" not in page.headers


def test_what_is_no_page_stays_as_it_is() -> None:
    client = visitor()
    assert client.get("/", headers={"Accept": "*/*"}).content == INDEX.read_bytes()
    assert client.get("/text", headers=BROWSER).text == '<div id="root"></div>'
