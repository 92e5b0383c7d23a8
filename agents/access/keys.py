"""A key as lists show it, and what makes one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.database import timestamp
from ingest.errors import UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.access.rights import Verb


@dataclass(frozen=True, slots=True)
class Key:
    """A key as lists show it. Times are UTC, ISO 8601, '' for never."""

    id: str
    name: str
    user: str
    """Whom it belongs to; '' for nobody."""
    scope: Verb
    kbs: tuple[str, ...] | None
    origins: tuple[str, ...] | None
    """Of a key that stands in web pages for everybody to see: the only ones whose pages may use it."""
    webhook: str
    """Where a visitor of such a page is handed over to a person; '' for nowhere."""
    created: str
    expires: str
    used: str
    revoked: str

    @property
    def valid(self) -> bool:
        """Whether it opens anything now."""
        return not self.revoked and (not self.expires or self.expires > timestamp())


def listed(names: Sequence[str]) -> str | None:
    """As they are kept; None for all."""
    return json.dumps(sorted(set(names)), ensure_ascii=False) if names else None


def check_public(scope: Verb, kbs: Sequence[str], user: str, origins: Sequence[str]) -> None:
    """Raises `UsageError` for a key in web pages that could do too much, or for pages that are none."""
    if scope != "read" or not kbs or user:
        raise UsageError(
            Text("A key for web pages reads some knowledge bases, no more.", "网页密钥只能读取指定的知识库。"),
            Text("Name them with --kb, without --scope and --user.", "请用 --kb 指定，且不要使用 --scope 和 --user。"),
        )
    for origin in origins:
        found = urlsplit(origin)
        if found.scheme not in {"http", "https"} or not found.netloc or origin != f"{found.scheme}://{found.netloc}":
            raise UsageError(
                Text(f"'{origin}' is no origin of web pages.", f"“{origin}” 不是网页来源。"),
                Text("Write it as https://shop.example.", "请写成 https://shop.example 的形式。"),
            )


def hashed(secret: str) -> str:
    """What is kept of 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
