"""What stands in the window before Streamlit has drawn anything."""

from __future__ import annotations

from pathlib import Path

import streamlit
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from app.serving import application, first_page

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"


def test_the_first_page_is_streamlits_and_says_at_once_that_it_opens_in_both_languages() -> None:
    page = TestClient(Starlette(routes=[Route("/", first_page)])).get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    at = page.text.index('<div id="root">')
    assert at < page.text.index("智库正在打开……") < page.text.index("Zhiku is opening …") < page.text.index("</body>")
    assert "<title>智库 · Zhiku</title>" in page.text
    assert page.text[:at] == INDEX.read_text("utf-8").partition('<div id="root">')[0].replace(
        "<title>Streamlit</title>", "<title>智库 · Zhiku</title>"
    )


def test_it_stands_behind_the_door(tmp_path: Path) -> None:
    served = application(tmp_path, "127.0.0.1", 8743, 1, key="k")
    pages = TestClient(served, base_url="http://127.0.0.1:8743", follow_redirects=False)
    assert pages.get("/").status_code == 403
    pages.get("/", params={"key": "k"})
    assert "智库正在打开" in pages.get("/", params={"kb": "x"}).text
