"""What has to be known about an embedder before its cosines mean anything.

Computed once per embedder from our own questions and passages (probes.json), about 2,300 tokens, and kept in the catalog
under the embedder's key. The bundled embedder's is shipped in calibrations.json, by fingerprint; a test computes it
again and compares.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import Embedder, EmbedderIdentity
from ingest.language import language_of

_KEPT = json.loads(files("ingest").joinpath("probes.json").read_text("utf-8"))
QUESTIONS: tuple[tuple[str, str], ...] = tuple((zh, en) for zh, en in _KEPT["questions"])
PASSAGES: tuple[tuple[str, str], ...] = tuple((zh, en) for zh, en in _KEPT["passages"])
"""The same in both languages. The first `len(PASSAGES)` questions are answered by the passage at the same place; to all other
passages a question is unrelated. They vary in form and subject because their mean stands for 'a question as such'."""
Vector = NDArray[np.float32]

LEAN = 0.5
"""Share of 'a question as such' taken off a question's vector before the search. A question of one language has
its language and its being a question in its vector, and both lie nearer to some passages than to others for no
good reason: the mean similarity to all questions is taken off each passage's score, as in CSLS (Conneau et al., Word
Translation Without Parallel Data, 2018). The direction from English to Chinese is then taken off altogether (Yang et
al., A Simple and Effective Method To Eliminate the Self Language Bias, 2021). Recall@1 and @5 on XQuAD, nearest vectors
alone, without, with the mean, with both: zh→en .657/.907, .727/.933, .733/.943; en→zh .707/.907, .730/.947,
.733/.953. After fusion nothing is lost in the same language; more of the mean (.7) helps neither."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one embedder's cosines lie."""

    question_means: dict[str, list[float]]
    """Mean vector of the probe questions, by language."""
    unrelated: dict[str, float]
    """Mean cosine of an aimed question and a passage that has nothing to do with it, by languages: 'zh>en'."""
    related: dict[str, float]
    """Mean cosine of an aimed question and its passage, by languages."""

    def aim(self, query: str, vector: Vector) -> Vector:
        """The unit vector to search with for the question `query` whose own vector is `vector`."""
        mean = self.question_means.get(language_of(query))
        if mean is None:
            return vector
        leaned = vector - LEAN * np.asarray(mean, np.float32)
        across = np.asarray(self.question_means["zh"], np.float32) - np.asarray(self.question_means["en"], np.float32)
        if stretch := float(across @ across):
            leaned = leaned - float(leaned @ across) / stretch * across
        length = float(np.linalg.norm(leaned))
        return (leaned / length).astype(np.float32) if length else vector

    def closeness(self, cosine: float, asked: str, told: str) -> float:
        """The cosine of an aimed question in language `asked` and a passage in `told` ('zh' or 'en'), on a scale
        that is comparable between embedders: 0 as if unrelated, 1 as a question and its answer."""
        ends = f"{asked}>{told}"
        low, high = self.unrelated[ends], self.related[ends]
        return (cosine - low) / (high - low) if high > low else 0.0

    def to_json(self) -> str:
        """For the catalog."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """What `to_json` wrote. Raises `ValueError` for anything else."""
        try:
            return cls(**json.loads(text))
        except TypeError as error:
            raise ValueError(f"no calibration: {error}") from error


def shipped(identity: EmbedderIdentity) -> Calibration | None:
    """The calibration that comes with the package, for an embedder whose weights are known beforehand.

    The file holds what `calibrate(...).to_json()` gives, under the embedder's fingerprint.
    """
    known = json.loads(files("ingest").joinpath("calibrations.json").read_text("utf-8"))
    found = known.get(identity.fingerprint)
    return Calibration(**found) if found else None


def calibrate(embedder: Embedder) -> Calibration:
    """Embed the probes and take their measure. Raises `ModelError` as the embedder does."""
    questions = {
        lang: np.stack([embedder.embed_query(pair[i]) for pair in QUESTIONS]) for i, lang in enumerate(("zh", "en"))
    }
    passages = {lang: embedder.embed_passages([pair[i] for pair in PASSAGES]) for i, lang in enumerate(("zh", "en"))}
    means = {lang: [round(float(x), 4) for x in q.mean(0)] for lang, q in questions.items()}
    raw = Calibration(means, {}, {})
    aimed = {
        lang: np.stack([raw.aim(pair[i], vector) for pair, vector in zip(QUESTIONS, questions[lang], strict=True)])
        for i, lang in enumerate(("zh", "en"))
    }
    own = np.eye(len(QUESTIONS), len(PASSAGES), dtype=np.bool_)
    unrelated, related = {}, {}
    for asked, q in aimed.items():
        for told, p in passages.items():
            cosines = q @ p.T
            unrelated[f"{asked}>{told}"] = round(float(cosines[~own].mean()), 5)
            related[f"{asked}>{told}"] = round(float(cosines[own].mean()), 5)
    return Calibration(means, unrelated, related)
