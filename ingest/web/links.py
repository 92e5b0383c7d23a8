"""Where a page leads, and what a site asks of programs that read it."""

from __future__ import annotations

import threading
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from ingest.web.fetcher import Fetcher
from ingest.web.rules import FetchError, FetchStatus

AGENT = "Zhiku"
"""As which `robots.txt` may speak of us."""
_LONGEST = 2_000
"""Characters of an address; longer ones are made by programs for programs."""


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
