"""What `zhiku ask` prints of an answer: its quotes, what is not proven and why, what the model wrote in vain."""

from __future__ import annotations

import pytest

from agents.chat.answers import Answer
from agents.cli.ask import _finish
from agents.proof.checking import CheckedSentence
from agents.proof.sources import Citation
from ingest.language import speaking

RIGHT, WRONG = "Leave is ten days.", "A hotel may cost 900 yuan."


def quoted(quote: str, sentence: str = "", *, verified: bool = True) -> Citation:
    return Citation(1, "Handbook", "/h.md", 3, 0, len(quote), quote, verified, 7, sentence=sentence)


def printed(capsys: pytest.CaptureFixture[str], answer: Answer, shown: str = "", language: str = "en") -> str:
    with speaking("zh" if language == "zh" else "en"):
        _finish(answer, shown)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "why"),
    [("en", "! A hotel may cost 900 yuan. (the passage says 650)"), ("zh", "900 yuan.（原文为 650）")],
)
def test_what_is_not_proven_is_listed_with_its_sign_and_reason(
    capsys: pytest.CaptureFixture[str], language: str, why: str
) -> None:
    sentences = (
        CheckedSentence(RIGHT, (1,), "supported"),
        CheckedSentence(WRONG, (1,), "differs", "number", "650"),
        CheckedSentence("Handbook.", (1,), "quote", "phrase"),
    )
    cited = (
        quoted(RIGHT, RIGHT),
        quoted("650 yuan", WRONG, verified=False),
        quoted("book", "Handbook.", verified=False),
    )
    answer = Answer(
        "Q", "Q", RIGHT, abstained=False, citations=cited, unsupported_sentences=(WRONG,), sentences=sentences
    )
    out = printed(capsys, answer, language=language)
    assert why in out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("[1]")] == ["✓", "!", "○"]
    assert out.count(WRONG) == 1
    assert "  ○ Handbook." in out


def test_a_refusal_comes_with_quotes_then_what_the_model_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(
        "Q",
        "Q",
        "The documents do not say.",
        abstained=True,
        citations=(quoted("A hotel may cost 650 yuan."),),
        sentences=(CheckedSentence(WRONG, (1,), "differs", "number", "650"),),
        written=f"{WRONG[:-1]} [1].",
    )
    lines = [line for line in printed(capsys, answer, "A hotel may").splitlines() if line]
    assert lines == [
        "Held against the documents:",
        "The documents do not say.",
        "Nearest quotes:",
        "[1] ○ Handbook, p. 3",
        "    “A hotel may cost 650 yuan.”",
        "The model wrote, without proof:",
        "    ! A hotel may cost 900 yuan. (the passage says 650)",
    ]


def test_quotes_alone_are_left_to_the_reader(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer("Q", "Q", f"{RIGHT} [1]", abstained=False, citations=(quoted(RIGHT, RIGHT),), extractive=True)
    out = printed(capsys, answer)
    assert "Closest quotes – judge for yourself:" in out
    assert "[1] ○ Handbook" in out


def test_what_earlier_versions_kept_is_printed_too(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer("Q", "Q", WRONG, abstained=False, unsupported_sentences=(WRONG,))
    assert f"  ! {WRONG}\n" in printed(capsys, answer)
