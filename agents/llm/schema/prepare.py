"""From a JSON schema of a user's to one that a grammar can be made of, or a clear word why not.

Everything that is left out of the result is an annotation. What the result adds only narrows it, so that whatever
follows it follows the original too: objects have no properties but those named (a weak model invents keys without
end), numbers have at most 15 digits before the point, and a value of which nothing is said nests three deep.
"""

from __future__ import annotations

import copy
import difflib
import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from agents.llm.schema.combining import disjoint, merged
from agents.llm.schema.narrowing import (
    COMBINING,
    ENFORCED,
    NAMED,
    REFUSED,
    Schema,
    anything,
    modern,
    name_type,
    narrow,
    spell_format,
)
from agents.llm.schema.refusals import SchemaRefused, broken, refused
from ingest.json_schema import NoTarget, target_of
from ingest.language import Text

_DEEPEST = 64
"""Levels of a schema; whoever nests deeper is not describing a reply."""


def prepare(schema: Mapping[str, Any], *, strict: bool = True) -> Schema:
    """The schema to make a grammar of.

    With `strict` nothing is left out: what can't be enforced raises `SchemaRefused`. Without, whoever reads the reply
    must validate it. References end up in `$defs` of the result, whatever they pointed at.
    """
    return _Preparing(schema, strict=strict).result()


@contextmanager
def _pointing(path: str) -> Iterator[None]:
    """Says of a reference that means nothing that it is one at `path`."""
    try:
        yield
    except NoTarget as error:
        text = error.pointer
        if error.outside:
            why = Text(f"'{text}' lies outside of this schema", f"“{text}” 不在该 Schema 内")
            raise refused("$ref", path, why) from None
        raise broken(path, Text(f"'{text}' points nowhere", f"“{text}” 没有指向任何内容")) from None


