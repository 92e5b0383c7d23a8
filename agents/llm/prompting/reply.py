"""What becomes of a reply's bytes: whole characters and nothing of a stop string, thoughts, answer, calls; and whether it is
what was asked for."""

from __future__ import annotations

import codecs
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.outputs import ChatGenerationChunk

from agents.llm.calls import Call, FamilyStream, Found, Malformed, Thought
from agents.llm.prompting.prompting import Prompt
from agents.llm.streaming import call_chunk, malformed_chunk, text_chunk
from agents.llm.thoughts import ThoughtSplitter, overlap
from ingest.json_schema import kinds_of, problem_of


class TextStream:
    """Joins the pieces of tokens. A Chinese character is often two or three tokens; it comes when it is whole."""

    def __init__(self, stops: Sequence[str] = ()) -> None:
        """`stops` end the text where they begin, wherever tokens are cut."""
        # Bytes that can never become a character are dropped: a small model's slip is not worth a U+FFFD.
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.stopped = False

    def feed(self, raw: bytes) -> str:
        """The text that is certain after `raw`; '' from a stop string on."""
        text = self._decoder.decode(raw)
        if self.stopped:
            return ""
        if not self._stops:
            return text
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        self.stopped = bool(found)
        cut = min(found) if found else len(self._held) - max(overlap(self._held, stop) for stop in self._stops)
        sure, self._held = self._held[:cut], "" if found else self._held[cut:]
        return sure

    def finish(self) -> str:
        """What was held back for a stop string that did not come; half a character is left out."""
        held, self._held = self._held, ""
        return "" if self.stopped else held


_LONGEST_PERIOD, _TIMES, _LEAST = 32, 5, 64
"""Tokens; how often in a row; tokens in all. Rows of dashes and lists of equal numbers stay under this."""


def repeats(tokens: Sequence[int]) -> bool:
    """True when a reply has run into a loop and says the same few tokens over and over, as small models do."""
    if len(tokens) % 16 or len(tokens) < _LEAST:
        return False
    for period in range(1, _LONGEST_PERIOD + 1):
        length = max(period * _TIMES, _LEAST)
        end = tokens[-length - period :]
        if len(end) == length + period and end[period:] == end[:-period]:
            return True
    return False


_CUT = {
    "length": "it was cut off by max_tokens (or the end of the context) before it was complete",
    "cancelled": "it was cancelled before it was complete",
    "repetition": "the model ran in circles and was stopped",
}
"""Why a reply that ended for this reason is no whole one; in English, for whoever handles the exception."""


