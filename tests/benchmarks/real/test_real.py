"""The harness with the bundled model and documents of its own: it records, goes on, reports and compares."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import open_platform
from agents.evaluation import Question, read_cases
from ingest.settings import Settings
from tests.benchmarks import real
from tests.benchmarks.real import llamaindex, sets
from tests.benchmarks.real.sets import Series, series
from tests.benchmarks.real.ticks import labelled
from tests.benchmarks.runs import known


@pytest.fixture
def asked(tmp_path: Path) -> list[Series]:
    (tmp_path / "leave.md").write_text("# Leave\n\nEmployees get 15 days of annual leave a year.", "utf-8")
    leave = Question("How many days of annual leave do employees get?", ("15 days",), id="leave")
    fee = Question("What is the parking fee?", ("12 yuan",), id="fee")
    return [
        Series("own", (leave,), (tmp_path / "leave.md",), kb="own", spare=Question("Who gets leave?")),
        Series("given", (fee,), passages={"fee": ("The parking fee is 12 yuan an hour.", "Lunch is at noon.")}),
    ]


def test_a_run_is_kept_gone_on_with_and_compared(
    asked: list[Series], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real, "FOLDER", tmp_path / "real")
    monkeypatch.setattr(llamaindex, "interpreter", lambda: "")
    platform = open_platform(tmp_path / "home", settings=Settings(embedder="hashing", max_tokens=16))
    try:
        real.answers(platform, asked[:1], ["zhiku"], "first")
        text = real.answers(platform, asked, real.CHAINS, "first")
        cases = read_cases(tmp_path / "real" / "first.jsonl")
        real.answers(platform, asked, ["zhiku"], "second")
    finally:
        platform.close()
    assert [(case.set, case.chain) for case in cases] == [
        (one.name, chain) for one in asked for chain in ("zhiku", "langchain", "langchain-cited")
    ]
    by = {case.key[:2]: case for case in cases}
    assert by["own", "zhiku"].right
    assert by["given", "zhiku"].right
    for name in ("own", "given"):
        peer = by[name, "langchain"].reply
        assert peer.text
        assert peer.prompt_tokens > 40
        assert 0 < peer.first_token <= peer.total
    assert all(case.run["commit"] and case.run["identity"] for case in cases)
    assert "zhiku beside langchain" in text
    assert "LlamaIndex: not measured" in text
    assert (tmp_path / "real" / "first.md").read_text("utf-8").startswith("| set | chain |")
    told = real.run(compare="first,second")
    assert "| all | 2 | 2 | 0 | 0 | 0 | 1 |" in told


def test_an_unknown_chain_is_named() -> None:
    with pytest.raises(ValueError, match="No chain abc"):
        known("zhiku,abc", real.CHAINS)


def test_the_sample_corpus_is_always_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "SETS", tmp_path)
    [sample] = series(12)
    assert sample.name == "sample"
    assert len(sample.questions) == 12
    assert sample.spare is not None
    assert sample.spare not in sample.questions
    assert series(12, ["sample"])[0].questions == sample.questions


@pytest.mark.shared
@pytest.mark.skipif(not sets.SETS.is_dir(), reason="no measuring sets beside the repository")
def test_every_set_is_read() -> None:
    found = {one.name: one for one in series(4)}
    assert set(found) == set(sets._ALL)
    for name, one in found.items():
        assert len(one.questions) == (0 if name == "ticks" else 4)
        assert all(question.answerable != name.endswith("none") for question in one.questions if name != "sample")
    assert all(path.name.startswith("en-") for path in found["xquad-zh-en"].files)
    assert found["xquad-zh-en"].questions[0].crosses
    for question in found["rgb-none"].questions:
        assert len(found["rgb-none"].passages[question.id]) == sets.GIVEN
        assert not question.right(" ".join(found["rgb-none"].passages[question.id]))
    for question in found["rgb"].questions:
        assert question.answerable


def test_a_label_belongs_to_its_sentences() -> None:
    answer = {
        "id": "x",
        "question": "How long is annual leave?",
        "passages": [{"document": "Leave", "text": "Annual leave is 15 days. Sick leave is 10 days."}],
        "written": "Annual leave is 15 days [1]. Annual leave is 20 days [1].",
        "sentences": [
            {"text": "Annual leave is 15 days.", "supported": True},
            {"text": "Annual leave is 20 days.", "supported": False},
        ],
    }
    assert [(label.supported, label.ticked) for label in labelled(answer)] == [(True, True), (False, False)]


def test_without_the_sets_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "SETS", tmp_path / "absent")
    assert "Not measured" in real.run()
