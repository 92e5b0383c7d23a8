"""Pages of the public web, fetched so that nobody can point us at a machine of the user's own network.

page = Fetcher().get("https://example.org/")
page.url, page.media_type, page.body
"""

from __future__ import annotations

from agents.tools.web.addresses import is_public
from agents.tools.web.fetcher import Fetched, Fetcher
from agents.tools.web.rules import FetchError, FetchLimits, FetchRefused, Resolver

__all__ = ["FetchError", "FetchLimits", "FetchRefused", "Fetched", "Fetcher", "Resolver", "is_public"]
