"""The pictures in the READMEs, of the real application on the sample corpus: `make pictures` (needs chromium)."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from PIL import Image

from tests.app.test_browser import browsing, find, running

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
QUESTIONS = {"en": "How much may a hotel in Shanghai cost per night?", "zh": "没休完的年假最多能结转几天？"}
COLOURS = 128
"""A page has few; so a picture stays small."""


def main() -> None:
    """Take them all, in both languages."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        add = [
            sys.executable,
            "-c",
            "from ingest.cli import main; raise SystemExit(main())",
            "--home",
            str(home),
            "add",
        ]
        subprocess.run([*add, str(ROOT / "data" / "documents"), "--kb", "sample", "-q"], check=False)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "app", "--home", str(home), "--port", str(port)]
        log = Path(folder) / "app.log"
        with (
            running(command, port, log, ZHIKU_EMBEDDER="bundled") as url,
            browsing(Path(folder) / "p", 1200, 820) as browser,
        ):
            browser.get(url)
            for language in QUESTIONS:
                _take(browser, url, language)


def _take(browser: Chrome, url: str, language: str) -> None:
    at = f"?language={language}"
    browser.get(urljoin(url, f"/{at}"))
    find(browser, '[class*="st-key-example-"] button', QUESTIONS[language]).click()
    find(browser, '[class*="st-key-zk-next"]')
    _keep(browser, f"answer.{language}")
    find(browser, '[class*="st-key-zk-chips"] button').click()
    find(browser, '[role="dialog"] mark.zk-quote')
    _keep(browser, f"source.{language}")
    browser.get(urljoin(url, f"/models{at}"))
    find(browser, "h1")
    _keep(browser, f"models.{language}")


def _keep(browser: Chrome, name: str) -> None:
    time.sleep(2.0)  # what is still being drawn
    FOLDER.mkdir(exist_ok=True)
    picture = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    picture.quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
