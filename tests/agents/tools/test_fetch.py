"""Fetching a page as a tool."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.tools.fetch import fetch_tool
from agents.tools.tool import ToolContext, ToolError
from ingest.errors import LoadError
from ingest.language import speaking
from ingest.settings import Settings
from tests.ingest.web.sites import Site, fetcher, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as pages:
        yield pages


def context(folder: Path, language: str = "en", run: str = "r") -> ToolContext:
    return ToolContext(
        run_id=run, call_id="c", idempotency_key="k", kb="default", language=language, folder=folder,
        cancelled=threading.Event(),
    )  # fmt: skip


ON = Settings(web_fetch=True)
HTML = (
    "<html><head><title>年假规定 Leave</title></head><body><nav>Home | About</nav><article><h1>年假规定</h1>"
    "<p>员工每年享有十五天带薪年假，自入职之日起按月累计，未用完的可结转至次年三月。</p>"
    "<p>Employees have fifteen days of paid leave a year, which accrue monthly from the first day of work.</p>"
    "</article><script>steal()</script></body></html>"
)


def test_off_by_default(tmp_path: Path) -> None:
    tool = fetch_tool(Settings())
    assert tool.risk == "network"
    with pytest.raises(ToolError, match="web_fetch = true"):
        tool.run({"url": "https://example.com/"}, context(tmp_path))
    with speaking("zh"), pytest.raises(ToolError, match="未开启"):
        tool.run({"url": "https://example.com/"}, context(tmp_path))


@pytest.mark.parametrize(("encoding", "charset"), [("utf-8", ""), ("gb18030", "; charset=GBK")])
def test_html_becomes_text_with_its_source(site: Site, tmp_path: Path, encoding: str, charset: str) -> None:
    url = site.serve("/leave", HTML.encode(encoding), f"text/html{charset}")
    seen = fetch_tool(ON, fetcher(site)).run({"url": url}, context(tmp_path))
    assert seen.text.startswith(f"Source: {url}\nTitle: 年假规定")
    assert "员工每年享有十五天带薪年假" in seen.text
    assert "steal" not in seen.text
    assert seen.data["url"] == url
    assert not seen.error


def test_plain_text_and_json(site: Site, tmp_path: Path) -> None:
    tool = fetch_tool(ON, fetcher(site))
    seen = tool.run({"url": site.serve("/j", json.dumps({"年": 15}).encode(), "application/json")}, context(tmp_path))
    assert '"\\u5e74": 15' in seen.text
    seen = tool.run({"url": site.serve("/t", b"a\x1b[2Jb\r\nc", "text/plain")}, context(tmp_path))
    assert seen.text.endswith("a\ufffd[2Jb\nc")


def test_a_long_page_comes_in_parts_by_one_request(site: Site, tmp_path: Path) -> None:
    url = site.serve("/long", b"".join(b"line %d\n" % n for n in range(1500)))
    tool = fetch_tool(ON, fetcher(site))
    first = tool.run({"url": url}, context(tmp_path))
    last = tool.run({"url": url, "part": 3}, context(tmp_path))
    assert first.truncated
    assert "Part 1 of 3" in first.text
    assert not last.truncated
    assert "line 1499" in last.text
    assert len(site.requests) == 1
    with pytest.raises(ToolError, match="only 3 parts"):
        tool.run({"url": url, "part": 4}, context(tmp_path))
    tool.run({"url": url}, context(tmp_path, run="another"))
    assert len(site.requests) == 2


def test_a_page_without_text(site: Site, tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        fetch_tool(ON, fetcher(site)).run(
            {"url": site.serve("/none", b"<html></html>", "text/html")}, context(tmp_path)
        )


def test_a_pdf_that_is_none(site: Site, tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        fetch_tool(ON, fetcher(site)).run(
            {"url": site.serve("/p", b"%PDF-1.7 broken", "application/pdf")}, context(tmp_path)
        )
