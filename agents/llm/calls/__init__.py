"""How each family of models writes tool calls, and which family a model belongs to."""

from __future__ import annotations

from agents.llm.calls.deepseek import DEEPSEEK
from agents.llm.calls.family import Family, FamilyStream
from agents.llm.calls.gemma import FUNCTIONGEMMA, GEMMA4
from agents.llm.calls.glm import GLM
from agents.llm.calls.hermes import HERMES
from agents.llm.calls.llama3 import LLAMA3
from agents.llm.calls.mistral import MISTRAL
from agents.llm.calls.parsed import Call, Found, Malformed
from agents.llm.calls.plain_json import JSON
from agents.llm.calls.pythonic import PYTHONIC
from agents.llm.calls.qwen3_coder import QWEN3_CODER

FAMILIES = (QWEN3_CODER, GLM, HERMES, MISTRAL, DEEPSEEK, FUNCTIONGEMMA, GEMMA4, PYTHONIC, LLAMA3, JSON)
"""The more particular first: Qwen3-Coder's and GLM's templates have Hermes' tags as well."""


def family_of(template: str) -> Family | None:
    """How the model calls tools, by its chat template; None when it was not made for it."""
    return next((family for family in FAMILIES if any(mark in template for mark in family.marker)), None)


__all__ = [
    "DEEPSEEK",
    "FAMILIES",
    "FUNCTIONGEMMA",
    "GEMMA4",
    "GLM",
    "HERMES",
    "JSON",
    "LLAMA3",
    "MISTRAL",
    "PYTHONIC",
    "QWEN3_CODER",
    "Call",
    "Family",
    "FamilyStream",
    "Found",
    "Malformed",
    "family_of",
]
