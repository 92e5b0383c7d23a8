"""Of fifty tools the needed one is among the few that a model is shown, in Chinese and English, and they stay cheap."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.tools.choosing import Chooser
from agents.tools.tool import Tool
from ingest.embedders.bundled import BundledEmbedder
from ingest.embedders.hashing import HashingEmbedder

HERE = Path(__file__).parent
TASKS = [json.loads(line) for line in (HERE / "tasks.jsonl").read_text("utf-8").splitlines()]


def made(name: str, description: str, arguments: dict[str, str] | None = None) -> Tool:
    properties = {key: {"type": kind} for key, kind in (arguments or {}).items()}
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return Tool(name, description, schema, lambda arguments, context: None)


FIFTY = [made(**json.loads(line)) for line in (HERE / "fifty.jsonl").read_text("utf-8").splitlines()]


class Counting(HashingEmbedder):
    """Knows how many passages it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.passages: list[str] = []

    def embed_passages(self, texts):
        self.passages += texts if len(texts) > 1 else ()  # a question comes alone
        return super().embed_passages(texts)


@pytest.fixture(scope="module")
def chooser() -> Chooser:
    return Chooser(BundledEmbedder())


def names(tools: list[Tool]) -> list[str]:
    return [tool.name for tool in tools]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_needed_tool_is_among_eight_of_fifty(chooser: Chooser, language: str) -> None:
    tasks = [t for t in TASKS if t["task"].isascii() == (language == "en")]
    assert len(tasks) >= 20
    assert len(FIFTY) == 50
    missed = [t["task"] for t in tasks if t["needs"] not in names(chooser.choose(t["task"], FIFTY))]
    assert len(missed) <= 0.05 * len(tasks), missed


def test_few_tools_do_for_most_tasks(chooser: Chooser) -> None:
    found = [t["needs"] in names(chooser.choose(t["task"], FIFTY, most=3)) for t in TASKS]
    assert sum(found) >= 0.85 * len(TASKS)


def test_twenty_tools_cost_at_most_800_tokens(chooser: Chooser) -> None:
    """As the bundled model's own tokenizer counts the JSON that chat templates print, one tool a line."""
    from llama_cpp import Llama

    from agents.llm.names import OnDisk, resolve

    bundled = resolve("bundled")
    assert isinstance(bundled, OnDisk)
    model = Llama(str(bundled.path), vocab_only=True, verbose=False)

    def cost(tools: list[Tool]) -> int:
        text = "\n".join(json.dumps(tool.as_openai(), ensure_ascii=False) for tool in tools)
        return len(model.tokenize(text.encode(), add_bos=False))

    twenty = FIFTY[:20]
    costs = [cost(chooser.choose(t["task"], twenty)) for t in TASKS]
    assert max(costs) <= 800
    assert max(costs) < 0.55 * cost(twenty)


def test_the_order_is_that_of_registration(chooser: Chooser) -> None:
    order = names(FIFTY)
    for task in ("Translate this and mail it to Maria.", "查一下上海的天气"):
        chosen = names(chooser.choose(task, FIFTY))
        assert len(chosen) == 8
        assert chosen == sorted(chosen, key=order.index)


def test_the_same_task_gives_the_same_tools(chooser: Chooser) -> None:
    first = names(chooser.choose("Where is my parcel?", FIFTY))
    assert first == names(Chooser(BundledEmbedder()).choose("Where is my parcel?", FIFTY))


def test_few_tools_are_all_shown() -> None:
    embedder = Counting()
    assert Chooser(embedder).choose("anything", FIFTY[:8]) == FIFTY[:8]
    assert not embedder.passages


def test_what_is_always_wanted_is_kept_and_counts(chooser: Chooser) -> None:
    chosen = names(chooser.choose("上海的天气", FIFTY, most=4, always=["get_exchange_calendar", "no_such_tool"]))
    assert len(chosen) == 4
    assert "get_exchange_calendar" in chosen
    assert "get_weather" in chosen
    wanted = names(FIFTY[:5])
    assert names(chooser.choose("上海的天气", FIFTY, most=3, always=wanted)) == wanted


def test_a_tool_is_embedded_once_and_again_when_its_description_changes() -> None:
    embedder = Counting()
    chooser = Chooser(embedder)
    chooser.choose("parcel", FIFTY)
    chooser.choose("weather", FIFTY)
    assert len(embedder.passages) == 100  # name with description, and description alone
    changed = made("get_weather", "Something else.")
    chooser.choose("weather", [changed, *FIFTY[1:]])
    assert len(embedder.passages) == 102


def test_words_decide_where_vectors_know_nothing() -> None:
    chosen = names(Chooser(Counting()).choose("track the parcel with this number", FIFTY, most=2))
    assert "track_parcel" in chosen


@pytest.mark.parametrize("task", ["", "   ", "？！", "\0", "a" * 20_000])
def test_any_task_gets_its_number_of_tools(chooser: Chooser, task: str) -> None:
    assert len(chooser.choose(task, FIFTY, most=5)) == 5


def test_a_tool_without_description_is_found_by_its_name(chooser: Chooser) -> None:
    tools = [made(tool.name, "") for tool in FIFTY]
    assert "get_weather" in names(chooser.choose("the weather in Bonn", tools, most=5))
