"""The lexical leg: BM25 over words, and over characters and character bigrams where words are not spaced.

One index per knowledge base, kept in three plain tables of the catalog's SQLite file. Every function works
inside the caller's transaction, so an index can neither lag behind its chunks nor outlive them.

    terms.py     text → terms, with their place in the original text
    postings.py  the tables, and writing them
    bm25.py      query → scored chunks
    proof.py     whether the tables are what the passages make
"""

from ingest.lexical.bm25 import search
from ingest.lexical.postings import add, create, drop, ids, rebuild, remove, renumber, table
from ingest.lexical.proof import true_to
from ingest.lexical.terms import terms_in

__all__ = [
    "add",
    "create",
    "drop",
    "ids",
    "rebuild",
    "remove",
    "renumber",
    "search",
    "table",
    "terms_in",
    "true_to",
]
