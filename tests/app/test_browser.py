"""Once for real: the application in a process of its own, a browser, a file, a question, the quote."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The application, started as a user starts it, in a home of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ZHIKU_")}
    environment |= {"ZHIKU_EMBEDDER": "hashing", "ZHIKU_LANGUAGE": "en"}
    command = [sys.executable, "-m", "app", "--home", str(tmp_path / "home"), "--port", str(port)]
    with (
        (tmp_path / "app.log").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            until(lambda: answers(f"{url}/_stcore/health"), f"the application to start: {tmp_path / 'app.log'}")
            yield url
        finally:
            process.terminate()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
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
        "--window-size=1280,1000",
        "--lang=en",
    ]:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


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
    hostile = tmp_path / "notes.md"
    hostile.write_text(HOSTILE, "utf-8")

    browser.get(f"{address}/library")
    find(browser, "h1", "Library")
    upload = until(lambda: browser.find_elements(By.CSS_SELECTOR, "input[type=file]"), "the upload area")[0]
    upload.send_keys(f"{report}\n{hostile}")
    find(browser, ".st-key-zk-outcome", "2 added")
    find(browser, ".st-key-zk-outcome", "handbook.pdf")

    find(browser, '[data-testid="stSidebarNav"] a', "Chat").click()
    find(browser, "h1", "Ask your documents")
    field = find(browser, '[data-testid="stChatInput"] textarea')
    field.send_keys("How many days of annual leave does every employee have?", Keys.ENTER)
    chip = find(browser, '[class*="st-key-zk-chips"] button', "p. 1")
    chip.click()
    find(browser, '[role="dialog"] mark.zk-quote', "ten days of annual leave")
    find(browser, '[role="dialog"] [role="tab"]', "Page").click()
    picture = until(lambda: browser.find_elements(By.CSS_SELECTOR, '[role="dialog"] img'), "the page's picture")[0]
    until(lambda: int(picture.get_property("naturalWidth") or 0) > 300, "the picture to load")
    assert not [
        e for e in browser.find_elements(By.CSS_SELECTOR, '[role="dialog"]') if "could not be located" in e.text
    ]

    browser.get(f"{address}/search")
    search = find(browser, '[data-testid="stTextInput"] input')
    search.send_keys("gate opens script", Keys.ENTER)
    find(browser, ".zk-passage", "<script>document.title='owned'</script> ![x](http://198.51.100.7/p.png)")
    assert browser.title != "owned"
    assert loaded_from(browser) == {"127.0.0.1"}
