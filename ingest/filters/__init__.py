"""Which documents a search may find: conditions on what they carry. The semantics are the table in docs/filters.md.

filter.py    conditions as values, and as text again
language.py  text → conditions
names.py     what may be asked about, in both languages; families of files
sql.py       conditions → a query over the catalog's documents
allowed.py   a filter → the passages of a knowledge base that both legs of the search may find
"""

from ingest.filters.filter import Filter, Where
from ingest.filters.language import filter_of, parse

__all__ = ["Filter", "Where", "filter_of", "parse"]
