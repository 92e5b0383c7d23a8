"""Which tools a model is shown: of many, the few that a task may need.

Every tool in a prompt costs tokens and is one more to be wrong about, so a step sees at most a handful. They are
found as passages are: by vectors of name and description, which also bridge languages (a Chinese task, an English
description), and by words, which know that 'parcel' in a name is no coincidence.
"""

from __future__ import annotations

import math
import re
import threading
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from agents.tools.tool import Tool
from ingest.embedders import Embedder

WORDS = 0.3
"""Weight of the words beside the vectors, which reach 1. Found too little by words alone: a task hardly ever uses a
tool's own words, and in another language never."""
NAMED = 2.0
"""A word of the name counts as much as this many of the description."""
REFERENCE = 10
"""Pairs of everyday questions that stand for 'any question'. A tool that is near to all of them (hubs, as found in
every high-dimensional space) is no better a find for this one: its mean cosine with them is taken off. Recall of
the needed tool among 5 of 50 rose from 41 to 45 of 48 tasks (tests/agents/tools/tasks.jsonl)."""
NEAR = 1.0
"""Standard deviations by which a question that is about a tool lies nearer to it than everyday questions do. Of 60 + 40
pairs of tools-dev and 48 of fifty tools of our own 98-100 % lie so near; of 188 pairs of our forty tasks with tools of
another task 30 %, of 40 near misses of tools-dev 75 %."""
MEANT = 2.0
"""The same for one that may be called in place of a document that answers: 8 % of the pairs with another task's tool lie
so near."""
AHEAD = 0.5
"""By how much it must be nearer than any other."""
BEHIND = 1.5
"""By how much one may be less near than the nearest and still be meant beside it."""
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-./]+")


class Chooser:
    """Chooses among tools for a task. Safe to share between threads: a tool is embedded once, whoever asks first."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}
        """By what `described` says of a tool."""
        self._usual: NDArray[np.float32] | None = None
        self._lock = threading.Lock()

    def choose(self, query: str, tools: Sequence[Tool], most: int = 8, always: Collection[str] = ()) -> list[Tool]:
        """At most `most` of `tools` for the task `query`, in the order given, so that two steps which need the same
        tools have the same beginning of their prompts. Tools named in `always` are kept first and count among the
        `most`; if they alone are more, all of them are returned. Raises `ModelError` when the embedder fails.
        """
        if len(tools) <= most:
            return list(tools)
        kept = {tool.name for tool in tools if tool.name in always}
        others = [tool for tool in tools if tool.name not in kept]
        places = max(most - len(kept), 0)
        if places and not query.strip():
            kept |= {tool.name for tool in others[:places]}
        elif places:
            scores = self._scores(query, others)
            best = sorted(range(len(others)), key=lambda n: (-scores[n], n))[:places]
            kept |= {others[n].name for n in best}
        return [tool for tool in tools if tool.name in kept]

    def ranked(self, query: str, tools: Sequence[Tool], most: int = 8, always: Collection[str] = ()) -> list[Tool]:
        """As `choose`, the most relevant first, also where all of them are shown: what stands first is called first."""
        chosen = self.choose(query, tools, most, always)
        if len(chosen) < 2 or not query.strip():
            return chosen
        scores = self._scores(query, chosen)
        return [chosen[n] for n in sorted(range(len(chosen)), key=lambda n: (-scores[n], n))]

    def nearness(self, queries: Sequence[str], tools: Sequence[Tool]) -> list[float]:
        """How near the nearest of `queries` lies to each of `tools`: how near vectors lie differs between models and tools, so
        it is given in standard deviations above everyday questions (`NEAR`, `MEANT`). Raises `ModelError`."""
        if not tools or not queries:
            return [0.0] * len(tools)
        matrix = self._matrix(tools)
        usual = self._everyday() @ matrix.T
        asked = np.stack([self._embedder.embed_query(query) for query in queries]) @ matrix.T
        return [float(n) for n in (asked.max(axis=0) - usual.mean(axis=0)) / np.maximum(usual.std(axis=0), 1e-6)]

    def _scores(self, query: str, tools: Sequence[Tool]) -> list[float]:
        """Cosines brought to at most 1 within this question, since one model's lie close together and how close
        differs between models; the words on top."""
        matrix = self._matrix(tools)
        cosines = matrix @ self._embedder.embed_query(query) - matrix @ self._everyday().mean(axis=0)
        middle, top = float(cosines.mean()), float(cosines.max())
        spread = top - middle or 1.0
        words = _matches(query, tools)
        return [(float(cosine) - middle) / spread + WORDS * word for cosine, word in zip(cosines, words, strict=True)]

    def _everyday(self) -> NDArray[np.float32]:
        """(n, dimensions): the reference questions in both languages."""
        with self._lock:
            if self._usual is None:
                from ingest.calibration import QUESTIONS

                questions = [question for pair in QUESTIONS[:REFERENCE] for question in pair]
                self._usual = np.stack([self._embedder.embed_query(q) for q in questions])
            return self._usual

    def _matrix(self, tools: Sequence[Tool]) -> NDArray[np.float32]:
        """(n, dimensions): the tools' vectors, those not seen before embedded in one call. A vector is the mean of
        two: of the description, and of name and description."""
        said = {(whole := described(tool)): _said(tool) or whole for tool in tools}
        with self._lock:
            missing = [key for key in said if key not in self._vectors]
            if missing:
                both = self._embedder.embed_passages([text for key in missing for text in (key, said[key])])
                self._vectors.update(zip(missing, (both[0::2] + both[1::2]) / 2, strict=True))
            return np.stack([self._vectors[described(tool)] for tool in tools])


def described(tool: Tool) -> str:
    """A tool in words: its name taken apart, and its description in the languages it has."""
    return f"{' '.join(_HUMPS.split(tool.name))}: {_said(tool)}"


def _said(tool: Tool) -> str:
    return f"{tool.description} {tool.zh.description}" if tool.zh else tool.description


def _matches(query: str, tools: Sequence[Tool]) -> list[float]:
    """For each tool the share of the question's words it has, rare ones weighing more, as BM25's idf does: 1 for all
    of them in its description, `NAMED` for all of them in its name."""
    from ingest.lexical.terms import query_terms, terms

    held: list[dict[str, float]] = []
    for tool in tools:
        weights = dict.fromkeys(terms(_said(tool)), 1.0)
        weights |= dict.fromkeys(terms(" ".join(_HUMPS.split(tool.name))), NAMED)
        held.append(weights)
    frequency = Counter(term for weights in held for term in weights)
    idf = {term: math.log(1 + len(tools) / (frequency[term] or 0.5)) for term in set(query_terms(query))}
    whole = sum(idf.values()) or 1.0
    return [sum(idf[term] * weight for term, weight in weights.items() if term in idf) / whole for weights in held]