class _Preparing:
    """One schema on its way. `closed` in here: nobody intersects the part with another, so it may be narrowed."""

    def __init__(self, root: Mapping[str, Any], *, strict: bool) -> None:
        self._root = dict(root)
        self._strict = strict
        self._names: dict[tuple[str, bool], str] = {}
        self._defs: Schema = {}

    def result(self) -> Schema:
        schema = self._schema(self._root, "#", closed=True, depth=0)
        whole: Schema = schema if isinstance(schema, dict) else {"enum": []}
        return {**whole, "$defs": self._defs} if self._defs else whole

    def _schema(self, schema: object, path: str, *, closed: bool, depth: int) -> Any:  # noqa: ANN401
        try:
            return self._enforceable(schema, path, closed=closed, depth=depth)
        except SchemaRefused:
            if self._strict:
                raise
            # Not strict: what makes no sense is open, and only that: one bad argument is no reason to lose the others.
            return anything() if closed else {}

    def _enforceable(self, schema: object, path: str, *, closed: bool, depth: int) -> Any:  # noqa: ANN401
        if isinstance(schema, bool):
            return (anything() if closed else {}) if schema else False
        if not isinstance(schema, dict):
            raise broken(path, Text("a schema must be an object", "Schema 必须是对象"))
        if depth > _DEEPEST:
            raise broken(path, Text(f"nested more than {_DEEPEST} deep", f"嵌套超过 {_DEEPEST} 层"))
        if schema.get("nullable") is True:  # OpenAPI 3.0
            rest = {key: value for key, value in schema.items() if key != "nullable"}
            return {"anyOf": [self._schema(rest, path, closed=closed, depth=depth), {"type": "null"}]}
        schema = modern(schema)
        self._check(schema, path)
        if closed and schema.get("allOf"):
            with _pointing(path):
                schema = merged(schema, self._root)
        if isinstance(schema.get("oneOf"), list) and "anyOf" not in schema:
            schema = self._one_of(schema, path)
        own = {key: value for key, value in schema.items() if key in ENFORCED and (value is not None or key == "const")}
        if not own:
            return anything() if closed else {}
        name_type(own)
        found: Schema = {}
        for key, value in own.items():
            # A branch with keywords beside it is intersected with them: nothing may be closed in there.
            alone = closed and (key not in COMBINING or set(own) <= {key, "type"})
            below = self._value(key, value, f"{path}/{key}", closed=alone, depth=depth + 1)
            if below is not None or key == "const":
                found[key] = below
        name = found.get("format")
        if not spell_format(found):
            self._leave_out("format", path, Text(f"'{name}' is not known here", f"不支持 “{name}”"))
        if closed and not any(key in own for key in COMBINING):
            narrow(found)
        return found

    def _value(self, key: str, value: Any, path: str, *, closed: bool, depth: int) -> Any:  # noqa: ANN401
        if key == "$ref":
            return self._reference(value, path, closed=closed, depth=depth)
        if key == "anyOf":
            return self._choices(value, path, closed=closed, depth=depth)
        if key in ("oneOf", "allOf", "prefixItems"):
            closed = closed and key != "allOf"
            items = enumerate(_listed(value, path))
            return [self._schema(item, f"{path}/{i}", closed=closed, depth=depth) for i, item in items]
        if key in ("properties", "patternProperties"):
            if not isinstance(value, dict):
                raise broken(path, Text("must be an object", "必须是对象"))
            named = value.items()
            return {name: self._schema(item, f"{path}/{name}", closed=closed, depth=depth) for name, item in named}
        if key in ("items", "additionalProperties"):
            return self._schema(value, path, closed=closed, depth=depth)
        if key == "pattern":
            problem = _pattern_problem(value) if isinstance(value, str) else "no text"
            if problem:
                self._leave_out("pattern", path.removesuffix("/pattern"), Text(problem, problem))
                return None
        return copy.deepcopy(value)

    def _choices(self, value: object, path: str, *, closed: bool, depth: int) -> list[Any]:
        """Of several forms those that can be enforced: one is enough, and what is written follows the schema."""
        found, failed = [], None
        for i, item in enumerate(_listed(value, path)):
            try:
                found.append(self._enforceable(item, f"{path}/{i}", closed=closed, depth=depth))
            except SchemaRefused as error:
                failed = failed or error
        if failed and not found:
            raise failed
        return found

    def _one_of(self, schema: Schema, path: str) -> Schema:
        with _pointing(path):
            apart = disjoint(schema["oneOf"], self._root)
        if not apart:
            overlap = Text(
                "two of its forms have no type, constant or required property that keeps them apart",
                "其中有两种形式无法靠类型、常量或必填属性区分",
            )
            self._leave_out("oneOf", path, overlap)
        return {"anyOf" if key == "oneOf" else key: value for key, value in schema.items()}

    def _reference(self, pointer: object, path: str, *, closed: bool, depth: int) -> str:
        key = (str(pointer), closed)
        if key not in self._names:
            with _pointing(path):
                target = target_of(self._root, pointer)
            self._names[key] = name = f"r{len(self._names)}"
            self._defs[name] = self._schema(target, str(pointer), closed=closed, depth=depth)
        return f"#/$defs/{self._names[key]}"

    def _check(self, schema: Schema, path: str) -> None:
        for key, value in schema.items():
            if key in REFUSED:
                if value is not None and value not in REFUSED[key]:
                    self._leave_out(key, path)
            elif key not in ENFORCED and key not in NAMED and not key.startswith(("x-", "$")):
                near = difflib.get_close_matches(key, ENFORCED, n=1, cutoff=0.85)
                if near and self._strict:
                    meant = Text(f"is '{near[0]}' meant?", f"是否应为 “{near[0]}”")
                    raise broken(f"{path}/{key}", meant)
        least = schema.get("minProperties")
        if isinstance(least, int) and least > max(1, len(schema.get("required") or [])):
            # Keys that nobody named may come twice in llguidance's grammar, and then they count once.
            self._leave_out("minProperties", path)
            schema.pop("minProperties")

    def _leave_out(self, keyword: str, path: str, why: Text | None = None) -> None:
        if self._strict:
            raise refused(keyword, f"{path}/{keyword}", why)


@functools.lru_cache(maxsize=256)
def _pattern_problem(pattern: str) -> str:
    """Why no automaton can match it; '' if one can. Look-arounds and back-references are what they can't do."""
    from llguidance import LLMatcher

    said = LLMatcher.validate_grammar(LLMatcher.grammar_from_regex(pattern))
    lines = [line.strip() for line in said.splitlines()]
    return next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), " ".join(lines))[:200]


def _listed(value: object, path: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise broken(path, Text("must be a list with something in it", "必须是非空列表"))
    return value
