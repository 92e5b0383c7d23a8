"""The embedder that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.embedders import Embedder
    from ingest.settings import Settings


def create(settings: Settings) -> Embedder:
    """The embedder that `settings.embedder` names; only its own module is imported.

    Raises `ModelError` when it cannot be loaded or reached.
    """
    name = settings.embedder
    if name == "bundled":
        from ingest.embedders.bundled import BundledEmbedder

        return BundledEmbedder()
    if name == "hashing":
        from ingest.embedders.hashing import HashingEmbedder

        return HashingEmbedder()
    if name.startswith(("http://", "https://")):
        from ingest.embedders.openai import OpenAIEmbedder

        return OpenAIEmbedder.from_settings(settings)
    if settings.embedder_backend != "torch":
        from ingest.embedders.exported import ExportedEmbedder

        return ExportedEmbedder.from_settings(settings)
    from ingest.embedders.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder.from_settings(settings)