class Reply:
    """Feed it bytes; it gives chunks. Read `reason` and `problem` at the end."""

    def __init__(self, prompt: Prompt, stops: list[str]) -> None:
        """`stops` end the reply where they begin."""
        self.reason = ""
        self.problem = ""
        """Why the reply isn't the JSON that `response_format` asked for; '' when it is, or nothing was asked for."""
        self._prompt = prompt
        self._text = TextStream([*stops, *(prompt.calls.stops if prompt.calls else ())])
        self._thoughts = ThoughtSplitter(opened=prompt.opened)
        self._calls = FamilyStream(prompt.calls, prompt.schemas) if prompt.calls else None
        self._called = 0
        self._answer = ""
        if prompt.begun and self._calls:
            self._calls.feed(prompt.begun)

    @property
    def ended(self) -> bool:
        """A stop string came."""
        return self._text.stopped

    def feed(self, raw: bytes) -> Iterator[ChatGenerationChunk]:
        """The chunks that are certain after `raw`."""
        yield from self._sort(self._text.feed(raw))

    def finish(self, reason: str) -> Iterator[ChatGenerationChunk]:
        """What was held back. `reason` is the engine's; one that is known already goes before it."""
        yield from self._sort(self._text.finish())
        for kind, part in self._thoughts.finish():
            yield from self._piece(kind, part)
        self.reason = self.reason or reason
        if self._calls:
            yield from self._found(self._cut(self._calls.finish()))
        if self._prompt.schema is not None and not self._called:
            self.problem = self._problem(self._prompt.schema)
        if self._called and self.reason == "stop":
            self.reason = "tool_calls"

    def _cut(self, found: list[Found]) -> list[Found]:
        """The last of `found` says that it was cut off, if it was."""
        if found and isinstance(found[-1], Malformed) and self.reason in _CUT:
            found[-1] = replace(found[-1], problem=f"{_CUT[self.reason]}; {found[-1].problem}")
        return found

    def _sort(self, text: str) -> Iterator[ChatGenerationChunk]:
        if not text:
            return
        if self._prompt.begun is not None:  # the prompt ends in the middle of a call: no thought can come now
            yield from self._piece("answer", text)
            return
        for kind, part in self._thoughts.feed(text):
            yield from self._piece(kind, part)

    def _piece(self, kind: str, part: str) -> Iterator[ChatGenerationChunk]:
        if kind == "answer" and self._calls:
            yield from self._found(self._calls.feed(part))
        elif kind == "answer":
            yield from self._say(part)
        else:
            yield text_chunk(kind, part)

    def _say(self, text: str) -> Iterator[ChatGenerationChunk]:
        if self._prompt.schema is not None:
            self._answer += text
        yield text_chunk("answer", text)

    def _found(self, found: Sequence[Found]) -> Iterator[ChatGenerationChunk]:
        for item in found:
            if isinstance(item, str):
                yield from self._say(item)
                continue
            if isinstance(item, Thought):
                yield text_chunk("thought", item.text)
                continue
            for checked in self._checked(item) if isinstance(item, Call) else [item]:
                index, self._called = self._called, self._called + 1
                call_id = uuid.uuid4().hex[:9]  # nine letters and digits: Mistral's templates raise at any other
                if isinstance(checked, Malformed):
                    yield malformed_chunk(index, checked.text, checked.problem, call_id)
                else:
                    yield call_chunk(index, checked.name, json.dumps(checked.arguments), call_id)

    def _checked(self, call: Call) -> Sequence[Call | Malformed]:
        """`call`, if there is such a tool and it takes these arguments; one for each where it was given a list in place of a
        value."""
        schemas = self._prompt.schemas
        if not schemas:
            return [call]
        written = json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)
        if call.name not in schemas:
            return [Malformed(written, f"there is no tool '{call.name}', only {', '.join(schemas)}")]
        problem = problem_of(call.arguments, schemas[call.name])
        if problem and self._prompt.several and (each := for_each(call, schemas[call.name])):
            return each
        return [Malformed(written, f"the arguments of '{call.name}': {problem}") if problem else call]

    def _problem(self, schema: dict[str, Any]) -> str:
        """Why the answer does not follow the schema; '' if it does."""
        if self.reason in _CUT:
            return _CUT[self.reason]
        try:
            value = json.loads(self._answer)
        except (ValueError, RecursionError) as error:
            return f"it is no JSON: {error}"
        return problem_of(value, schema)


_MOST = 20


def for_each(call: Call, schema: Mapping[str, Any]) -> list[Call]:
    """The calls that `call`, which does not keep to `schema`, stands for: one for each item of its lists of one length; none
    where these don't keep to it either."""
    properties = schema.get("properties") or {}
    lists = {
        name: value
        for name, value in call.arguments.items()
        if isinstance(value, list) and (kinds := kinds_of(properties.get(name), schema)) and "array" not in kinds
    }
    counts = {len(value) for value in lists.values()}
    if len(counts) != 1 or not 1 <= (count := counts.pop()) <= _MOST:
        return []
    calls = [
        Call(call.name, {**call.arguments, **{name: value[n] for name, value in lists.items()}}) for n in range(count)
    ]
    return [] if any(problem_of(one.arguments, schema) for one in calls) else calls
