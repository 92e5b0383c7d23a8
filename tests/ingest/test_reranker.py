"""Cross-encoders with random weights: the export says what the original says, keeps to its time, and orders the hits."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from ingest import open_library, reranker
from ingest.cli.actions import hit_as_json
from ingest.cli.drawing import hits as drawn
from ingest.documents import Hit, LegScore
from ingest.errors import ModelError
from ingest.filters import Filter
from ingest.finding import RERANKED, Finder, reranked
from ingest.graphs import META, exported
from ingest.language import speaking
from ingest.progress import hearing
from ingest.reranker import CrossEncoderReranker, ExportedReranker, create
from ingest.settings import Settings

QUERY = "年假有几天"
TEXTS = ["年假共有十五天。", "a model", "", "一个模型的数量 " * 30, "\ud800 年假", "15 天 年假"]
AGES = 3_600.0


@pytest.fixture(scope="module")
def folder(classifier):
    return str(classifier("bert", ("score",)))


@pytest.mark.slow
def test_the_export_says_what_the_original_says(folder, classifier, tmp_path):
    pytest.importorskip("onnxscript", reason="the export needs the extra 'onnx'")
    told = CrossEncoderReranker(folder, "cpu").scores(QUERY, TEXTS, AGES)
    exact = ExportedReranker(folder, precision="float32", cache=tmp_path)
    assert exact.scores(QUERY, TEXTS, AGES) == pytest.approx(told, abs=1e-4)
    assert exact.scores(QUERY, [], AGES) == []
    small = ExportedReranker(folder, cache=tmp_path).scores(QUERY, TEXTS, AGES)
    assert small == pytest.approx(told, abs=0.05)
    assert small != told
    assert max(told) - min(told) > 0.1, "random weights tell the texts apart"
    one, two = exact.scores(QUERY * 50, ["年假", "a model"], AGES)
    assert one != two, "the passage is read beside a question of any length"
    untyped = ExportedReranker(str(classifier("deberta", ("score",))), cache=tmp_path)
    assert len(untyped.scores(QUERY, TEXTS, AGES)) == len(TEXTS)
    three = str(classifier("bert", ("a", "b", "c")))
    for refuses in (lambda: ExportedReranker(three, cache=tmp_path), lambda: CrossEncoderReranker(three, "cpu")):
        with pytest.raises(ModelError, match="no reranker: it gives a pair 3 scores"):
            refuses()


def test_what_is_no_model_is_said(tmp_path):
    for backend in ("onnx", "torch"):
        with pytest.raises(ModelError, match="holds no model"):
            create(Settings(reranker=str(tmp_path), reranker_backend=backend))
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model.safetensors").write_bytes(b"garbage")
    with pytest.raises(ModelError, match="can't be loaded"):
        create(Settings(reranker=str(tmp_path)))


def test_time_is_kept_to():
    read: list[int] = []

    def slow(texts):
        read.append(len(texts))
        time.sleep(0.04)
        return [0.5] * len(texts)

    found = reranker._in_time(slow, ["x"] * 100, 0.1)
    assert 10 <= len(found) <= 30
    assert len(found) == sum(read)
    assert len(reranker._in_time(slow, ["x"] * 12, 0.0)) == 10, "some in any case"
    assert len(reranker._in_time(slow, ["x"] * 12, 9.0)) == 12


def _hit(number: int, score: float) -> Hit:
    return Hit(number, score, "d", "/d", 1, (), 0, 1, f"t{number}", 1, number)


def test_what_was_not_read_stays_behind():
    hits = [_hit(1, 0.9), _hit(2, 0.8), _hit(3, 0.7), _hit(4, 0.1)]
    found = reranked(hits, [0.3, 0.6])
    assert [(h.chunk_id, h.rank) for h in found] == [(2, 1), (1, 2), (3, 3), (4, 4)]
    assert [h.score for h in found] == [0.6, 0.3, 0.3, 0.1]
    assert found[0].fused == LegScore(2, 0.8)
    assert found[0].reranked == LegScore(1, 0.6)
    assert found[2].fused == LegScore(3, 0.7)
    assert found[2].reranked is None
    assert [h.chunk_id for h in reranked(hits, [])] == [1, 2, 3, 4]
    assert "reranked" not in hit_as_json(hits[0])
    assert hit_as_json(found[0])["fused"] == {"rank": 2, "score": 0.8}


def test_explain_has_a_line_of_it(capsys):
    found = reranked([_hit(1, 0.9), replace(_hit(2, 0.8), dense=LegScore(1, 0.5))], [0.25])
    drawn(found, "t", 0.1, explain=True)
    shown = capsys.readouterr().out
    assert "together #1 0.900   reranked #1 0.250" in shown
    assert "together #2 0.800   reranked –" in shown


def test_copies_are_read_once_and_with_their_context(library, tmp_path):
    for n in range(50):
        (tmp_path / f"copy{n}.txt").write_text("Annual leave is 25 days.\n", "utf-8")
    (tmp_path / "Sick leave.txt").write_text("A certificate is wanted on the third day.\n", "utf-8")
    library.add([tmp_path])
    asked: list[list[str]] = []

    def shortest_first(query, texts):
        asked.append(list(texts))
        return [1 / len(text) for text in texts]

    finder = Finder(library._finder._searcher_for, library._catalog.documents.passages, shortest_first)
    hits = finder.find("leave days", [library.kb()], 1, Filter())
    assert len(hits) == 1
    assert hits[0].text == "Annual leave is 25 days."
    (texts,) = asked
    assert len(texts) == 2 <= RERANKED
    assert any(text.endswith("Sick leave\nA certificate is wanted on the third day.") for text in texts)


@pytest.mark.slow
def test_a_library_searches_with_it(folder, tmp_path):
    (tmp_path / "leave.md").write_text("# Leave\n\nAnnual leave is 25 days.\n\n# 年假\n\n年假共有十五天。\n", "utf-8")
    settings = Settings(embedder="hashing", workers=1, reranker=folder, reranker_backend="torch", embedder_device="cpu")
    library = open_library(tmp_path / "home", settings)
    library.add([tmp_path / "leave.md"])
    hits = library.search("年假")
    assert hits
    assert all(hit.reranked and hit.reranked.score == hit.score for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    library.close()


def test_the_first_use_of_a_model_is_announced(tmp_path):
    heard: list[str] = []

    def write(to):
        to.mkdir()
        (to / META).write_text("{}", "utf-8")

    for language, word in (("en", "reranker"), ("zh", "重排模型")):
        with speaking(language), hearing(heard.append):
            for _ in range(2):
                exported("rerankers", [language], write, tmp_path)
        first, end = heard
        assert word in first
        assert end == ""
        heard.clear()
