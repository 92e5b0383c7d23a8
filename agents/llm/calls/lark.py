"""Writes grammars in llguidance's Lark: https://github.com/guidance-ai/llguidance/blob/main/docs/syntax.md."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.llm.schema.compiling import embedded

ANY = "/(?s:.*)/"
BLANKS = r"/[ \n]{0,2}/"


class Lark:
    """A grammar in the making: rules are added, expressions that name them handed out."""

    def __init__(self, marks: Sequence[str] = (), control: Callable[[str], int | None] | None = None) -> None:
        """`control` gives the number of a mark that is one control token: such a token is matched by number only."""
        known = {mark: control(mark) if control else None for mark in marks}
        self.control: dict[str, int] = {mark: number for mark, number in known.items() if number is not None}
        """Marks that are control tokens, with their numbers."""
        self._split = re.compile("(" + "|".join(map(re.escape, sorted(self.control, key=len, reverse=True))) + ")")
        self._rules: list[str] = []
        self._values: dict[str, str] = {}

    def text(self, text: str) -> str:
        """Just this text, its control tokens included."""
        if not self.control:
            return quoted(text)
        parts = [part for part in self._split.split(text) if part]
        return " ".join(f"<[{self.control[p]}]>" if p in self.control else quoted(p) for p in parts) or '""'

    def holds(self, text: str) -> bool:
        """Whether a control token is in `text`."""
        return any(mark in text for mark in self.control)

    def rule(self, body: str, *, lazy: bool = False) -> str:
        """A rule's name; a `lazy` one ends with the first text that matches."""
        name = f"n{len(self._rules)}"
        self._rules.append(f"{name}[lazy]: {body}" if lazy else f"{name}: {body}")
        return name

    def terminal(self, body: str) -> str:
        """A regex's name; only in these `&` and `~` can be used."""
        name = f"T{len(self._rules)}"
        self._rules.append(f"{name}: {body}")
        return name

    def later(self) -> tuple[str, Callable[[str], None]]:
        """A rule's name before its body is known, for what contains itself."""
        at = len(self._rules)
        name = self.rule("")

        def fill(body: str) -> None:
            self._rules[at] = f"{name}: {body}"

        return name, fill

    def json(self, prepared: Mapping[str, Any]) -> str:
        """JSON texts that follow a prepared schema; one rule however often the schema comes."""
        text = embedded(prepared)
        if text not in self._values:
            self._values[text] = self.rule(text)
        return self._values[text]

    def until(self, body: str, closing: str) -> str:
        """What the regex `body` matches and then, for the first time, `closing`."""
        mark = next((mark for mark in self.control if closing.startswith(mark)), None)
        if mark is not None:
            return f"{self.rule(body)} {self.text(closing)}"
        head = self._split.split(closing)[0] if self.control else closing
        rest = closing[len(head) :]
        found = self.rule(f"{body} {quoted(head)}", lazy=True)
        return f"{found} {self.text(rest)}" if rest else found

    def listed(self, items: Sequence[tuple[str, bool]], separator: str) -> str:
        """`items` (expression, required) in their order, with the separator between those that are there."""
        begun = separated = '""'
        for expression, required in reversed(items):
            with_it = f"{separator} {expression} {separated}"
            alone = f"{expression} {separated}"
            if required:
                begun, separated = self.rule(alone), self.rule(with_it)
            else:
                begun, separated = self.rule(f"{alone} | {begun}"), self.rule(f"{with_it} | {separated}")
        return begun

    def grammar(self, start: str) -> str:
        """The whole text."""
        return "\n".join(["%llguidance {}", f"start: {start}", *self._rules])


def quoted(text: str) -> str:
    """A literal."""
    return json.dumps(text, ensure_ascii=False)


def regex(pattern: str) -> str:
    """A pattern between the slashes it is written in; matched as a whole."""
    return "/" + re.sub(r"(?<!\\)((?:\\\\)*)/", r"\1\\/", pattern.replace("\n", "\\n")) + "/"


def either(expressions: Sequence[str]) -> str:
    """One of several."""
    return expressions[0] if len(expressions) == 1 else "(" + " | ".join(expressions) + ")"
