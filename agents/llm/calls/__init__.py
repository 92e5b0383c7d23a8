"""How each family of models writes tool calls, and which family a model belongs to.

A new family is one file here and its line in `FAMILIES`. `hermes.py` is the shortest to begin with, `glm.py` one whose
arguments come as bare text. The file holds

1. `parse(block)`: from one marked block to `Call`s, and a `Malformed` with the reason for what was meant as one and is
   none; nothing is guessed or completed. `json_calls` and `python_calls` read what is JSON or Python between the marks.
2. `write(lark, tools, template)`: the `Way`s a grammar spells calls that `parse` can read. `writing.py` has the pieces.
3. a `Family` with both, what its chat templates are known by, and its marks (`family.py` says what each field means).

Cases go into the tables of tests/agents/llm/calls: replies in `test_tool_calls.py`, grammars in `test_call_grammars.py`.
"""

from __future__ import annotations

from agents.llm.calls.deepseek import DEEPSEEK
from agents.llm.calls.family import Call, Family, FamilyStream, Found, Malformed
from agents.llm.calls.gemma import FUNCTIONGEMMA, GEMMA4
from agents.llm.calls.glm import GLM
from agents.llm.calls.hermes import HERMES
from agents.llm.calls.llama3 import LLAMA3
from agents.llm.calls.mistral import MISTRAL
from agents.llm.calls.plain_json import JSON
from agents.llm.calls.pythonic import PYTHONIC
from agents.llm.calls.qwen3_coder import QWEN3_CODER

FAMILIES = (QWEN3_CODER, GLM, HERMES, MISTRAL, DEEPSEEK, FUNCTIONGEMMA, GEMMA4, PYTHONIC, LLAMA3, JSON)
"""The more particular first: Qwen3-Coder's and GLM's templates have Hermes' tags as well."""


def family_of(template: str) -> Family | None:
    """How the model calls tools, by its chat template; None when it was not made for it."""
    return next((family for family in FAMILIES if any(mark in template for mark in family.marker)), None)


__all__ = [
    "FAMILIES",
    "HERMES",
    "MISTRAL",
    "Call",
    "Family",
    "FamilyStream",
    "Found",
    "Malformed",
    "family_of",
]
