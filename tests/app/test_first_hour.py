"""The first hour of a newcomer, in a real browser: how many clicks, how many seconds (pytest -s prints them), and whether
anything on a page keeps somebody out. The hub is one of this machine, and serves a real model."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urljoin

import pytest

from agents.llm import recommended
from agents.llm.names import bundled_file
from tests.agents.llm.hub.fake_hub import FakeHub
from tests.app.test_browser import address, browser, find, page, port, pytestmark, running, until  # noqa: F401

ROOT = Path(__file__).parents[2]
AXE = ROOT / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
OWN = "# Garden rules\n\n## Opening hours\n\nThe garden opens at seven and closes at dusk.\n\n## Dogs\n\nDogs stay outside.\n"
RUN = """
const done = arguments[0];
axe.run(document).then(r => done(r.violations.filter(v => ["serious", "critical"].includes(v.impact))
  .map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 160)).join(" | "))));
"""
UPLOAD = '[data-testid="stFileUploader"] input[type=file]'
PAGES = str.split("chat tasks assistants library evaluation activity models settings")
LOOKS = [("zh-CN", "dark", 1400)]
"""AXE=all: both languages, both themes, three widths."""
if os.environ.get("AXE") == "all":
    LOOKS = [
        (lang, theme, width) for lang in ("zh-CN", "en") for theme in ("light", "dark") for width in (1400, 1100, 400)
    ]


@pytest.fixture
def hub(monkeypatch):
    serving = FakeHub()
    content = bundled_file().read_bytes()
    for one in recommended.table():
        repository, _, variant = one.name.partition(":")
        serving.repos[repository] = {f"model-{variant}.gguf": content}
    for name in ("HF_ENDPOINT", "MODELSCOPE_ENDPOINT"):
        monkeypatch.setenv(name, serving.url)
    with serving:
        yield serving


@pytest.fixture
def demo(tmp_path, port, hub):  # noqa: F811
    """The application as `make demo` leaves it."""
    home = tmp_path / "home"
    add = [sys.executable, "-c", "from ingest.cli import main; raise SystemExit(main())", "--home", str(home), "add"]
    subprocess.run([*add, str(ROOT / "data" / "documents"), "--kb", "sample"], check=False)
    command = [sys.executable, "-m", "app", "--home", str(home), "--port", str(port)]
    with running(command, port, tmp_path / "app.log") as url:
        yield url


def test_the_first_hour(demo, browser, tmp_path):  # noqa: F811
    from selenium.webdriver.common.by import By

    told, began = [], time.monotonic()

    def step(what: str, clicks: int, most: int) -> None:
        told.append(f"{what}: {clicks} clicks, {time.monotonic() - began:.1f} s")
        assert clicks <= most

    browser.get(demo)
    first = find(browser, '[class*="st-key-example-"] button')
    step("page", 0, 0)
    first.click()
    find(browser, '[class*="st-key-zk-chips"] button')
    step("first answer", 1, 1)

    own = tmp_path / "garden.md"
    own.write_text(OWN, "utf-8")
    began = time.monotonic()
    find(browser, '[data-testid="stSidebarNav"] a', "Library").click()
    until(lambda: browser.find_elements(By.CSS_SELECTOR, UPLOAD), "the upload area")[0].send_keys(str(own))
    find(browser, '[class*="st-key-ask-new-"] button', "Opening hours").click()
    find(browser, ".zk-answer", "opens at seven")
    step("own document answered", 3, 3)

    began = time.monotonic()
    find(browser, '[class*="st-key-new-conversation"] button').click()
    find(browser, '[class*="st-key-get-"] button', "Download and use")
    [offered, *_] = browser.find_elements(By.CSS_SELECTOR, '[class*="st-key-get-"]')
    offer = next(name for name in offered.get_attribute("class").split() if name.startswith("st-key-get-"))

    def pulled():
        """Who clicks while the page is drawn anew clicks again."""
        for button in browser.find_elements(By.CSS_SELECTOR, f'[class~="{offer}"] button'):
            if "Download and use" in button.text and button.is_enabled():
                button.click()
        boxes = browser.find_elements(By.CSS_SELECTOR, '[class*="st-key-zk-pulled"]')
        return any("answers from now on" in box.text for box in boxes)

    until(pulled, "the model that answers from now on")
    step("another model in use", 2, 2)
    print("\n" + "\n".join(told))


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core (`make setup-browser`, with npm)")
@pytest.mark.timeout(3600)
def test_nothing_keeps_anybody_out(demo, browser):  # noqa: F811
    found = {look: faults for look in LOOKS if (faults := dict(_looked(demo, browser, *look)))}
    assert not found


def _looked(demo, browser, language, theme, width):  # noqa: F811
    """The pages with faults, and those."""
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get(f"{demo}&language={language[:2]}")
    find(browser, '[class*="st-key-example-"] button').click()
    find(browser, '[class*="st-key-zk-next"]')
    assert browser.execute_script("return document.documentElement.lang") == language
    if faults := _faults(browser):
        yield "answer", faults
    find(browser, '[class*="st-key-zk-chips"] button').click()
    find(browser, '[role="dialog"] mark.zk-quote')
    if faults := _faults(browser):
        yield "source", faults
    for name in (*PAGES, "search?search-query=leave"):
        browser.get(
            urljoin(demo, f"{name}{'&' if '?' in name else '?'}language={language[:2]}").replace("/chat?", "/?")
        )
        find(browser, "h1")
        time.sleep(1.5)  # what comes below the heading
        if faults := _faults(browser):
            yield name, faults
        if name == "library":
            browser.execute_script("arguments[0].click()", find(browser, ".st-key-kb-menu button"))
            find(browser, '[data-testid="stPopoverBody"] button')
            if faults := _faults(browser):
                yield "menu", faults


def _faults(browser) -> list[str]:  # noqa: F811
    browser.execute_script(AXE.read_text("utf-8"))
    return browser.execute_async_script(RUN)
