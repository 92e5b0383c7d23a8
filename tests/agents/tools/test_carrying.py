"""Whatever a tool does, there is an observation in time."""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pydantic import BaseModel

from agents import Observation, Tool, ToolError, tool
from agents.tools.carrying import carry_out
from agents.tools.rendering import MOST, MOST_DATA
from agents.tools.tool import ToolContext
from agents.tools.toolbox import Toolbox, UnknownTool
from ingest.apart.threads import Cancelled
from ingest.documents import Hit
from ingest.errors import UsageError
from ingest.language import Text, language, say, speaking

SCHEMA: dict[str, Any] = {"type": "object", "properties": {}}


def making(run: Callable[[ToolContext], Any]) -> Tool:
    return Tool("thing", "A thing.", SCHEMA, lambda _, context: run(context))


def hit(n: int) -> Hit:
    return Hit(n, 0.5, f"Doc {n}", f"/d{n}.pdf", n, ("Leave",), 0, 4, "text", n, n)


class Model(BaseModel):
    day: date
    ratio: Decimal


@pytest.mark.parametrize(
    ("value", "text", "data"),
    [
        ("hello", "hello", "hello"),
        ("", "(empty text)", ""),
        (3, "3", 3),
        (True, "true", True),
        (2.5, "2.5", 2.5),
        (float("nan"), "NaN", "NaN"),
        (None, "Done; nothing was returned.", None),
        ({"城市": "北京"}, '{"城市": "北京"}', {"城市": "北京"}),
        ([1, (2, 3)], "[1, [2, 3]]", [1, [2, 3]]),
        (Model(day=date(2026, 11, 23), ratio=Decimal("1.50")), '{"day": "2026-11-23", "ratio": "1.50"}', ...),
        (Fraction(1, 3), "1/3", "1/3"),
        (b"abc", "(3 bytes)", "(3 bytes)"),
        ({1, 2}, "[1, 2]", [1, 2]),
        pytest.param(iter([1, 2]), "[1, 2]", [1, 2], id="an iterator"),
        (object, str(object), str(object)),
    ],
    ids=str,
)
def test_values_become_text_and_json(context: ToolContext, value: object, text: str, data: object) -> None:
    found = carry_out(making(lambda _: value), {}, context)
    assert (found.text, found.error, found.truncated) == (text, "", False)
    if data is not ...:
        assert found.data == data


def test_hits_are_numbered_and_kept(context: ToolContext) -> None:
    found = carry_out(making(lambda _: [hit(1), hit(2)]), {}, context)
    assert found.text == "[1] Doc 1 · Leave · p. 1\ntext\n\n[2] Doc 2 · Leave · p. 2\ntext"
    assert [h.document for h in found.hits] == ["Doc 1", "Doc 2"]


def test_an_observation_is_passed_on_and_long_ones_are_cut_with_a_mark(context: ToolContext) -> None:
    made = Observation("short", hits=(hit(1),), data={"a": 1})
    assert carry_out(making(lambda _: made), {}, context) == made
    long = carry_out(making(lambda _: Observation("x" * (MOST + 1234), hits=(hit(1),))), {}, context)
    assert long.truncated
    assert len(long.text) < MOST + 120
    assert long.text.endswith("[… 1,234 of 7,234 characters left out. Ask for less at a time.]")
    assert long.hits


def circular() -> list[Any]:
    ring: list[Any] = []
    ring.append(ring)
    return ring


def raising(error: BaseException) -> Any:
    raise error


class Wordless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even that")


FAILURES: list[tuple[Callable[[ToolContext], Any], str]] = [
    (lambda _: raising(ToolError("Not so. Try B.")), "Not so. Try B."),
    (lambda _: raising(ToolError("")), "It failed without saying why."),
    (lambda _: 1 / 0, "thing failed: ZeroDivisionError: division by zero"),
    (lambda _: sys.exit(3), "thing failed: SystemExit: 3"),
    (lambda _: raising(KeyboardInterrupt()), "thing failed: KeyboardInterrupt: "),
    (lambda _: raising(Wordless()), "thing failed: Wordless: ?"),
    (
        lambda _: raising(UsageError(Text(en="Bad.", zh="坏。"), Text(en="Do X.", zh="做 X。"))),
        "Bad. Do X.",
    ),
    (lambda _: raising(RecursionError("deep")), "thing failed: RecursionError: deep"),
]


