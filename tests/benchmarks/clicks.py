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

    draw = random.Random(7)
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
        home = Path(os.environ.get("CLICKS_HOME", Path(spare) / "home"))
        if not (home / "catalog.sqlite3").is_file():
            fill(home, Path(spare) / "documents")
        lines = [f"## Clicks: {DOCUMENTS:,} documents, {CONVERSATIONS} conversations\n"]
        lines += ["| page drawn again | processor ms, median | goal |", "|---|---:|---:|"]
        lines += [f"| {name} | {value:,.0f} | {GOAL} |" for name, value in _drawn(home)]
        lines += [
            "",
            "| click in a browser | first answer, ms | whole page, ms | processor of the page, ms |",
            "|---|---:|---:|---:|",
        ]
        lines += [f"| {name} | {' | '.join(f'{value:,.0f}' for value in took)} |" for name, *took in _clicked(home)]
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


def _clicked(home: Path) -> Iterator[tuple[str, float, float, float]]:
    from tests.app.test_browser import BROWSER, DRIVER, browsing, find, running

    if not (BROWSER and DRIVER):
        yield "no browser here", 0.0, 0.0, 0.0
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
        browser.set_script_timeout(60)
        browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        for name in ("Library", "Search", "Activity", "Settings", "Models", "Evaluation"):
            took = [_took(browser, _NAV, name, "h1", name, _from(browser, "Assistants")) for _ in range(TIMES)]
            yield f"to {name}", *map(median, zip(*took, strict=True))
        _from(browser, "Chat")
        titles = [
            f"Question {number}.0 on leave?" for number in range(CONVERSATIONS - 1, CONVERSATIONS - 1 - TIMES, -1)
        ]
        took = [_took(browser, _TALK, title, '[data-testid="stChatMessage"]', title) for title in titles]
        yield "to a conversation", *map(median, zip(*took, strict=True))


_NAV, _TALK = '[data-testid="stSidebarNav"] a', '[class*="st-key-talk-"] button'
_CLICK = """
const [selector, text, wanted, says, done] = arguments;
const has = (what, words) => [...document.querySelectorAll(what)].find((one) => one.innerText.includes(words));
const began = performance.now();
let seen = 0;
const look = () => {
  seen = seen || (has(wanted, says) ? performance.now() - began : 0);
  const ended = document.querySelector('[data-test-script-state="notRunning"]');
  seen && ended ? done([seen, performance.now() - began]) : requestAnimationFrame(look);
};
has(selector, text).click();
requestAnimationFrame(look);
"""


def _took(
    browser: Any, selector: str, text: str, wanted: str, says: str, _before: object = None
) -> tuple[float, float, float]:
    """Milliseconds from a click until what is `wanted` says so, until the whole page stands, and of the processor in that
    time."""
    before = _processor_of(browser)
    first, whole = browser.execute_async_script(_CLICK, selector, text, wanted, says)
    return float(first), float(whole), _processor_of(browser) - before


def _processor_of(browser: Any) -> float:
    """Milliseconds that the page's main thread has had of the processor."""
    told = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return 1000 * next(float(one["value"]) for one in told if one["name"] == "TaskDuration")


def _from(browser: Any, page: str) -> None:
    """Go to the page to come from, and let it come to rest."""
    _took(browser, _NAV, page, _NAV, page)
    time.sleep(1.5)
