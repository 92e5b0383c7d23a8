"""Events and what they hold as JSON, and back: for the saved run, its trace, and everything that prints one."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from agents.llm.usage import Usage
from agents.proof.citations import Citation
from agents.tasks import events
from agents.tasks.events import Call, PlanStep, Result, RunEvent, StepRecord
from agents.tools.tool import Observation
from ingest.documents import Hit, LegScore
from prompts import PromptUse

if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")

_NAMES: dict[str, Any] = {
    **vars(events),
    "Mapping": Mapping,
    "Observation": Observation,
    "Risk": str,
    "Hit": Hit,
    "LegScore": LegScore,
    "Literal": Literal,
    "PromptUse": PromptUse,
    "Usage": Usage,
    "Message": events.Message,
    "Citation": Citation,
    "PlanStep": PlanStep,
    "Call": Call,
    "StepRecord": StepRecord,
    "Result": Result,
    "Any": Any,
}
_PLAIN = frozenset((str, int, float, bool, type(None)))
_EVENTS: dict[str, type] = {cls.__name__: cls for cls in get_args(RunEvent)}


def to_json(value: object) -> Any:  # noqa: ANN401 - JSON
    """Frozen dataclasses as objects, tuples as lists; what is no JSON as its text."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if (names := _names(kind)) is not None:  # type: ignore[arg-type] # mypy takes a class for no key
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, str | int | float):  # an enum's, a numpy number's
        return value
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in value]
    return str(value)


def from_json(cls: type[T], data: Mapping[str, Any]) -> T:
    """The dataclass that `to_json` wrote; unknown fields are ignored, absent ones get their defaults."""
    given = {}
    for name, hint in _hints(cls).items():  # type: ignore[arg-type] # mypy takes a class for no key
        if name in data:
            value = data[name]
            given[name] = value if hint is None or value is None else _read(hint, value)
    return cls(**given)


def event_to_json(event: RunEvent) -> dict[str, Any]:
    """`{"event": "Called", "call": {…}}`: what a trace's line, `--json` and a page's feed hold."""
    return {"event": type(event).__name__, **to_json(event)}


def event_from_json(data: Mapping[str, Any]) -> RunEvent:
    """The event that `event_to_json` wrote. Raises `LookupError` for one of no known name."""
    event: RunEvent = from_json(_EVENTS[data["event"]], data)
    return event


def contract(result: Result) -> dict[str, Any]:
    """The object that `zhiku run --json` prints: the fields users rely on, then the rest."""
    whole = to_json(result)
    first = ("task", "status", "text", "plan", "steps", "citations", "usage", "trace", "run_id")
    ordered = {"result" if name == "text" else name: whole[name] for name in first}
    return ordered | {name: whole[name] for name in whole if name not in first}


@cache
def _names(cls: type) -> tuple[str, ...] | None:
    """The fields of a dataclass; None for any other class."""
    return tuple(field.name for field in fields(cls)) if is_dataclass(cls) else None


@cache
def _hints(cls: type) -> dict[str, Any]:
    """What each field holds; None where the JSON is the value itself."""
    found = get_type_hints(cls, localns={**vars(sys.modules[cls.__module__]), **_NAMES})
    return {name: hint if _nested(hint) else None for name, hint in found.items()}


def _nested(hint: Any) -> bool:  # noqa: ANN401 - a type hint
    return is_dataclass(hint) or get_origin(hint) is tuple or any(is_dataclass(kind) for kind in get_args(hint))


def _read(hint: Any, value: Any) -> Any:  # noqa: ANN401 - driven by the hint
    if value is None:
        return None
    if is_dataclass(hint):
        return from_json(hint, value)  # type: ignore[arg-type]
    origin = get_origin(hint)
    if origin is tuple:
        inner = get_args(hint)[0]
        return tuple(_read(inner, item) for item in value)
    if origin in (types.UnionType, Union):
        return _read(next(kind for kind in get_args(hint) if kind is not type(None)), value)
    return value
