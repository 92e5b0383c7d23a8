"""The words a model wants before a query and before a passage, and what embedders that put them there have in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import EmbedderIdentity
from ingest.settings import Settings

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

    @classmethod
    def of(cls, settings: Settings) -> Prompts:
        """Those that the user set."""
        return cls(settings.embedder_query_prompt, settings.embedder_passage_prompt)


class Prompted(ABC):
    """An embedder whose model is given a prompt and a text: whoever is one sets both fields and says how it encodes."""

    identity: EmbedderIdentity
    """Identity and limits."""
    _prompts: Prompts

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimensions) unit vectors in the order of `texts`; batches hold texts of like length."""
        return self._encode(texts, self._prompts.passage)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """(dimensions,) unit vector; a question longer than the model's window is cut to it, as models are trained."""
        vector: NDArray[np.float32] = self._encode([text], self._prompts.query)[0]
        return vector

    @abstractmethod
    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        """(n, dimensions) unit vectors of the texts, each behind the prompt."""


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
