"""What a click costs in a library of 5,000 documents with 50 conversations: the pages' own work, and in a browser where there
is one. `CLICKS_HOME` keeps the library for another run; the embedder is `hashing`, for nothing is asked of its vectors."""

from __future__ import annotations

import os
import random
import socket
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.benchmarks.runs import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agents.platform import Platform

DOCUMENTS, CONVERSATIONS, TURNS = 5_000, 50, 4
GOAL = 300
"""Milliseconds."""
TIMES = 5
PAGES = str.split("chat tasks assistants library search evaluation activity models settings")
_WORDS = str.split(
    "leave travel hotel receipt pump sensor station river flood battery meeting budget order price office garden team "
    "年假 差旅 报销 设备 会议 预算 培训 保险 合同 仓库"
)


def fill(home: Path, folder: Path) -> None:
    """Documents of some paragraphs each in `folder`, and conversations about them."""
    from agents import open_platform
    from agents.llm.scripted import ScriptedChat
    from ingest.settings import Settings

    draw = random.Random(7)  # noqa: S311 - the same library each time
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(DOCUMENTS):
        parts = [f"## {' '.join(draw.sample(_WORDS, 2))}\n\n{' '.join(draw.choices(_WORDS, k=60))}." for _ in range(3)]
        text = f"---\ntags: [{draw.choice(_WORDS)}]\n---\n# {draw.choice(_WORDS)} {number}\n\n" + "\n\n".join(parts)
        (folder / f"{number:05}.md").write_text(text, "utf-8")
    model = ScriptedChat(replies=["Of that says the first passage something [1]."], repeat=True)
    with closing(open_platform(home, model, Settings(embedder="hashing", effort="quick"))) as platform:
        report = platform.library.add([folder])
        assert len(report.added) == DOCUMENTS, report
        answer = platform.chat().ask("annual leave and travel")
        for number in range(CONVERSATIONS):
            talk = platform.conversations.create()
            for turn in range(TURNS):
                platform.conversations.append(talk, replace(answer, question=f"Question {number}.{turn} on leave?"))


def run() -> str:
    """Markdown table."""
    with tempfile.TemporaryDirectory() as spare:
        home = Path(os.environ.get("CLICKS_HOME", spare))
        if not (home / "catalog.sqlite3").is_file():
            fill(home, Path(spare) / "documents")
        lines = [f"## Clicks: {DOCUMENTS:,} documents, {CONVERSATIONS} conversations\n"]
        lines += ["| page drawn again | processor ms, median | goal |", "|---|---:|---:|"]
        lines += [f"| {name} | {value:,.0f} | {GOAL} |" for name, value in _drawn(home)]
        lines += ["", "| click in a browser | ms, median | goal |", "|---|---:|---:|"]
        lines += [f"| {name} | {value:,.0f} | {GOAL} |" for name, value in _clicked(home)]
    return "\n".join(lines)


def _drawn(home: Path) -> Iterator[tuple[str, float]]:
    from streamlit.testing.v1 import AppTest

    import app
    from agents import open_platform
    from ingest.settings import Settings

    with closing(open_platform(home, settings=Settings(embedder="hashing"))) as platform:
        tab = AppTest.from_file(str(Path(app.__file__).with_name("main.py")), default_timeout=120)
        tab.session_state["platform"] = platform
        tab.session_state["language"] = "en"
        for page in PAGES:
            tab.run() if page == "chat" else tab.switch_page(f"{page}_page.py").run()
            assert not tab.exception, tab.exception[0].message
            yield page, _processor(tab.run)
        tab.switch_page("chat_page.py").run()
        tab.button(key=f"talk-{_talk(platform)}").click().run()
        yield "a conversation", _processor(tab.run)


def _talk(platform: Platform) -> str:
    return str(platform.conversations.list()[0].id)


def _processor(act: Callable[[], Any]) -> float:
    """Milliseconds of this process, the median of some times."""
    took = []
    for _ in range(TIMES):
        began = time.process_time()
        act()
        took.append(1000 * (time.process_time() - began))
    return median(took)


def _clicked(home: Path) -> Iterator[tuple[str, float]]:
    from tests.app.test_browser import BROWSER, DRIVER, browsing, find, running

    if not (BROWSER and DRIVER):
        yield "no browser here", 0.0
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "app", "--home", str(home), "--port", str(port)]
    with (
        tempfile.TemporaryDirectory() as spare,
        running(command, port, Path(spare) / "app.log", PYTHONPATH=str(ROOT)) as url,
        browsing(Path(spare) / "profile") as browser,
    ):
        browser.get(url)
        find(browser, '[class*="st-key-talk-"] button')
        shown = {"Library": "h1", "Search": "h1", "Activity": "h1", "Settings": "h1", "Models": "h1", "Tasks": "h1"}
        for name, selector in shown.items():
            yield f"to {name}", median(
                _until(browser, '[data-testid="stSidebarNav"] a', name, selector, again="Evaluation") for _ in range(3)
            )
        _until(browser, '[data-testid="stSidebarNav"] a', "Chat", '[class*="st-key-talk-"] button')
        yield "to a conversation", median(
            _until(browser, f'[class*="zk-talks"] > div:nth-child({3 + n}) button', "", '[data-testid="stChatMessage"]')
            for n in range(3)
        )


_CLICK = """
const [selector, text, wanted, done] = arguments;
const link = [...document.querySelectorAll(selector)].find((one) => one.innerText.includes(text));
const before = new Set(document.querySelectorAll(wanted)), began = performance.now();
const look = () => {
  const now = [...document.querySelectorAll(wanted)];
  const fresh = now.some((one) => !before.has(one) && one.getClientRects().length && !one.closest('[data-stale="true"]'));
  fresh ? done(performance.now() - began) : requestAnimationFrame(look);
};
link.click();
requestAnimationFrame(look);
"""


def _until(browser: Any, selector: str, text: str, wanted: str, again: str = "") -> float:  # noqa: ANN401 - a driver
    """Milliseconds from a click until something `wanted` that was not there is drawn; `again`: the page to come from."""
    if again:
        _until(browser, selector, again, wanted)
        time.sleep(1)
    browser.set_script_timeout(60)
    return float(browser.execute_async_script(_CLICK, selector, text, wanted))
