"""What a model may do wrong in an agent loop, as data: the same scripts run through any loop.

Only the standard library is used, so that other interpreters can read this file too. The task is TASK, to be solved
with the tool `code_of`. A script says what the model replies whenever it is to act (`act`, in order, the last one again
and again), and where a loop asks for JSON (a plan, a ledger), what it gives there (`structure`).

A reply is one of
    {"text": words}                       words, `<think>` tags included
    {"calls": [[tool, arguments], …]}     well-formed calls
    {"broken": tool, "arguments": text}   a call whose arguments are no JSON object
    {"finish": words}                     done, in whatever way the loop wants to hear it; `{code}` in the words stands
                                          for the answer where the model has seen it, otherwise for "not known"
    {"raise": words}                      the server fails
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

TASK = "Which code stands in row 2, column 3 of the table? Use the tool."
ANSWER = "K7-315"
"""Nobody can know it without the tool."""

Reply = dict[str, Any]


@dataclass(frozen=True)
class Script:
    """One fault. `recovers`: the model does it right once it has been told; a good loop then gets the answer."""

    name: str
    act: tuple[Reply, ...] = ()
    structure: tuple[str, ...] = ()
    """What stands where a loop wants JSON, in order, the last again and again; empty: what it should be."""
    recovers: bool = field(default=False)


def finished(reply: Reply, seen: str) -> str:
    """The words of a `finish`, for a model that has the text `seen` before it."""
    return str(reply["finish"]).replace("{code}", ANSWER if ANSWER in seen else "not known")


def code_of(row: int, column: int) -> str:
    """The code in a row and column of the table."""
    return ANSWER if (row, column) == (2, 3) else f"Z{row}-{column}"


def boom(text: str) -> str:
    """Look a text up."""
    message = f"no such thing: {text}"
    raise RuntimeError(message)


def nothing() -> str:
    """Look at nothing."""
    return ""


def flood() -> str:
    """Look at everything."""
    return "water " * 33_000


TOOLS = (code_of, boom, nothing, flood)


def text(words: str) -> Reply:
    return {"text": words}


def calls(*made: tuple[str, Any]) -> Reply:
    return {"calls": [list(one) for one in made]}


def broken(tool: str, arguments: str) -> Reply:
    return {"broken": tool, "arguments": arguments}


GOOD = calls(("code_of", {"row": 2, "column": 3}))
FINISH: Reply = {"finish": "The code is {code}."}
RIGHT = (GOOD, FINISH)
AS_JSON = json.dumps({"name": "code_of", "arguments": {"row": 2, "column": 3}})


def once(name: str, *fault: Reply) -> Script:
    """Does it wrong, then right."""
    return Script(f"{name}, then right", (*fault, *RIGHT), recovers=True)


def always(name: str, *fault: Reply) -> Script:
    """Does it wrong for ever."""
    return Script(f"{name}, for ever", fault)


def both(name: str, *fault: Reply) -> tuple[Script, Script]:
    return once(name, *fault), always(name, *fault)


CALLS = (
    Script("no fault", RIGHT, recovers=True),
    *both("arguments cut off", broken("code_of", '{"row": 2, "column":')),
    *both("arguments are a list", broken("code_of", "[2, 3]")),
    once("arguments are JSON inside JSON", broken("code_of", json.dumps(json.dumps({"row": 2, "column": 3})))),
    once("arguments with a comma too many", broken("code_of", '{"row": 2, "column": 3,}')),
    *both("unknown tool", calls(("sum_up", {"row": 2, "column": 3}))),
    once("tool in other letters", calls(("Code_Of", {"row": 2, "column": 3}))),
    *both("parameters of other names", calls(("code_of", {"x": 2, "y": 3}))),
    once("a parameter missing", calls(("code_of", {"row": 2}))),
    once("a word for a number", calls(("code_of", {"row": "two", "column": 3}))),
    Script("numbers as strings", (calls(("code_of", {"row": "2", "column": "3"})), *RIGHT), recovers=True),
    once("a parameter nobody knows", calls(("code_of", {"row": 2, "column": 3, "mood": "good"}))),
    once("no arguments", calls(("code_of", {}))),
    once("a value of 100 kB", calls(("code_of", {"row": 2, "column": "3" * 100_000}))),
    once("one good call, one of an unknown tool", calls(("code_of", {"row": 2, "column": 3}), ("sum_up", {}))),
    once("thirty calls at once", calls(*(("code_of", {"row": 1, "column": number}) for number in range(30)))),
)

WRITING = (
    Script("the call in a fence, as text", (text(f"```json\n{AS_JSON}\n```"), *RIGHT), recovers=True),
    always("the call in a fence, as text", text(f"```json\n{AS_JSON}\n```")),
    Script("the call as bare JSON text", (text(AS_JSON), *RIGHT), recovers=True),
    Script("the call among words", (text(f"I will use the tool now: {AS_JSON} and then see."), *RIGHT), recovers=True),
    Script(
        "the call in tags of another family", (text(f"<tool_call>\n{AS_JSON}\n</tool_call>"), *RIGHT), recovers=True
    ),
    Script(
        "the call with its keys named otherwise",
        (text(json.dumps({"tool": "code_of", "args": {"row": 2, "column": 3}})), *RIGHT),
        recovers=True,
    ),
    once("the call inside the thought", text(f"<think>{AS_JSON}</think>")),
    once("a key is missing", text(json.dumps({"name": "code_of"}))),
    once("the answer as a call of an unknown tool", calls(("final_answer", {"answer": "42"}))),
    *both("an empty reply", text("")),
    *both("blanks only", text(" \n\t \n")),
    *both("a thought and nothing else", text("<think>I should look it up.</think>")),
    always("a thought without end", text("<think>" + "wait, " * 20_000)),
    *both("announces the call and makes none", text("I will now call the tool.")),
    always("says it can't", text("I'm sorry, I can't do that.")),
    always("babble", text("the the the " * 300)),
)

OBSERVING = (
    once("the tool raises", calls(("boom", {"text": "x"}))),
    always("the tool raises, same call", calls(("boom", {"text": "x"}))),
    Script("the tool raises, other arguments each time", tuple(calls(("boom", {"text": f"x{n}"})) for n in range(80))),
    always("the same call", GOOD),
    Script("two calls in turn", (GOOD, calls(("code_of", {"row": 1, "column": 1}))) * 40),
    Script("another call each time", tuple(calls(("code_of", {"row": 1, "column": number})) for number in range(80))),
    once("the tool returns nothing", calls(("nothing", {}))),
    once("the tool returns 200 kB", calls(("flood", {}))),
)

SERVING = (
    once("the server fails", {"raise": "connection reset"}),
    always("the server fails", {"raise": "connection reset"}),
)

STRUCTURE = (
    Script("JSON wanted, prose given, for ever", RIGHT, ("Let me think about it.",), recovers=True),
    Script("JSON wanted, nothing given, for ever", RIGHT, ("",), recovers=True),
    Script("JSON wanted, another object given, for ever", RIGHT, ('{"mood": "good"}',), recovers=True),
    Script("JSON wanted, a list given, for ever", RIGHT, ("[1, 2, 3]",), recovers=True),
    Script("JSON wanted, cut off, for ever", RIGHT, ('{"steps": [{"goal": "Look',), recovers=True),
    Script("JSON wanted, null given, for ever", RIGHT, ("null",), recovers=True),
)

SCRIPTS: tuple[Script, ...] = (*CALLS, *WRITING, *OBSERVING, *SERVING, *STRUCTURE)
