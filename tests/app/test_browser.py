"""Once for real: the application in a process of its own, a browser, a file, a question, the quote."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit

import pytest

import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
SECONDS = 90
"""The longest a step may take on a slow machine; nothing is asserted about time."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (BROWSER and DRIVER), reason="needs chromium and chromedriver (`make setup-browser`)"),
    pytest.mark.timeout(600),
]

LINES = ["Employee handbook", "Every employee has ten days of annual leave a year.", "Unused days expire in March."]
HOSTILE = (
    "# Notes\n\n<script>document.title='owned'</script> ![x](http://198.51.100.7/p.png)\n\nThe gate opens at six.\n"
)


SCRIPTED = """
import runpy
import streamlit as st
from agents import open_platform
from agents.llm.scripted import ScriptedChat
from ingest.settings import Settings

@st.cache_resource
def opened():
    more = " ".join(f"And so on, number {{n}}." for n in range(400))  # no two alike: what repeats is cut off
    model = ScriptedChat(replies=["Ten days of annual leave [1]. Receipts within 60 days [2]. " + more], token_seconds=0.05)
    platform = open_platform(home={home!r}, model=model, settings=Settings(embedder="hashing", language="en"))
    platform.library.add([{document!r}])
    return platform

st.session_state["platform"] = opened()
runpy.run_path({main!r}, run_name="__main__")
"""


TASKS = """
import runpy
import streamlit as st
from langchain_core.messages import AIMessage
from agents import open_platform, tool
from agents.llm.scripted import ScriptedChat
from ingest.settings import Settings

def call(name, **arguments):
    return AIMessage(content="", tool_calls=[{{"name": name, "args": arguments, "id": "c", "type": "tool_call"}}])

@tool(risk="write")
def note_down(text: str) -> str:
    "Note something down."
    with open({noted!r}, "a") as file:
        file.write(text)
    return "noted"

@st.cache_resource
def opened():
    replies = [{replies}]
    platform = open_platform(home={home!r}, model=ScriptedChat(replies=replies), settings=Settings(embedder="hashing", language="en"))
    platform.library.add([{document!r}])
    plain = platform.agent
    platform.agent = lambda **options: plain(tools=[note_down], **options)
    return platform

st.session_state["platform"] = opened()
runpy.run_path({main!r}, run_name="__main__")
"""
BEFORE = """call("note_down", text="annual leave")"""
AFTER = (
    """call("step_done", finding="ten days are noted"), "Every employee has ten days of annual leave a year [1]." """
)


@contextmanager
def running(command: list[str], port: int, log: Path, **more: str) -> Iterator[str]:
    """A server in a process of its own, ended with the block; gives its address once it answers, with the key where it
    prints one. `more`: variables for it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ZHIKU_")}
    environment |= {"ZHIKU_EMBEDDER": "hashing", "ZHIKU_LANGUAGE": "en", **more}
    with log.open("wb") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process:
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/_stcore/health"), f"the application to start: {log}")
            printed = re.search(rf"http://localhost:{port}/\S*", log.read_text("utf-8"))
            yield printed.group() if printed else f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def address(tmp_path: Path, port: int) -> Iterator[str]:
    """The application, started as a user starts it, in a home of its own."""
    command = [sys.executable, "-m", "app", "--home", str(tmp_path / "home"), "--port", str(port)]
    with running(command, port, tmp_path / "app.log", LC_ALL="zh_CN.UTF-8") as url:
        yield url


@pytest.fixture
def scripted(tmp_path: Path, port: int, handbook: Path) -> Iterator[str]:
    """The same pages on a platform whose model takes its time, put in where the tests of the pages put theirs."""
    script = tmp_path / "scripted.py"
    main = str(Path(app.__file__).with_name("main.py"))
    (handbook.parent / "travel.md").write_text("# Travel\n\nReceipts are handed in within 60 days.\n", "utf-8")
    script.write_text(SCRIPTED.format(home=str(tmp_path / "home"), document=str(handbook.parent), main=main), "utf-8")
    given = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--browser.gatherUsageStats=false", *given]
    with running(command, port, tmp_path / "app.log") as url:
        yield url


@contextmanager
def browsing(profile: Path, width: int = 1280, height: int = 1000) -> Iterator[Chrome]:
    """A browser of its own, without a window."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(BROWSER)
    for flag in [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        f"--window-size={width},{height}",
        "--lang=en",
    ]:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={profile}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    with browsing(tmp_path / "profile") as driver:
        yield driver


