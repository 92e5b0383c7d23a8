"""Whatever a grammar lets through follows the schema it was made of."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper

from agents.llm.schema.compiling import json_rule
from tests.agents.llm.schema.schemas import schemas

_END = 256


class _Bytes:
    """A vocabulary of single bytes, so that a walk takes every turn a grammar has."""

    eos_token_id = _END
    bos_token_id = None
    special_token_ids = (_END,)
    tokens = [bytes([i]) for i in range(256)] + [b"<end>"]

    def __call__(self, text):
        return list(text if isinstance(text, bytes) else text.encode())


@pytest.fixture(scope="module")
def tokenizer() -> LLTokenizer:
    return LLTokenizer(TokenizerWrapper(_Bytes()))


def _walk(matcher: LLMatcher, seed: int) -> str:
    """A random text that the grammar accepts; after a while it takes the shortest way out."""
    draw = random.Random(seed)
    written = bytearray()
    while True:
        allowed = [
            int(i) for i in np.flatnonzero(np.frombuffer(matcher.compute_logit_bias(), dtype=np.uint8)) if i < _END
        ]
        if matcher.is_accepting() and (not allowed or draw.random() < 0.2 or len(written) > 300):
            return written.decode()
        assert allowed, (written.decode(errors="replace"), matcher.get_error())
        late = len(written) > 300
        ways_out = [i for i in allowed if i in b'"'] or [i for i in allowed if i in b"}]nul0"]
        byte = draw.choice(ways_out if ways_out and (late or draw.random() < 0.3) else allowed)
        assert matcher.consume_token(byte)
        written.append(byte)
        assert len(written) < 20_000


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(schemas, st.integers(0, 2**32))
def test_every_walk_through_a_grammar_follows_the_schema(tokenizer, schema, seed) -> None:
    schema = {key: value for key, value in schema.items() if key != "nullable"}
    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_lark("start: " + json_rule(schema)), log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    for turn in range(2):
        text = _walk(matcher.deep_copy(), seed + turn)
        value = json.loads(text)
        problem = next(
            Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(value), None
        )
        # OpenAPI's `nullable` is no JSON Schema: whoever writes it means that null is fine.
        assert problem is None or "nullable" in str(problem.schema), (text, problem)


@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(schemas)
def test_every_reply_of_the_bundled_model_follows_the_schema_or_says_that_it_was_cut_off(bundled, schema) -> None:
    wanted = {"type": "object", "properties": {"value": schema}, "required": ["value"], "$defs": schema["$defs"]}
    wanted["properties"]["value"] = {key: value for key, value in schema.items() if key not in ("$defs", "nullable")}
    message = bundled.invoke(
        "Write an example.", response_format={"type": "json_object", "schema": wanted}, max_tokens=60
    )
    problem = message.response_metadata.get("structure_problem", "")
    if message.response_metadata["finish_reason"] == "stop":
        assert problem == ""
        assert not list(Draft202012Validator(wanted).iter_errors(json.loads(message.content)))
    else:
        assert "cut off by max_tokens" in problem or "ran in circles" in problem
