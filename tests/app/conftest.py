from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import app
from tests.pristine import Pristine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamlit.testing.v1 import AppTest

    from agents.platform import Platform

MAIN = Path(app.__file__).with_name("main.py")


@pytest.fixture
def write_pdf() -> Callable[[Path, list[list[str]]], Path]:
    """Write a PDF of Helvetica lines, one list of lines per page, by hand: no library for making PDFs needed."""

    def write(path: Path, pages: list[list[str]]) -> Path:
        objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
        font = len(objects) + 1
        objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        kids = []
        for lines in pages:
            shown = " T* ".join(f"({line}) Tj" for line in lines)
            content = f"BT /F1 14 Tf 18 TL 60 720 Td {shown} ET"
            objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R"
                f" /Resources << /Font << /F1 {font} 0 R >> >> >>"
            )
            kids.append(f"{len(objects)} 0 R")
        objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
        body, offsets = b"%PDF-1.4\n", []
        for number, text in enumerate(objects, 1):
            offsets.append(len(body))
            body += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
        table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
        body += (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
            f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
        ).encode("latin-1")
        path.write_bytes(body)
        return path

    return write


ANSWER = "Every employee has ten days of annual leave a year [1]. The moon is made of green cheese."
HANDBOOK = """# Handbook

## Annual leave

Every employee has ten days of annual leave a year. Unused days of annual leave expire at the end of March.

## Travel

A hotel in Shanghai may cost 650 yuan per night. Receipts are handed in within 60 days.
"""


def html_of(tab: AppTest) -> str:
    return "\n".join(part.proto.body for part in tab.get("html"))


@pytest.fixture
def open_platform_with(tmp_path: Path) -> Iterator[Callable[..., Platform]]:
    """Open a platform in a home of its own whose model replies what the test says."""
    from agents import open_platform
    from agents.llm.scripted import ScriptedChat
    from ingest.settings import Settings

    opened: list[Platform] = []

    def make(*replies: object, **options: object) -> Platform:
        model = ScriptedChat(replies=list(replies), **options)
        platform = open_platform(
            home=tmp_path / "home", model=model, settings=Settings(embedder="hashing", effort="thorough")
        )
        opened.append(platform)
        return platform

    yield make
    for platform in opened:
        platform.close()


def _added(place: Path) -> None:
    from ingest import open_library
    from ingest.settings import Settings

    path = place / "documents" / "handbook.md"
    path.parent.mkdir()
    path.write_text(HANDBOOK, "utf-8")
    library = open_library(place / "home", Settings(embedder="hashing"))
    library.add([path])
    library.close()


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    return Pristine(tmp_path_factory.mktemp("handbook"), _added)


@pytest.fixture
def handbook(pristine: Pristine) -> Path:
    """A small document in a folder of its own."""
    return pristine.restored() / "documents" / "handbook.md"


@pytest.fixture
def filled(open_platform_with: Callable[..., Platform], handbook: Path, tmp_path: Path) -> Callable[..., Platform]:
    """The same as `open_platform_with`, with the handbook in the library."""
    shutil.copytree(handbook.parents[1] / "home", tmp_path / "home")
    return open_platform_with


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Open a page of the application on a platform, as one browser tab would."""
    from streamlit import config
    from streamlit.testing.v1 import AppTest

    def go(platform: Platform, page: str = "chat", language: str = "en", address: str = "127.0.0.1") -> AppTest:
        config.set_option("server.address", address)
        tab = AppTest.from_file(str(MAIN), default_timeout=60)
        tab.session_state["platform"] = platform
        tab.session_state["language"] = language
        tab.run()
        if page != "chat":
            tab.switch_page(f"{page}_page.py").run()
        assert not tab.exception, tab.exception[0].message
        return tab

    return go
