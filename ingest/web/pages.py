"""Pages of the web to be read as documents: one by its address, or the part of a site that lies under it."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import weakref
import zlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from ingest.documents import Failure
from ingest.language import say
from ingest.scan import Found, Scan
from ingest.web.fetcher import Fetched, Fetcher
from ingest.web.rules import FetchError, FetchStatus
from ingest.web.saving import decoded, saved

AGENT = "Zhiku"
"""As which `robots.txt` may speak of us."""
_LONGEST = 2_000
"""Characters of an address; longer ones are made by programs for programs."""
_GONE = (404, 410)
_HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class WebLimits:
    """Bounds of what is read of one address."""

    pages: int = 500
    seconds: float = 3_600.0
    pause: float = 0.5
    """Seconds between two requests, unless the site wants more; that is done up to ten times as much."""


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page that is stored: its size and time as `Found` has them, and what its server said of it then."""

    size: int
    mtime_ns: int
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class WebPage:
    """A fetched page: where its bytes come from."""

    file: Path
    folder: _Folder

    def bring(self, folder: Path, most: int) -> Path:  # noqa: ARG002 - the fetcher has bounds of its own
        """Copy it to `folder`."""
        return Path(shutil.copy(self.file, folder))


class WebPages:
    """Finds pages by their addresses, as `scan` finds files."""

    def __init__(self, fetcher: Fetcher, limits: WebLimits | None = None) -> None:
        self._fetcher = fetcher
        self._limits = limits or WebLimits()

    def find(
        self, urls: Sequence[str], depth: int, known: Mapping[str, KnownPage], stop: threading.Event | None = None
    ) -> tuple[Scan, dict[str, KnownPage]]:
        """The pages at `urls`, and for a `depth` above 0 those that they lead to in so many steps, as long as they lie in
        the same folder of the same site; and what their servers said of them.

        Of a `known` page only what changed is sent for. `Scan.vanished`: known pages that are gone.
        """
        walk = _Walk(self._fetcher, self._limits, known, stop or threading.Event())
        for url in urls:
            walk.take(url, depth)
        return Scan(
            tuple(walk.files.values()),
            failed=tuple(walk.failed),
            skipped=tuple(walk.skipped),
            vanished=tuple(walk.vanished),
        ), walk.seen


class _Folder:
    """Holds fetched pages until nobody needs them any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="zhiku-web-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(slots=True)
class _Walk:
    fetcher: Fetcher
    limits: WebLimits
    known: Mapping[str, KnownPage]
    stop: threading.Event
    files: dict[str, Found] = field(default_factory=dict)
    seen: dict[str, KnownPage] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)
    _robots: Robots = field(init=False)
    _folder: _Folder = field(default_factory=_Folder)
    _last: float = 0.0

    def __post_init__(self) -> None:
        self._robots = Robots(self.fetcher)

    def take(self, url: str, depth: int) -> None:
        """The page at `url` and what lies under it."""
        began, count = time.monotonic(), 0
        section = ""
        parts = urlsplit(url)
        todo = deque([(urlunsplit(parts._replace(path=parts.path or "/", fragment="")), 0)])
        while todo and not self.stop.is_set():
            address, steps = todo.popleft()
            if address in self._asked:
                continue
            self._asked.add(address)
            if count >= self.limits.pages or time.monotonic() - began > self.limits.seconds:
                self.skipped.append(Failure(url, _too_many(count)))
                return
            # The page where a section begins is always sent for: it tells of pages that are new.
            page = self._page(address, named=not steps, whole=bool(depth) and not steps)
            count += 1
            if page is None or not page.url.startswith(section):
                continue
            self._take(address, page)
            if not steps and depth:
                section = _section(page.url)
                todo += [(one, 1) for one in sorted(self.known) if one.startswith(section)]
            if not page.unchanged and steps < depth and page.media_type in _HTML:
                todo += [(one, steps + 1) for one in links(decoded(page), page.url) if one.startswith(section)]

    def _page(self, url: str, *, named: bool, whole: bool) -> Fetched | None:
        """The page, taken down; None where there is none to be had. `named`: by a person, not by a link."""
        if not self._robots.allow(url, self.stop):
            if named or url in self.known:
                self.failed.append(Failure(url, *_forbidden()))
            return None
        known = self.known.get(url)
        self._wait(url)
        try:
            asked = ("", "") if known is None or whole else (known.etag, known.modified)
            return self.fetcher.get(url, self.stop, validators=asked)
        except FetchStatus as error:
            if error.status in _GONE and known is not None:
                self.vanished.append(url)
            else:
                self._failed(url, error, named=named)
        except FetchError as error:
            self._failed(url, error, named=named)
        return None

    def _take(self, url: str, page: Fetched) -> None:
        """Note what was found at `url`."""
        self._asked.add(page.url)
        known = self.known.get(url)
        if page.unchanged and known is not None:
            self.files[url] = Found(url, known.size, known.mtime_ns)
            return
        mtime = _stamp(page)
        self.seen[page.url] = KnownPage(len(page.body), mtime, page.etag, page.modified)
        place = Path(tempfile.mkdtemp(dir=self._folder.path))
        self.files[page.url] = Found(page.url, len(page.body), mtime, WebPage(saved(page, place), self._folder))

    def _failed(self, url: str, error: FetchError, *, named: bool) -> None:
        """What was named or is known is told as a failure; a link that leads to no document is none of ours."""
        failure = Failure(url, str(error.message), str(error.hint or ""))
        (self.failed if named or url in self.known else self.skipped).append(failure)

    def _wait(self, url: str) -> None:
        """As long as the site wants between two requests."""
        pause = max(self.limits.pause, min(self._robots.pause(url, self.stop), 10 * self.limits.pause))
        rest = self._last + pause - time.monotonic()
        if self._last and rest > 0:
            self.stop.wait(rest)
        self._last = time.monotonic()


def _section(url: str) -> str:
    """The address up to the last '/' of its path: what lies under it belongs to it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/"