def answers(url: str) -> bool:
    """Whether somebody is there, if only to say that a key is needed."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except HTTPError as error:
        return error.code == 403
    except OSError:
        return False


def page(address: str, name: str) -> str:
    """The address of a page, with the key that `address` may have."""
    return urljoin(address, name) + urlsplit(address)._replace(scheme="", netloc="", path="").geturl()


def until(condition, what: str):
    """Ask again until `condition` gives something true."""
    from selenium.common.exceptions import StaleElementReferenceException

    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
        except StaleElementReferenceException:
            pass
        time.sleep(0.2)
    pytest.fail(f"waited {SECONDS} s for {what}")


def find(browser: Chrome, selector: str, text: str = ""):
    """The first element that fits the selector and shows `text`."""
    from selenium.webdriver.common.by import By

    return until(
        lambda: next((e for e in browser.find_elements(By.CSS_SELECTOR, selector) if text in e.text), None),
        f"{selector} with {text!r}",
    )


def loaded_from(browser: Chrome) -> set[str]:
    """Hosts the page asked for anything."""
    events = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    asked = (event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent")
    return {str(urlsplit(url).hostname) for url in asked if url.startswith(("http", "ws"))}


def test_upload_ask_open_the_citation_see_the_quote(address, browser, tmp_path, write_pdf):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    report = write_pdf(tmp_path / "handbook.pdf", [LINES])
    hostile = [tmp_path / "notes.txt", tmp_path / "notes.md"]  # as text it is shown whole, in Markdown it is markup
    for path in hostile:
        path.write_text(HOSTILE, "utf-8")

    browser.get(page(address, "library"))
    find(browser, "h1", "Library")
    upload = until(lambda: browser.find_elements(By.CSS_SELECTOR, "input[type=file]"), "the upload area")[0]
    upload.send_keys("\n".join(map(str, [report, *hostile])))
    find(browser, ".st-key-zk-outcome", "3 added")
    find(browser, ".st-key-zk-outcome", "handbook.pdf")

    find(browser, '[data-testid="stSidebarNav"] a', "Chat").click()
    find(browser, "h1", "Ask your documents")
    field = find(browser, '[data-testid="stChatInput"] textarea')
    field.send_keys("How many days of annual leave does every employee have?", Keys.ENTER)
    find(browser, '[class*="st-key-zk-chips"] button', "p. 1")
    find(browser, ".zk-n").click()  # as a click on the chip
    find(browser, '[role="dialog"] mark.zk-quote', "ten days of annual leave")
    find(browser, '[role="dialog"] [role="tab"]', "Page").click()
    picture = until(lambda: browser.find_elements(By.CSS_SELECTOR, '[role="dialog"] img'), "the page's picture")[0]
    until(lambda: int(picture.get_property("naturalWidth") or 0) > 300, "the picture to load")
    assert not [
        e for e in browser.find_elements(By.CSS_SELECTOR, '[role="dialog"]') if "could not be located" in e.text
    ]

    find(browser, '[role="dialog"] button[aria-label="Close"]').click()
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    find(browser, ".st-key-talk-menu button").click()
    for suffix, said in (("md", "Knowledge base: default"), ("html", "Made by Zhiku")):
        find(browser, f".st-key-export-talk-{suffix} button").click()
        [exported] = until(lambda suffix=suffix: [*tmp_path.glob(f"*annual leave*.{suffix}")], "the exported file")
        assert said in exported.read_text("utf-8"), "in the page's language, not in the server's"

    browser.get(urljoin(address, "search"))  # by its cookie
    search = find(browser, '[data-testid="stTextInput"] input')
    search.send_keys("gate opens script", Keys.ENTER)
    find(browser, ".zk-passage", "<script>document.title='owned'</script> ![x](http://198.51.100.7/p.png)")
    assert browser.title != "owned"
    assert loaded_from(browser) == {"localhost"}
    blocked = [e["message"] for e in browser.get_log("browser") if "Content Security Policy" in e["message"]]
    assert not blocked, "the pages need what their policy forbids"


def test_without_the_key_a_browser_is_told_where_the_address_stands(tmp_path, port, browser):
    command = [sys.executable, "-m", "app", "--home", str(tmp_path / "home"), "--port", str(port)]
    with running(command, port, tmp_path / "app.log") as address:
        browser.get(urljoin(address, "library"))
        find(browser, "p[lang=en]", "terminal")
        find(browser, "p[lang=zh]", "终端")
        browser.get(page(address, "library"))
        find(browser, "h1", "Library")
        assert "key=" not in browser.current_url
        browser.refresh()
        find(browser, "h1", "Library")
    told = "return getComputedStyle(arguments[0], '::after').content"
    with running(command, port, tmp_path / "again.log"):  # with another key; the page was left open
        link = find(browser, '[role="dialog"] [href$="HTTP/CORS"]')
        assert "started anew" in browser.execute_script(told, link.find_element("xpath", ".."))


def test_a_question_that_was_clicked_stays_at_the_head_of_a_small_window_while_it_is_answered(scripted, browser):
    size = {"width": 390, "height": 480, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page(scripted, "tasks"))
    find(browser, ".st-key-repeat")  # the last of a greeting that the window does not hold
    until(lambda: browser.execute_script("return document.querySelector('.stMain').scrollTop") == 0, "its beginning")
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "width": 1280, "height": 720})
    browser.get(scripted)
    offered = find(browser, ".st-key-example-0 button")
    question = offered.text.splitlines()[-1]
    offered.click()
    written = "return document.querySelector('.zk-answer')?.innerText.length ?? 0"
    until(lambda: browser.execute_script(written) > 1000, "more text than the window holds")
    find(browser, '[class*="st-key-zk-ask-live"]', question)
    # What streams is drawn anew all the time: looked at where it stands, in one step.
    top = "return document.querySelector(arguments[0]).getBoundingClientRect().top"
    assert 0 < browser.execute_script(top, '[class*="st-key-zk-ask-live"]') < 200
    assert 0 < browser.execute_script(top, ".zk-answer") < 400
    assert browser.execute_script(
        "return [...document.querySelectorAll('[data-retained]:has(button)')].every(one => getComputedStyle(one).clipPath !== 'none')"
    )


def test_no_key_leads_into_a_folded_sidebar(address, browser):
    from selenium.webdriver import ActionChains, Keys

    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(address)
    find(browser, '[data-testid="stChatInput"]')
    find(browser, '[data-testid="stExpandSidebarButton"]')
    inside = "return !!document.activeElement.closest('[data-testid=stSidebar]')"
    for _ in range(5):  # a link to the content, then what is seen
        ActionChains(browser).send_keys(Keys.TAB).perform()
        assert not browser.execute_script(inside)
    find(browser, '[data-testid="stExpandSidebarButton"]').click()
    until(lambda: find(browser, '[data-testid="stSidebar"] a').is_displayed(), "its links")


def test_keys_lead_to_the_question_stop_the_answer_and_turn_over_its_sources(scripted, browser):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    def press(key):
        ActionChains(browser).send_keys(key).perform()

    browser.get(scripted)
    find(browser, "h1", "Ask your documents")
    find(browser, '[data-testid="stChatInput"] textarea')
    browser.execute_script("document.activeElement.blur()")
    press("/")
    press("How many days of annual leave does every employee have?/")  # within the field it is a letter
    press(Keys.ENTER)
    find(browser, ".zk-answer", "And so on")
    find(browser, ".st-key-zk-evidence", "ten days of annual leave")
    press(Keys.ESCAPE)
    find(browser, '[data-testid="stChatMessage"]', "Stopped by you.")
    find(browser, '[data-testid="stChatMessage"]', "every employee have?/")
    find(browser, ".zk-n", "1").click()
    find(browser, '[role="dialog"] .st-key-zk-places', "1 / 2")
    press(Keys.ARROW_RIGHT)
    find(browser, '[role="dialog"] .st-key-zk-places', "2 / 2")
    press(Keys.ARROW_LEFT)
    find(browser, '[role="dialog"] .st-key-zk-places', "1 / 2")

    def closed():
        # A key pressed while the dialog is drawn anew, and has no focus, reaches nobody: who reads presses it again.
        press(Keys.ESCAPE)
        return not browser.find_elements(By.CSS_SELECTOR, '[role="dialog"]')

    until(closed, "the dialog to close")
    written = find(browser, ".zk-answer").text
    assert "Ten days of annual leave" in written
    assert written.count("And so on") < 400
    find(browser, '[class*="st-key-talk-"] button', "How many days").click()
    find(browser, '[data-testid="stChatMessage"]', "Stopped by you.")
    size = {"width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.refresh()
    opening = '[data-testid="stExpandSidebarButton"]'
    for place in (opening, ".st-key-new-conversation button"):  # the script's clicks: the sidebar is still sliding in
        browser.execute_script("arguments[0].click()", find(browser, place))
    find(browser, "h1", "Ask your documents")
    find(browser, opening)  # the sidebar lies over the page no more


def test_a_task_waits_for_leave_survives_a_restart_and_ends_with_proof(tmp_path, port, handbook, browser):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    noted = tmp_path / "noted.txt"
    main = str(Path(app.__file__).with_name("main.py"))
    given = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]

    @contextmanager
    def serving(replies: str) -> Iterator[str]:
        script = tmp_path / "tasks.py"
        places = {"home": str(tmp_path / "home"), "document": str(handbook), "main": main, "noted": str(noted)}
        script.write_text(TASKS.format(replies=replies, **places), "utf-8")
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--browser.gatherUsageStats=false", *given]
        with running(command, port, tmp_path / "app.log") as url:
            yield url

    with serving(BEFORE) as url:
        browser.get(page(url, "tasks"))
        find(browser, "h1", "Have a task carried out")
        find(browser, '[data-testid="stChatInput"] textarea').send_keys(
            "Find the days of annual leave and note them", Keys.ENTER
        )
        find(browser, ".st-key-zk-approval", "note_down")
        find(browser, "summary", "1. Find the days")
        assert not noted.exists()
    with serving(AFTER) as url:
        browser.get(page(url, "tasks"))
        find(browser, '[class*="st-key-run-"] button', "Find the days of annual leave").click()
        field = find(browser, ".st-key-zk-approval textarea")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys('{"text": "ten days"}', Keys.TAB)
        find(browser, ".st-key-approve button").click()
        find(browser, ".zk-answer", "ten days of annual leave")
        find(browser, '[class*="st-key-zk-chips"] button', "p. 1").click()
        find(browser, '[role="dialog"] mark.zk-quote', "ten days of annual leave")
    assert noted.read_text() == "ten days"
    assert browser.find_elements(By.CSS_SELECTOR, "summary")
