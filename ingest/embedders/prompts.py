"""The words a model wants before a query and before a passage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BGE_ZH = "为这个句子生成表示以用于检索相关文章："
_BGE_EN = "Represent this sentence for searching relevant passages: "
_QWEN = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"

_FAMILIES = (
    # From the models' own cards on the hub; used only where the model's files say nothing.
    (r"e5-.*instruct", _QWEN.replace("\nQuery:", "\nQuery: "), ""),
    (r"(^|[/_-])e5-(small|base|large)|multilingual-e5", "query: ", "passage: "),
    (r"bge-(small|base|large)-zh", _BGE_ZH, ""),
    (r"bge-(small|base|large)-en", _BGE_EN, ""),
    (r"qwen3-embedding", _QWEN, ""),
    (r"nomic-embed-text", "search_query: ", "search_document: "),
    (r"mxbai-embed|arctic-embed-(xs|s|m|l)$", _BGE_EN, ""),
)


@dataclass(frozen=True, slots=True)
class Prompts:
    """Put before queries and passages."""

    query: str = ""
    passage: str = ""


def prompts_for(name: str, own: Mapping[str, str], default: str | None, wanted: Prompts) -> Prompts:
    """What the user set, else what the model's configuration says (`own`, `default`), else what its family needs.

    `own` are the prompts of config_sentence_transformers.json by name, `default` its default_prompt_name.
    """
    query = own.get("query", "")
    passage = next((own[key] for key in ("document", "passage", "corpus") if own.get(key)), "")
    if not (query or passage):
        if default and own.get(default):
            query = passage = own[default]
        else:
            for pattern, for_query, for_passage in _FAMILIES:
                if re.search(pattern, name.lower()):
                    query, passage = for_query, for_passage
                    break
    return Prompts(wanted.query or query, wanted.passage or passage)
