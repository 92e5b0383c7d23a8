"""Pages of the public web, fetched so that nobody can point us at a machine of the user's own network.

page = Fetcher().get("https://example.org/")
page.url, page.media_type, page.body
"""

from ingest.web.addresses import is_public
from ingest.web.fetcher import Fetched, Fetcher
from ingest.web.rules import FetchError, FetchLimits, FetchRefused

__all__ = ["FetchError", "FetchLimits", "FetchRefused", "Fetched", "Fetcher", "is_public"]
