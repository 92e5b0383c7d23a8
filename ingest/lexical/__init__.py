"""The lexical leg: BM25 over words, and over characters and character bigrams where words are not spaced.

One index per knowledge base, kept in three plain tables of the catalog's SQLite file. Every function works
inside the caller's transaction, so an index can neither lag behind its chunks nor outlive them.

    terms.py     text → terms, with their place in the original text
    postings.py  the tables, and writing them
    bm25.py      query → scored chunks
"""

from ingest.lexical.bm25 import search
from ingest.lexical.postings import add, create, drop, ids, remove
from ingest.lexical.terms import terms_in

__all__ = ["add", "create", "drop", "ids", "remove", "search", "terms_in"]
