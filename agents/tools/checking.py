"""Arguments against a tool's schema: what a model wrote is mended where only one thing can be meant, or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.tools.complaints import complaint, valid_form
from agents.tools.repairs import Repairs
from agents.tools.tool import BadArguments, Tool, ToolError
from ingest.errors import fault
from ingest.json_schema import validator_of
from ingest.language import say
from ingest.lenient_json import decoded, unfenced, value_of

_WRAPPERS = ("arguments", "parameters", "args", "params", "input", "kwargs")
_MOST_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Validated:
    """Arguments that fit."""

    arguments: dict[str, Any]
    """JSON, as it is to be shown for approval, recorded and carried out."""
    repairs: tuple[str, ...] = ()
    """What was mended, a clause each, in the language in force."""


def validated(tool: Tool, arguments: object) -> Validated:
    """`arguments`, a mapping or its JSON text, in the form the tool takes.

    Mended is what leaves no choice: a number or JSON in a text, one value for a list of one, the case of an enum's
    value, a parameter's name that differs in case, in underscores or in one letter, null for what may be left out.
    Raises `BadArguments`, which names each problem and the valid form.
    """
    given, said = _as_mapping(tool, arguments)
    repairs = Repairs(tool.parameters, said)
    mended = repairs.of_object(given)
    if problems := _problems(tool, mended):
        raise BadArguments(_message(tool, problems))
    return Validated(mended, tuple(repairs.said))


def _as_mapping(tool: Tool, arguments: object) -> tuple[dict[str, Any], list[str]]:
    """The arguments as a dict, whatever they are wrapped in, and what was done to get there."""
    said: list[str] = []
    if isinstance(arguments, str):
        arguments = _parsed(tool, arguments, said)
    if arguments is None:
        return {}, said
    if isinstance(arguments, (list, tuple)) and len(arguments) == 1 and isinstance(arguments[0], Mapping):
        said.append(say("took the arguments out of a list", "从列表中取出参数"))
        arguments = arguments[0]
    if not isinstance(arguments, Mapping):
        raise BadArguments(_message(tool, [say("the arguments are no JSON object", "参数不是 JSON 对象")]))
    given = {str(key): value for key, value in arguments.items()}
    properties = tool.parameters.get("properties", {})
    for wrapper in _WRAPPERS:
        if wrapper not in given or wrapper in properties or not set(given) <= {wrapper, "name", "id", "type"}:
            continue
        inner = decoded(given[wrapper])
        if isinstance(inner, Mapping):
            said.append(say(f"took the arguments out of '{wrapper}'", f"从 “{wrapper}” 中取出参数"))
            return dict(inner), said
    return given, said


def _parsed(tool: Tool, text: str, said: list[str]) -> object:
    bare = unfenced(text) if text.lstrip().startswith("```") else text
    if not bare.strip():
        return {}
    found = decoded(bare)
    if isinstance(found, (dict, list)):
        return found
    properties = tool.parameters.get("properties", {})
    if len(properties) == 1 and not bare.lstrip().startswith(("{", "[")):
        (name,) = properties
        said.append(say(f"took the text as '{name}'", f"把文本作为 “{name}”"))
        return {name: bare if (value := value_of(bare)) is None else value}
    raise BadArguments(_message(tool, [say("the arguments are no valid JSON", "参数不是合法的 JSON")]))


def _problems(tool: Tool, arguments: Mapping[str, Any]) -> list[str]:
    """What is still wrong, a clause each."""
    from jsonschema.exceptions import best_match

    try:
        errors = validator_of(strict(tool.parameters)).iter_errors(arguments)
        found = [
            complaint(best_match(error.context) or error if error.context else error, tool.parameters)
            for error in sorted(errors, key=lambda error: [str(part) for part in error.absolute_path])
        ]
    except Exception as error:  # noqa: BLE001 - a schema of somebody else's may be broken in any way
        why = str(error).strip().partition("\n")[0]
        found = [say(f"they can't be checked: {why}", f"无法检查参数：{why}")]
    if not found and tool.check:
        found = _own_check(tool.check, arguments)
    return list(dict.fromkeys(found))[:_MOST_PROBLEMS]


def _own_check(check: Callable[[Mapping[str, Any]], object], arguments: Mapping[str, Any]) -> list[str]:
    try:
        check(arguments)
    except (ValueError, ToolError) as error:
        if not hasattr(error, "errors"):
            return [str(error)]
        return [
            f"'{'.'.join(map(str, detail['loc']))}': {fault(detail)}" if detail["loc"] else str(fault(detail))
            for detail in error.errors()
        ]
    return []


def strict(schema: Any) -> Any:  # noqa: ANN401 - a piece of JSON
    """`schema` whose objects take their named properties only, unless they say themselves what else they take:
    a parameter nobody asked for is a mistake that its author should hear of."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: value if key in {"enum", "const", "default", "required"} else strict(value)
        for key, value in schema.items()
    }
    properties = found.get("properties")
    if isinstance(properties, dict) and not {"allOf", "anyOf", "oneOf", "patternProperties", "$ref"} & set(found):
        found.setdefault("additionalProperties", False)
    return found


def _message(tool: Tool, problems: list[str]) -> str:
    listed = "；".join(problems) if say("", "zh") else "; ".join(problems)
    form = valid_form(tool.name, tool.parameters)
    return say(
        f"The arguments of {tool.name} don't fit: {listed}. Valid form: {form}",
        f"{tool.name} 的参数不符合要求：{listed}。正确形式：{form}",
    )
