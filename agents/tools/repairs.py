"""What a model wrote, mended where only one thing can be meant. Each repair is said, so that it can be recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from agents.tools.complaints import shown
from ingest.json_schema import is_kind, kinds_of, resolved
from ingest.language import say
from ingest.lenient_json import value_of

_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_TRUTH = {"true": True, "yes": True, "是": True, "真": True, "false": False, "no": False, "否": False, "假": False}
_NOTHING = {"", "null", "none", "nil", "undefined"}
_UNMENDED = object()


class Repairs:
    """Mends one call's arguments against the tool's schema."""

    def __init__(self, schema: Mapping[str, Any], said: list[str]) -> None:
        self._root = schema
        self.said = said
        """What was done, a clause each."""

    def of_object(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments, mended as far as it goes."""
        return self._object(dict(given), dict(self._root), "")

    def _object(self, given: dict[str, Any], schema: dict[str, Any], path: str) -> dict[str, Any]:
        properties = schema.get("properties", {})
        if not isinstance(properties, dict) or not properties:
            return given
        required = schema.get("required", ())
        named = self._renamed(given, properties, path)
        found: dict[str, Any] = {}
        for name, value in named.items():
            place = f"{path}.{name}" if path else name
            part = properties.get(name)
            if part is None:
                if value is not None:
                    found[name] = value
                continue
            if name not in required and self._means_nothing(value, part):
                self._note(place, value, say("left out", "省略"))
                continue
            found[name] = self._value(value, part, place)
        return found

    def _renamed(self, given: dict[str, Any], properties: dict[str, Any], path: str) -> dict[str, Any]:
        """Names that nobody has, where one that is still free is near enough."""
        found: dict[str, Any] = {}
        free = [name for name in properties if name not in given]
        for name, value in given.items():
            if name in properties:
                found[name] = value
                continue
            near = nearest_name(name, free)
            if near is None and len(properties) == len(given) == 1 and not path:
                (near,) = properties  # the only thing there is to say
            if near is None:
                found[name] = value
                continue
            free.remove(near)
            found[near] = value
            self.said.append(say(f"took '{name}' as '{near}'", f"把 “{name}” 视为 “{near}”"))
        return found

    def _value(self, value: Any, schema: Any, path: str) -> Any:  # noqa: ANN401 - JSON
        schema = resolved(schema, self._root)
        for key in ("anyOf", "oneOf"):
            if isinstance(choices := schema.get(key), list):
                return self._chosen(value, choices, path)
        if isinstance(options := schema.get("enum", [schema["const"]] if "const" in schema else None), list):
            return self._option(value, options, path)
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return self._chosen(value, [{**schema, "type": kind} for kind in kinds], path)
        if is_kind(value, kinds):
            if kinds == "object":
                return self._object(dict(value), schema, path)
            if kinds == "array":
                items = schema.get("items")
                return (
                    [self._value(part, items, f"{path}[{n}]") for n, part in enumerate(value)] if items else list(value)
                )
            return int(value) if kinds == "integer" else value
        mended = _mended(value, kinds, kinds_of(schema.get("items"), self._root))
        if mended is _UNMENDED:
            return value
        self._note(path, value, shown(mended))
        return self._value(mended, schema, path)

    def _chosen(self, value: Any, choices: list[Any], path: str) -> Any:  # noqa: ANN401
        """Of several forms the one that already fits; else the only one it can be mended to."""
        forms = [resolved(choice, self._root) for choice in choices]
        fitting = [form for form in forms if self._fits(value, form)]
        if fitting:
            return self._value(value, fitting[0], path) if len(fitting) == 1 else value
        results: list[tuple[Any, list[str]]] = []
        for form in forms:
            trial = Repairs(self._root, [])
            mended = trial._value(value, form, path)
            if trial._fits(mended, form) and mended not in [result for result, _ in results]:
                results.append((mended, trial.said))
        if len(results) != 1:
            return value
        self.said += results[0][1]
        return results[0][0]

    def _fits(self, value: object, form: dict[str, Any]) -> bool:
        """Whether the outermost layer fits; what is inside is mended or refused later."""
        if "enum" in form:
            return value in form["enum"]
        if "const" in form:
            return bool(value == form["const"])
        if not is_kind(value, form.get("type")):
            return False
        if isinstance(value, dict) and "properties" in form:
            return set(form.get("required", ())) <= set(value) <= set(form["properties"])
        return True

    def _option(self, value: Any, options: list[Any], path: str) -> Any:  # noqa: ANN401
        if value in options and not (isinstance(value, bool) and not any(option is value for option in options)):
            return value
        near = [option for option in options if _folded(str(option)) == _folded(str(value))]
        if len(near) != 1 or isinstance(value, (dict, list)):
            return value
        self._note(path, value, shown(near[0]))
        return near[0]

    def _means_nothing(self, value: object, schema: Any) -> bool:  # noqa: ANN401
        """Null where it isn't a value, or a word for nothing where no text is wanted."""
        kinds = kinds_of(schema, self._root)
        if value is None:
            return "null" not in kinds and bool(kinds)
        return isinstance(value, str) and value.strip().casefold() in _NOTHING and bool(kinds) and "string" not in kinds

    def _note(self, path: str, value: object, now: str) -> None:
        self.said.append(f"{path}: {shown(value)} → {now}")


