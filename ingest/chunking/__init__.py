"""Pages in, passages out: structure first, then sentences, measured in the embedder's own tokens."""

from ingest.chunking.chunker import Chunker

__all__ = ["Chunker"]
