"""Which words go before queries and passages."""

from __future__ import annotations

import pytest

from ingest.embedders.prompts import Prompts, prompts_for

NONE = Prompts()


def test_the_models_own_prompts_come_first() -> None:
    own = {"query": "Q: ", "document": "D: "}
    assert prompts_for("intfloat/multilingual-e5-small", own, None, NONE) == Prompts("Q: ", "D: ")
    assert prompts_for("x", {"query": "Q: ", "passage": "P: "}, None, NONE) == Prompts("Q: ", "P: ")
    assert prompts_for("x", {"s2p": "S: "}, "s2p", NONE) == Prompts("S: ", "S: ")


def test_what_the_user_sets_wins() -> None:
    assert prompts_for("e5-small", {"query": "Q: "}, None, Prompts("my: ", "")) == Prompts("my: ", "")
    assert prompts_for("intfloat/e5-small", {}, None, Prompts("", "my: ")) == Prompts("query: ", "my: ")


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("/models/e5-base-v2", "query: ", "passage: "),
        ("BAAI/bge-large-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("BAAI/bge-m3", "", ""),
        ("sentence-transformers/all-MiniLM-L6-v2", "", ""),
    ],
)
def test_families_whose_files_say_nothing(name: str, query: str, passage: str) -> None:
    assert prompts_for(name, {"query": "", "document": ""}, None, NONE) == Prompts(query, passage)


def test_instruct_models_take_an_instruction_for_queries_alone() -> None:
    for name in ("Qwen/Qwen3-Embedding-0.6B", "intfloat/multilingual-e5-large-instruct"):
        found = prompts_for(name, {}, None, NONE)
        assert found.query.startswith("Instruct: ")
        assert found.passage == ""
