"""What comes from a file or another process is data: nothing that could name a function is read back."""

from __future__ import annotations

import ast
import io
import pickle
from pathlib import Path

import pytest

from ingest.apart.messages import receive, send

ROOT = Path(__file__).parents[2]
ROOMS = ("agents", "app", "ingest", "prompts")
CAN_RUN = {"dill", "jsonpickle", "langgraph", "marshal", "msgpack", "ormsgpack", "pickle", "shelve"}
"""Modules that call what the data names, LangGraph's checkpoints among them."""


class Planted:
    """Runs a command when it is unpickled by the standard reader."""

    def __reduce__(self):
        import os

        return os.system, ("true",)


@pytest.mark.parametrize("message", [Planted(), ["a", {"b": Planted()}], Path, len])
def test_a_message_that_names_a_function_is_refused(message: object) -> None:
    stream = io.BytesIO()
    send(stream, message)
    stream.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="has no place"):
        receive(stream)


def test_plain_values_come_through() -> None:
    stream = io.BytesIO()
    send(stream, ("a", 1, 2.5, b"c", [None, True], {"d": {"e"}}))
    stream.seek(0)
    assert receive(stream) == ("a", 1, 2.5, b"c", [None, True], {"d": {"e"}})


def names(module: ast.Module) -> set[str]:
    """The first parts of the names of what a module imports, at its top or within."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_no_other_module_reads_what_can_run() -> None:
    guilty = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if names(ast.parse(path.read_text("utf-8"))) & CAN_RUN
    }
    assert guilty == {"ingest/apart/messages.py"}
