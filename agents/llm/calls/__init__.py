"""How each family of models writes tool calls, and which family a model belongs to.

Most families are a row of a table: JSON objects between marks (`marked_json.py`), a name and then JSON (`named_json.py`),
bare text between tags (`tagged_text.py`). One that is none of these is a file of its own, such as `harmony.py`. It holds

1. `parse(block)`: from one marked block to `Call`s, and a `Malformed` with the reason for what was meant as one and is
   none; nothing is guessed or completed. `json_calls` reads what is JSON between the marks, `python_calls` of
   `pythonic.py` what is Python.
2. `write(lark, tools, template)`: the `Way`s a grammar spells calls that `parse` can read. `writing.py` has the pieces.
3. a `Family` with both, what its chat templates are known by, and its marks (`family.py` says what each field means).

Either way it then gets its place in `FAMILIES`. `reading.py` takes calls out of a stream, `plain_json.py` those of any
family that come as nothing but JSON.

Cases go into the tables of tests/agents/llm/calls: replies in `test_tool_calls.py`, grammars in `test_call_grammars.py`.
"""

from __future__ import annotations

from agents.llm.calls.family import Call, Family, Found, Malformed, Thought
from agents.llm.calls.gemma import FUNCTIONGEMMA, GEMMA4
from agents.llm.calls.harmony import HARMONY
from agents.llm.calls.llama3 import LLAMA3
from agents.llm.calls.marked_json import COMMAND_R, COMMAND_R7B, GRANITE3, HERMES, MINIMAX_M1
from agents.llm.calls.mistral import MISTRAL
from agents.llm.calls.named_json import DEEPSEEK, KIMI_K2
from agents.llm.calls.plain_json import JSON
from agents.llm.calls.pythonic import PYTHONIC
from agents.llm.calls.reading import FamilyStream
from agents.llm.calls.tagged_text import GLM, MINIMAX_M2, QWEN3_CODER

FAMILIES = (
    HARMONY,
    MINIMAX_M2,
    MINIMAX_M1,
    KIMI_K2,
    DEEPSEEK,
    COMMAND_R7B,
    COMMAND_R,
    QWEN3_CODER,
    GLM,
    HERMES,
    GRANITE3,
    MISTRAL,
    FUNCTIONGEMMA,
    GEMMA4,
    PYTHONIC,
    LLAMA3,
    JSON,
)
"""The more particular first: Qwen3-Coder's and GLM's templates have Hermes' tags as well."""


def family_of(template: str) -> Family | None:
    """How the model calls tools, by its chat template; None when it was not made for it."""
    return next((family for family in FAMILIES if any(mark in template for mark in family.marker)), None)


__all__ = ["FAMILIES", "HERMES", "Call", "Family", "FamilyStream", "Found", "Malformed", "Thought", "family_of"]
