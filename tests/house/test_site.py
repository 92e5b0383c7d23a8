"""The documentation as a site: it builds without a warning and fetches nothing; its commands parse, the lines it quotes are
the program's, and both languages say the same."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest

from agents.cli.commands import build as zhiku
from ingest.cli.commands import build as ingest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ONE_LANGUAGE = {"decisions"}
BOTH = sorted(path.stem for path in DOCS.glob("*.md") if "." not in path.stem and path.stem not in ONE_LANGUAGE)
REFERENCE = {"cli.md", "cli.zh.md", "decisions.md"}
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *(p for p in sorted(DOCS.glob("*.md")) if p.name not in REFERENCE)]
COMMANDLESS = {"beside.md", "beside.zh.md", "index.md", "index.zh.md"}


class Page(HTMLParser):
    """What a page fetches by itself, where its links lead, and what can be led to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors.add(found.get("id", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag in ("script", "img", "iframe", "source", "video"):
            self.fetched.append(found.get("src", ""))
        elif tag == "link" and found.get("rel") not in ("canonical", "alternate", "next", "prev"):
            self.fetched.append(found.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-3000:]
    assert (folder / "zh/index.html").exists()
    return {path: Page(path.read_text("utf-8")) for path in folder.rglob("*.html")}


def test_it_fetches_nothing_from_elsewhere(site: dict[Path, Page]) -> None:
    assert not {there for page in site.values() for there in page.fetched if urlsplit(there).netloc}
    assert not [path for path in DOCS.glob("*.css") if "http" in path.read_text() or "@import" in path.read_text()]


def test_every_link_and_the_way_to_each_page_hold(site: dict[Path, Page]) -> None:
    broken, reached = set(), set()
    for path, page in site.items():
        for link in page.links:
            parts = urlsplit(link)
            if path.name == "404.html" or parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            reached.add(target)
            anchor = unquote(parts.fragment)
            if not target.exists() or (anchor and target in site and anchor not in site[target].anchors):
                broken.add(f"{path.name}: {link}")
    assert not broken
    assert {path.resolve() for path in site if path.name != "404.html"} <= reached


def commands(path: Path) -> list[str]:
    """The lines of shell blocks and the code in the text that call our commands."""
    text = path.read_text("utf-8")
    blocks = re.findall(r"^ *```(?:console|sh)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    typed = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [one for one in [*typed, *inline] if re.match(r"(?:\w+=\S+ )*(?:zhiku|ingest) ", one)]


def fault(typed: str) -> str:
    """What is wrong with a command; '' for nothing."""
    words = shlex.split(re.sub(r"\s+#.*", "", typed))
    name, *rest = [word for word in words if not re.match(r"\w+=", word)]
    found: click.Command = tree(name)
    while isinstance(found, click.Group) and rest and not rest[0].startswith("-"):
        if rest[0] == "…":
            return ""
        if rest[0] not in found.commands:
            return f"{found.name} has no command {rest[0]}"
        found = found.commands[rest.pop(0)]
    known = {option for parameter in found.params for option in [*parameter.opts, *parameter.secondary_opts]}
    unknown = [word for word in rest if re.match(r"--?[a-z]", word) and word.split("=")[0] not in known]
    return f"no option {unknown[0]}" if unknown else ""


@cache
def tree(name: str) -> click.Group:
    return {"zhiku": zhiku, "ingest": ingest}[name]()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_are_the_programs(page: Path) -> None:
    typed = commands(page)
    assert typed or page.name in COMMANDLESS
    assert not {one: wrong for one in typed if (wrong := fault(one))}


@cache
def sentences() -> str:
    """The program's source with '…' for what a sentence leaves open."""
    rooms = [path for room in ("app", "agents", "ingest") for path in sorted((ROOT / room).rglob("*.py"))]
    python = "\n".join(path.read_text("utf-8") for path in rooms)
    shell = (ROOT / "install.sh").read_text("utf-8")
    return re.sub(r"\{[^{}\n]*\}", "…", python) + re.sub(r"\$\([^)\n]*\)|\$\w+", "…", shell)


@pytest.mark.parametrize("page", ["troubleshooting.md", "troubleshooting.zh.md", "upgrading.md", "upgrading.zh.md"])
def test_lines_that_the_docs_quote_are_the_programs(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    quoted = re.findall(r"^- \*\*`(.+?)`\*\*" if "trouble" in page else r"`(…[^`]+)`", text, re.MULTILINE)
    assert quoted
    assert not [line for line in quoted if line not in sentences()]


@pytest.mark.parametrize("name", BOTH)
def test_both_languages_say_the_same(name: str) -> None:
    english, chinese = ((DOCS / f"{name}{end}").read_text("utf-8") for end in (".md", ".zh.md"))
    for pattern in (r"^#+ ", r"^```", r"^[-*] ", r"^\|", r"\]\((?!#)([^)]+)\)"):
        one, other = (sorted(re.findall(pattern, text, re.MULTILINE)) for text in (english, chinese))
        assert one == other, pattern
    assert programs(english) == programs(chinese)


def programs(text: str) -> list[str]:
    """A page's examples in Python without their comments: those of the Chinese page are not run again."""
    return [re.sub(r" *#.*", "", one) for one in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
