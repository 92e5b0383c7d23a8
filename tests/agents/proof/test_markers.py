"""How markers are read, in whatever form and place a model wrote them, and what in brackets is none."""

from __future__ import annotations

import time

import pytest

from agents.proof.markers import normalise, split, unfinished, without


def _read(text: str, count: int = 4) -> list[tuple[str, tuple[int, ...]]]:
    return [(s.text, s.marks) for s in split(normalise(text, count), count) if not s.code]


@pytest.mark.parametrize(
    ("written", "marks"),
    [
        ("It is five [1].", (1,)),
        ("It is five[1]", (1,)),
        ("It is five. [1]", (1,)),
        ("It is five.\n[1]", (1,)),
        ("It is five [1, 3-4].", (1, 3, 4)),
        ("It is five [1][2].", (1, 2)),
        ("It is five [01].", (1,)),
        ("It is five [ID:1].", (1,)),
        ("It is five [^1].", (1,)),
        ("It is five [Passage 1, Passage 2].", (1, 2)),
        ("It is five (passage 2).", (2,)),
        ("It is five 【1】.", (1,)),
        ("It is five ［1］.", (1,)),
        ("It is five [段落 1].", (1,)),
        ("It is five（段落1）.", (1,)),
        ("It is five [38].", ()),
        ("It is five [1][38].", (1,)),
        ("It is five [doc 9].", ()),
        ("It is five 【1，7】.", (1,)),
        ("It is five [", ()),
        ("It is five [1", ()),
    ],
)
def test_every_form_is_read(written: str, marks: tuple[int, ...]) -> None:
    [(text, found)] = _read(written)
    assert text.rstrip(".") == "It is five"
    assert found == marks


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The numbers are [0, 1, 1, 2, 3, 5, 8, 13, 377].", 8),
        ("Fibonacci: [1, 1, 2, 3]", 8),
        ("Open [9-17] daily.", 20),
        ("Opening hours: [9-17]", 20),
        ("Values [10, 20]", 8),
        ("The range is [10, 20].", 40),
        ("- [10, 20]", 40),
        ("结果为[1, 2]。", 4),
        ("x = [1, 2]", 4),
        ("arr[0] comes before data[12] in it.", 4),
        ("The value [42] holds.", 8),
        ("A year [2024].", 8),
        ("See [1](http://example.org).", 4),
        ("Use `days[1]` here.", 4),
        ("```python\nleave = days[1]\n```", 4),
    ],
)
def test_what_is_no_marker_stays(text: str, count: int) -> None:
    assert normalise(text, count) == text
    assert [sentence.marks for sentence in split(text, count)] == [()]
    assert without(text, count) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "[1] After ten years, 20 days. [2] Sick leave is 10 days.",
            [("After ten years, 20 days.", (1,)), ("Sick leave is 10 days.", (2,))],
        ),
        ("[1] 年假15天。[2] 病假10天。", [("年假15天。", (1,)), ("病假10天。", (2,))]),
        ("- [1] It is five.\n- [2] It is six.", [("- It is five.", (1,)), ("- It is six.", (2,))]),
        ("1. [2] Five.\n2. [1] Six.", [("1. Five.", (2,)), ("2. Six.", (1,))]),
        ("年假15天。[1]病假10天。[2]", [("年假15天。", (1,)), ("病假10天。", (2,))]),
        ("It is five. [1] It is six. [2]", [("It is five.", (1,)), ("It is six.", (2,))]),
        ("It is five.\n[1]\nIt is six.\n[2]", [("It is five.", (1,)), ("It is six.", (2,))]),
        ("It is five. [38] It is six [38].", [("It is five.", ()), ("It is six.", ())]),
    ],
)
def test_a_marker_goes_to_its_sentence_before_or_behind_it(text: str, read: list[tuple[str, tuple[int, ...]]]) -> None:
    assert _read(text) == read


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Five [", 2),
        ("Five [1", 3),
        ("Five [1, ", 5),
        ("Five [Pass", 6),
        ("Five [ID:", 5),
        ("五【段", 2),
        ("Five (pass", 6),
        ("[1][", 1),
        ("Five [1]", 0),
        ("Five [optional", 0),
        ("Five (1", 0),
        ("Five", 0),
        ("```\na[1", 0),
    ],
)
def test_what_may_become_a_marker_can_be_held_back(text: str, held: int) -> None:
    assert unfinished(text) == held


@pytest.mark.parametrize(
    "long",
    [" " * 50_000, "[" * 20_000, "[1, " * 10_000, "[1] " * 10_000, "\n" * 50_000, "[1," + " " * 5_000, "\ue0007\ue001"],
)
def test_endless_text_is_read_in_time(long: str) -> None:
    began = time.monotonic()
    text = normalise(f"Five{long}x", 4)
    split(text, 4)
    unfinished(f"Five{long}")
    without(text)
    assert time.monotonic() - began < 10
