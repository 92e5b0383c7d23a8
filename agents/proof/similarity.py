"""How close two texts are in meaning, on a scale that means the same for every embedder.

Cosines of one model lie between .75 and 1, of another between -.1 and 1. So the cosine is rescaled:
(cos - b) / (1 - b), where b is what the text scores on average against sentences about other things in the other text's
language, since texts of one language are closer than they mean. 0 is unrelated, 1 the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ingest.language import language_of, side

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.calibration import Calibration
    from ingest.embedders import Embedder

REFERENCES = (
    "The recipe asks for two eggs, a cup of flour and some butter.",
    "The goalkeeper saved a penalty in the last minute of the match.",
    "Heavy rain is expected over the mountains tomorrow night.",
    "The violin concerto ends with a slow, quiet movement.",
    "这道菜需要先把土豆切成薄片，再用小火慢煎。",
    "昨晚的球赛最后一分钟才分出胜负。",
    "明天夜间山区将有大雨，请注意防范。",
    "她从小学习钢琴，后来成为一名音乐老师。",
)
_ENGLISH = 4
_REMEMBERED = 4096
"""Vectors kept (1.5 kB each at 384 dimensions): the passages of a conversation come back turn after turn."""


class Closeness:
    """Rescaled cosine between texts, their vectors remembered."""

    def __init__(self, embedder: Embedder, calibration: Callable[[], Calibration] | None = None) -> None:
        """`calibration` is asked for with the first question; without one, questions are measured like statements."""
        self._embedder = embedder
        self._calibration = calibration
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def __call__(self, text: str, others: Sequence[str]) -> list[float]:
        """One value per text in `others`; mostly 0..1."""
        if not others:
            return []
        vectors = self.vectors([text, *others, *REFERENCES])
        mine = vectors[0]
        against = vectors[1 + len(others) :] @ mine
        english, chinese = float(against[:_ENGLISH].mean()), float(against[_ENGLISH:].mean())
        values = []
        for other, cosine in zip(others, vectors[1 : 1 + len(others)] @ mine, strict=True):
            base = chinese if language_of(other) == "zh" else english
            values.append(float((cosine - base) / (1 - base)) if base < 1 else 0.0)
        return values

    def answers(self, question: str, texts: Sequence[str]) -> list[float]:
        """How near each of `texts` comes to a question: 0 unrelated, 1 as a question and its answer.

        On the scale of the embedder's calibration, which knows questions from statements and holds across languages:
        against `__call__`, the statement with the answer is first in .65 instead of .62 of XQuAD's zh→en questions.
        """
        if self._calibration is None or not texts:
            return self(question, texts)
        calibration = self._calibration()
        aimed = calibration.aim(question, self._embedder.embed_query(question))
        asked = side(question)
        cosines = self.vectors(texts) @ aimed
        return [
            calibration.closeness(float(cosine), asked, side(text)) for text, cosine in zip(texts, cosines, strict=True)
        ]

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimensions) unit vectors of `texts`, embedded as passages."""
        import numpy as np

        # Several chats share this object: what one of them needs must not go because another one makes room.
        remembered = self._vectors
        wanted = {text: remembered.get(text) for text in texts}
        new = [text for text, vector in wanted.items() if vector is None]
        found = {text: vector for text, vector in wanted.items() if vector is not None}
        if new:
            for text, vector in zip(new, self._embedder.embed_passages(new), strict=True):
                found[text] = np.asarray(vector, dtype=np.float32)
            if len(remembered) + len(new) > _REMEMBERED:
                self._vectors = dict(found)
            else:
                remembered.update(found)
        return np.stack([found[text] for text in texts])