@pytest.mark.parametrize(("run", "said"), FAILURES, ids=[said[:30] for _, said in FAILURES])
def test_whatever_a_tool_raises_is_observed(context: ToolContext, run: Any, said: str) -> None:
    found = carry_out(making(run), {}, context)
    assert found.error == found.text == said.strip()


def test_a_value_nobody_can_write_down_is_no_failure_of_ours(context: ToolContext) -> None:
    assert carry_out(making(lambda _: circular()), {}, context).text == "[[...]]"
    assert carry_out(making(lambda _: "\ud800\0"), {}, context).text == "?\ufffd"


def test_wrong_arguments_are_observed_in_the_tasks_language(context: ToolContext) -> None:
    @tool
    def double(n: int) -> int:
        """Double."""
        return 2 * n

    assert carry_out(double, {"n": "21"}, context).data == 42
    assert "'n' is missing" in carry_out(double, {}, context).error
    zh = dataclasses.replace(context, language="zh")
    assert "缺少 “n”" in carry_out(double, "{}", zh).error


def test_the_tool_speaks_the_tasks_language(context: ToolContext) -> None:
    zh = dataclasses.replace(context, language="zh")
    assert carry_out(making(lambda _: say(en="yes", zh="是")), {}, zh).text == "是"
    with speaking("zh"):
        assert carry_out(making(lambda _: language()), {}, context).text == "en"


def test_running_out_of_time_is_observed_and_the_tool_is_told(context: ToolContext) -> None:
    told = threading.Event()

    def forever(mine: ToolContext) -> None:
        if mine.cancelled.wait(20):
            told.set()

    found = carry_out(making(forever), {}, dataclasses.replace(context, seconds=0.05))
    assert "took longer than 0.05 seconds" in found.error
    assert told.wait(5)
    assert not context.cancelled.is_set()


def test_cancel_is_raised_while_the_tool_runs_and_the_tool_is_told(context: ToolContext) -> None:
    told = threading.Event()

    def until_told(mine: ToolContext) -> None:
        context.cancelled.set()
        if mine.cancelled.wait(20):
            told.set()

    with pytest.raises(Cancelled):
        carry_out(making(until_told), {}, context)
    assert told.wait(5)


def test_nothing_starts_after_cancel(context: ToolContext) -> None:
    started: list[int] = []
    context.cancelled.set()
    with pytest.raises(Cancelled):
        carry_out(making(lambda _: started.append(1)), {}, context)
    assert not started


def test_an_endless_iterator_is_cut(context: ToolContext) -> None:
    def numbers() -> Iterator[int]:
        n = 0
        while True:
            yield n
            n += 1

    found = carry_out(making(lambda _: numbers()), {}, context)
    assert len(found.data) == 1000


def test_a_toolbox_finds_by_name_or_says_which_is_near() -> None:
    @tool
    def read_page(page: int) -> str:
        """Read."""
        return ""

    @tool
    def calculator(expression: str) -> str:
        """Calculate."""
        return ""

    box = Toolbox([read_page, calculator])
    assert box.names == ("read_page", "calculator")
    assert (len([*box]), "read_page" in box, next(iter(box)) is read_page) == (2, True, True)
    assert "readPage" not in box
    assert box.find("readPage") is read_page
    assert box.find("calculater") is calculator
    with pytest.raises(UnknownTool, match=r"no tool 'calc'\. Did you mean 'calculator'\? Tools: read_page, calculator"):
        box.find("calc")
    with speaking("zh"), pytest.raises(UnknownTool, match="没有名为 “天气” 的工具。可用工具"):
        box.find("天气")
    with pytest.raises(UsageError, match="Two tools are called 'calculator'"):
        Toolbox([calculator, calculator])


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ("x" * 300_000, "x" * MOST_DATA),
        (["x" * 300_000], None),
        (Observation("short", data={"result": "长" * 300_000}), None),
        (Observation("short", data="y" * 300_000), "y" * MOST_DATA),
        ({"small": 1}, {"small": 1}),
    ],
)
def test_a_value_of_any_size_is_kept_within_bounds(value: Any, data: Any, context: ToolContext) -> None:
    large = Tool("large", "Large.", {"type": "object", "properties": {}}, lambda _arguments, _context: value)
    seen = carry_out(large, {}, context)
    assert seen.data == data
    assert seen.truncated is (data != {"small": 1})
