"""Classifiers as exported graphs: the same judgement as transformers gives, and what is said of a wrong model."""

from __future__ import annotations

import math
import threading
from importlib.util import find_spec

import pytest

from ingest.errors import ModelError
from ingest.verifying.threshold import Measured, Worth
from ingest.verifying.verifier import Verifier, VerifierJudges

# Looked for and not imported: that takes four seconds of a processor, and every process of a run collects every file.
pytestmark = pytest.mark.skipif(not find_spec("onnxscript"), reason="the export needs the extra 'onnx'")

NLI, SPANS = ("neutral", "entailment", "contradiction"), ("supported", "hallucinated")
SOURCE, SENTENCE = "年假共有十五天。", "年假有 15 天"
LABELS = {"bert": NLI, "deberta": NLI, "modernbert": SPANS}


def _expected(folder, kind: str) -> float:
    """The same by transformers and torch."""
    import torch
    import transformers

    auto = (
        transformers.AutoModelForTokenClassification
        if kind == "modernbert"
        else transformers.AutoModelForSequenceClassification
    )
    inputs = transformers.AutoTokenizer.from_pretrained(folder)(SOURCE, SENTENCE, return_tensors="pt")
    model = auto.from_pretrained(folder).eval()
    if kind != "bert":
        inputs.pop("token_type_ids", None)
    with torch.no_grad():
        chances = model(**inputs).logits.softmax(-1)[0]
    if kind != "modernbert":
        return float(chances[1])
    return 1 - float(chances[-len("年假有15天") - 1 : -1, 1].max())


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Where they are kept: an export takes seconds."""
    return tmp_path_factory.mktemp("exports")


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(LABELS))
def test_an_exported_classifier_says_what_the_original_says(kind, classifier, exports) -> None:
    folder = classifier(kind, LABELS[kind])
    exact = Verifier(str(folder), precision="float32", cache=exports)
    assert exact.score(SOURCE, SENTENCE) == pytest.approx(_expected(folder, kind), abs=1e-4)
    assert exact.score("一个模型的数量" * 3, SENTENCE) != pytest.approx(exact.score(SOURCE, SENTENCE))
    small = Verifier(str(folder), cache=exports)
    assert small.score(SOURCE, SENTENCE) == pytest.approx(exact.score(SOURCE, SENTENCE), abs=0.25)
    assert 0 <= small.score(SOURCE * 50, SENTENCE) <= 1  # cut to the window
    assert small.score(SOURCE, SENTENCE * 50) == 0  # nothing of it could be read beside it
    asked = exact.score(SOURCE, SENTENCE, "年假有几天")
    assert (asked != exact.score(SOURCE, SENTENCE)) == (kind == "modernbert")  # NLI knows no questions


@pytest.mark.slow
def test_it_is_exported_and_measured_once_and_off_when_it_guesses(classifier, exports, monkeypatch, caplog) -> None:
    folder = str(classifier("bert", NLI))
    found = Verifier(folder, cache=exports).worth()
    assert not found.any  # random weights
    monkeypatch.setattr("ingest.verifying.verifier.export", None)
    monkeypatch.setattr(Verifier, "score", None)
    again = Verifier(folder, cache=exports)
    assert again.worth() == found
    judges = VerifierJudges(again)
    assert judges.entailment("?", 1.0, threading.Event()) is None
    assert "no better than chance" in caplog.text


class _Fixed:
    """A verifier that has proved itself."""

    def worth(self) -> Worth:
        good = Measured(0.6, 0.9, 1.0, 0.5)
        return Worth(good, good)

    def score(self, source: str, sentence: str, question: str) -> float:
        return 0.9 if sentence in source and question == "q" else 0.1


def test_its_votes_are_margins_over_its_threshold() -> None:
    vote = VerifierJudges(_Fixed()).entailment("q", 1.0, threading.Event())  # type: ignore[arg-type]
    assert vote is not None
    assert vote("b", ["abc", "xyz"]) == [pytest.approx(0.3), pytest.approx(-0.5)]
    late = VerifierJudges(_Fixed()).entailment("q", -1.0, threading.Event())  # type: ignore[arg-type]
    assert late is not None
    assert late("b", ["abc"]) == [-math.inf]


def test_what_is_no_verifier_is_said_in_one_line(classifier, tmp_path) -> None:
    for folder, said in (
        (tmp_path / "nowhere", "There is no folder"),
        (tmp_path, "holds no model"),
        (classifier("plain", ()), "is no verifier: it is a BertModel"),
        (classifier("bert", ("cat", "dog", "horse")), "of its labels (cat, dog, horse)"),
    ):
        with pytest.raises(ModelError) as error:
            Verifier(str(folder), cache=tmp_path / "cache")
        assert said in str(error.value)
        assert "\n" not in str(error.value)
    assert not list((tmp_path / "cache").rglob("*.part"))