def _stamp(page: Fetched) -> int:
    """The time of its last change in nanoseconds, where its server tells it; a checksum stands for the parts of a second,
    so that it tells one content from another."""
    try:
        seconds = int(parsedate_to_datetime(page.modified).timestamp())
    except (ValueError, TypeError, OverflowError):
        seconds = 0
    return max(0, seconds) * 10**9 + zlib.crc32(page.body) % 10**9


def _forbidden() -> tuple[str, str]:
    return (
        say("The site's robots.txt asks programs not to read this page.", "该网站的 robots.txt 要求程序不要读取此页。"),
        say("Save the page in your browser and add the file.", "请在浏览器中保存该网页后添加文件。"),
    )


def _too_many(pages: int) -> str:
    return say(
        f"More pages lie under it than are read at once; {pages} were. Add a part of it by its own address.",
        f"其下的网页超过单次读取上限，已读取 {pages} 个。请用更具体的地址添加其中一部分。",
    )


def links(markup: str, url: str) -> list[str]:
    """The addresses that a page at `url` links to, each once, without their fragments; not those marked nofollow."""
    reader = _Links()
    reader.feed(markup)
    try:
        base = urljoin(url, reader.base)
        found = [urlsplit(urljoin(base, href)) for href in reader.hrefs]
    except ValueError:
        return []
    addresses = (
        urlunsplit(one._replace(fragment="", path=one.path or "/")) for one in found if one.scheme in ("http", "https")
    )
    return list(dict.fromkeys(one for one in addresses if len(one) <= _LONGEST))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        href = (given.get("href") or "").strip()
        if tag == "base":
            self.base = self.base or href
        elif tag in ("a", "area") and href and "nofollow" not in (given.get("rel") or "").lower():
            self.hrefs.append(href)


class Robots:
    """What `robots.txt` of each site allows (RFC 9309), asked for once."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._rules: dict[str, RobotFileParser] = {}

    def allow(self, url: str, cancelled: threading.Event | None) -> bool:
        """Whether the page may be read by a program."""
        return self._of(url, cancelled).can_fetch(AGENT, url)

    def pause(self, url: str, cancelled: threading.Event | None) -> float:
        """Seconds that the site wants between two requests; 0 where it says nothing."""
        return float(self._of(url, cancelled).crawl_delay(AGENT) or 0)

    def _of(self, url: str, cancelled: threading.Event | None) -> RobotFileParser:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = self._asked(f"{site}/robots.txt", cancelled)
        return self._rules[site]

    def _asked(self, url: str, cancelled: threading.Event | None) -> RobotFileParser:
        rules = RobotFileParser()
        lines: list[str] = []
        try:
            lines = self._fetcher.get(url, cancelled).body[: 500 << 10].decode("utf-8", "replace").splitlines()
        except FetchStatus as error:
            if error.status >= 500:  # the site is out of order: leave it alone
                lines = ["User-agent: *", "Disallow: /"]
        except FetchError:
            pass  # then the page itself can't be had either, and says why
        rules.parse(lines)
        return rules