def nearest_name(name: str, names: Collection[str]) -> str | None:
    """The one of `names` that differs from `name` in case and separators, or else in one letter; None when there is
    none or more than one."""
    from rapidfuzz.distance import OSA

    same = [other for other in names if _folded(other) == _folded(name)]
    if same:
        return same[0] if len(same) == 1 else None
    if len(name) < 4:
        return None
    near = [other for other in names if OSA.distance(_folded(other), _folded(name), score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else None


def nearest_tool(name: str, names: Collection[str]) -> str | None:
    """The same for the name of a tool, before which models write where it is from: `functions.search`, `mcp:search`."""
    return nearest_name(re.split(r"[.:/]", name)[-1], names)


def _folded(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()


def _mended(value: Any, kind: object, items: set[str]) -> Any:  # noqa: ANN401
    """`value` as a `kind`, or `_UNMENDED`; `items` are the types of a list's."""
    if kind in {"integer", "number"}:
        return _number(value, whole=kind == "integer")
    if kind == "boolean":
        word = str(value).strip().casefold()
        return _TRUTH.get(word, _UNMENDED) if isinstance(value, str) else _UNMENDED
    if kind == "string":
        return _string(value)
    if kind in {"array", "object"}:
        wanted: type = list if kind == "array" else dict
        if isinstance(value, str):
            found = value_of(value)
            if isinstance(found, wanted):
                return found
        return _listed(value, items) if kind == "array" else _UNMENDED
    return _UNMENDED


def _number(value: object, *, whole: bool) -> Any:  # noqa: ANN401
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and not whole:
            return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or len(value) > 40 or not _NUMBER.fullmatch(value.strip()):
        return _UNMENDED
    bare = value.strip().replace(",", "")
    if re.fullmatch(r"[+-]?\d+", bare):
        return int(bare)
    number = float(bare)
    if number in {float("inf"), float("-inf")} or (whole and not number.is_integer()):
        return _UNMENDED
    return int(number) if whole else number


def _string(value: object) -> Any:  # noqa: ANN401
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return json.dumps(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    return _UNMENDED


def _listed(value: object, kinds: set[str]) -> Any:  # noqa: ANN401
    """One value as a list of one; numbers separated by commas as several."""
    if value is None:
        return _UNMENDED
    if isinstance(value, str) and kinds and kinds <= {"integer", "number"}:
        parts = [part for part in re.split(r"[,，;；\s]+", value.strip()) if part]
        return parts or _UNMENDED
    return [value]
