"""What every prompt begins with is read once per machine, not once per start."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agents.llm import open_model
from agents.llm.engine.prefixes import Prefixes
from ingest.settings import Settings

SYSTEM = SystemMessage("You are the librarian of a small town. " + "Answer from what the reader gives you. " * 12)
TOOLS = [
    {
        "type": "function",
        "function": {"name": "look_up", "description": "Look it up.", "parameters": {"type": "object"}},
    }
]
LONG = list(range(100))


def _ask(question: str, **options: object) -> tuple[int, str]:
    """(tokens that were in the cache, the answer) of the first question after a start."""
    model = open_model("bundled", Settings(context=1024, threads=1))
    reply = model.invoke([SYSTEM, HumanMessage(question)], max_tokens=12, **options)
    model.engine.close()
    return reply.usage_metadata["input_token_details"]["cache_read"], reply.text


@pytest.fixture
def states(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path))
    return tmp_path / "cache" / "prefixes"


def test_the_third_start_is_warm_and_says_the_same(states) -> None:
    cold, first = _ask("Where is the sea?")
    assert cold == 0
    assert not list(states.glob("*.state"))  # a system message seen once may never come again
    assert _ask("What is a clock?")[0] == 0
    assert len(list(states.glob("*.state"))) == 1
    warm, again = _ask("Where is the sea?")
    assert warm > 100
    assert again == first


def test_tools_are_part_of_the_beginning(states) -> None:
    _ask("One?", tools=TOOLS)
    _ask("Two?", tools=TOOLS)
    assert _ask("Three?")[0] == 0
    assert _ask("Four?", tools=TOOLS)[0] > 100


def test_seen_twice_in_one_process_is_enough(states) -> None:
    model = open_model("bundled", Settings(context=1024, threads=1))
    for question in ("One?", "Two?", "Three?"):
        model.invoke([SYSTEM, HumanMessage(question)], max_tokens=1)
    model.engine.close()
    assert len(list(states.glob("*.state"))) == 1
    assert _ask("Four?")[0] > 100


def test_a_damaged_file_is_removed_and_the_prompt_read(states) -> None:
    _ask("One?")
    _ask("Two?")
    (path,) = states.glob("*.state")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    assert _ask("Three?")[0] == 0
    assert _ask("Four?")[0] > 100  # written anew
    path.write_bytes(b"something else altogether")
    assert _ask("Five?")[0] == 0


def _kept(folder: Path, identity: str = "a", **limits: int) -> Prefixes:
    prefixes = Prefixes(folder, identity, **limits)
    prefixes.wanted(LONG)
    assert prefixes.wanted(LONG)
    prefixes.keep(LONG, b"state")
    prefixes.close()
    return prefixes


def test_another_model_or_version_finds_nothing(tmp_path) -> None:
    assert _kept(tmp_path).find(LONG) == b"state"
    assert Prefixes(tmp_path, "b").find(LONG) is None
    assert Prefixes(tmp_path, "a").find([*LONG, 1]) is None


def test_a_state_under_another_name_is_refused(tmp_path) -> None:
    prefixes = _kept(tmp_path)
    (mine,) = tmp_path.glob("*.state")
    _kept(tmp_path, "b")
    (other,) = (path for path in tmp_path.glob("*.state") if path != mine)
    mine.replace(other)
    assert Prefixes(tmp_path, "b").find(LONG) is None
    assert not other.exists()
    assert prefixes.find(LONG) is None


def test_the_least_recently_used_goes_first(tmp_path) -> None:
    import os

    prefixes = Prefixes(tmp_path, "a", most_bytes=2500)
    starts = [[number, *LONG] for number in range(3)]
    for age, start in enumerate(starts[:2]):
        prefixes.wanted(start)
        prefixes.keep(start, bytes(1000))
        prefixes.close()
        (path,) = (p for p in tmp_path.glob("*.state") if p.stat().st_mtime > 10_000)
        os.utime(path, (age + 1, age + 1))
    assert prefixes.find(starts[0]) == bytes(1000)  # the older one was used just now
    prefixes.keep(starts[2], bytes(1000))
    prefixes.close()
    assert [prefixes.find(start) is not None for start in starts] == [True, False, True]


def test_a_disk_that_cannot_be_written_only_keeps_nothing(tmp_path) -> None:
    (tmp_path / "file").write_text("not a folder")
    prefixes = Prefixes(tmp_path / "file", "a")
    assert not prefixes.wanted(LONG)
    prefixes.keep(LONG, b"state")
    prefixes.close()
    assert prefixes.find(LONG) is None


def test_too_short_or_too_large_is_not_kept(tmp_path) -> None:
    prefixes = Prefixes(tmp_path, "a", most_bytes=100)
    assert not any([prefixes.wanted([1, 2, 3]), prefixes.wanted([1, 2, 3])])
    prefixes.wanted(LONG)
    prefixes.keep(LONG, bytes(101))
    prefixes.close()
    assert not list(tmp_path.glob("*.state"))
