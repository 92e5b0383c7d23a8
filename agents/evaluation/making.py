"""Questions made by a model from the documents: each from one passage, and kept only where that passage holds its answer."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

import prompts
from agents.evaluation.gold import contains_gold
from agents.llm.asking import Asker
from ingest.errors import ZhikuError
from ingest.language import language_of
from ingest.library import Library
from prompts import neutral

_REPLY = re.compile(r"(?:Q|问)\s*[:：]\s*(?P<question>.+?)\s*\n+\s*(?:A|答)\s*[:：]\s*(?P<answer>.+)", re.DOTALL)
_LEAST, _LONGEST, _ANSWER = 80, 1500, 120
"""Characters of a passage, and the most of an answer."""


def made_from(
    library: Library, kb: str, model: Callable[[], BaseChatModel], count: int, seed: int = 0
) -> Iterator[dict[str, Any] | None]:
    """A record for each of up to `count` passages of as many documents as there are; None for a passage of which the model
    made nothing that holds. Raises as the model does."""
    chance = random.Random(seed)  # noqa: S311 - which passages are asked about is no secret
    documents = library.documents(kb)
    chance.shuffle(documents)
    asker = Asker(model, "")
    for document in (documents * count)[:count] if documents else ():
        passages = [one for one in library.chunks(document.id) if len(one.text) >= _LEAST]
        if passages:
            passage = chance.choice(passages)
            found = _pair(asker, passage.text[:_LONGEST])
            names = {"documents": [Path(document.path).name], "pages": [passage.page]}
            yield None if found is None else {"question": found[0], "answers": [found[1]], **names}


def _pair(asker: Asker, passage: str) -> tuple[str, str] | None:
    prompt = prompts.load("question", "zh" if language_of(passage) == "zh" else "en")
    try:
        reply = asker.whole(prompt.render(passage=neutral(passage)), max_tokens=160)
    except ZhikuError:
        return None
    found = _REPLY.search(reply.text)
    if found is None:
        return None
    question, answer = " ".join(found["question"].split()), found["answer"].strip().splitlines()[0].strip(" 。.")
    if not (0 < len(answer) <= _ANSWER and contains_gold(passage, [answer]) and not contains_gold(question, [answer])):
        return None
    return question, answer
