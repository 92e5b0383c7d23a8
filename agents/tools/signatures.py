"""A function's signature as the model of its arguments: what a caller may give, and how it is handed over. Its hints are
resolved as they stand in its source and in a form pydantic takes."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from agents.tools.schemas import compact
from agents.tools.tool import ToolContext
from ingest.errors import UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Signature:
    """What `signature_of` reads from a function."""

    description: str
    parameters: dict[str, Any]
    """JSON schema of the arguments."""
    model: type[BaseModel]
    """Fields are called p0, p1, … and have the parameters' names as aliases: pydantic forbids some names."""
    fields: Mapping[str, inspect.Parameter]
    """The parameters that the model fills, by field."""
    given: tuple[str, ...]
    """The parameters that get the `ToolContext`."""

    def check(self, arguments: Mapping[str, Any]) -> object:
        """Raises pydantic's `ValidationError` for arguments that the hints don't allow."""
        return self.model.model_validate(dict(arguments))

    def call(self, function: Callable[..., Any], arguments: Mapping[str, Any], context: ToolContext) -> Any:  # noqa: ANN401
        """The function's result for checked arguments, which become the objects its hints ask for."""
        filled = self.model.model_validate(dict(arguments))
        positional: list[Any] = []
        named: dict[str, Any] = dict.fromkeys(self.given, context)
        for field, parameter in self.fields.items():
            only_positional = parameter.kind is inspect.Parameter.POSITIONAL_ONLY
            if not (field in filled.model_fields_set or only_positional or _is_field(parameter.default)):
                continue  # the function's own default
            value = getattr(filled, field)
            if only_positional:
                positional.append(value)
            else:
                named[parameter.name] = value
        return function(*positional, **named)


def signature_of(function: Callable[..., Any], around: Mapping[str, Any]) -> Signature:
    """Read hints, defaults and docstring. `around`: names known where the function was written.

    Raises `UsageError` for *args, **kwargs, a parameter without a hint, or a hint that has no JSON schema.
    """
    from pydantic import create_model
    from pydantic.errors import PydanticUserError

    name = name_of(function)
    description, documented = read_docstring(inspect.getdoc(function) or "")
    hints = hints_of(function, around)
    parameters: dict[str, inspect.Parameter] = {}
    fields: dict[str, Any] = {}
    given = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
            raise _no_stars(name, str(parameter))
        if parameter.name not in hints:
            raise _no_hint(name, parameter.name)
        hint = hints[parameter.name]
        if takes_context(hint):
            given.append(parameter.name)
            continue
        field = f"p{len(fields)}"
        parameters[field] = parameter
        fields[field] = _field(parameter, hint, documented.get(parameter.name, ""))
    try:
        model = create_model("Arguments", __config__={"arbitrary_types_allowed": False}, **fields)
        schema = model.model_json_schema()
    except (PydanticUserError, TypeError) as error:
        raise UsageError(
            Text(
                f"The arguments of '{name}' can't be described to a model: {str(error).splitlines()[0]}",
                f"无法向模型描述 “{name}” 的参数：{str(error).splitlines()[0]}",
            ),
            Text(
                "Use JSON's types, Literal, enums, dataclasses, TypedDicts or pydantic models.",
                "请使用 JSON 类型、Literal、枚举、dataclass、TypedDict 或 pydantic 模型。",
            ),
        ) from error
    return Signature(description or name.replace("_", " "), compact(schema), model, parameters, tuple(given))


def _field(parameter: inspect.Parameter, hint: Any, documented: str) -> tuple[Any, Any]:  # noqa: ANN401
    """What `create_model` takes: the hint and a field with alias, default and description."""
    from pydantic import Field
    from pydantic_core import PydanticUndefined

    described = _annotated(hint) or documented or None
    options: dict[str, Any] = {"alias": parameter.name}
    if described:
        options["description"] = described
    default = parameter.default
    if _is_field(default):  # def f(x: int = Field(3, ge=1))
        hint = Annotated[hint, default]
        default = default.default
    if not any(default is nothing for nothing in (inspect.Parameter.empty, ..., PydanticUndefined)):
        options["default"] = default
    return hint, Field(**options)


def _annotated(hint: Any) -> str:  # noqa: ANN401
    """The description in `Annotated[int, "description"]`, or in the pydantic field there."""
    if get_origin(hint) is not Annotated:
        return ""
    for extra in get_args(hint)[1:]:
        if isinstance(extra, str):
            return extra
        if isinstance(description := getattr(extra, "description", None), str):
            return description
    return ""


def _is_field(value: object) -> bool:
    from pydantic.fields import FieldInfo

    return isinstance(value, FieldInfo)


def _no_stars(name: str, parameter: str) -> UsageError:
    return UsageError(
        Text(
            f"'{name}' takes {parameter.split(':', maxsplit=1)[0]}: a model can't be told what may go there.",
            f"“{name}” 含有 {parameter.split(':', maxsplit=1)[0]}：无法告诉模型可以传入什么。",
        ),
        Text(
            "Name each parameter, or take one list: `numbers: list[float]`.",
            "请逐一列出参数，或使用一个列表参数：`numbers: list[float]`。",
        ),
    )


def _no_hint(name: str, parameter: str) -> UsageError:
    return UsageError(
        Text(
            f"The parameter '{parameter}' of '{name}' has no type hint.",
            f"“{name}” 的参数 “{parameter}” 没有类型标注。",
        ),
        Text(
            f"Write what it takes: `{parameter}: str`. For a method, give the bound one: adapt(thing.{name}).",
            f"请写明类型：`{parameter}: str`。若是方法，请传入绑定方法：adapt(thing.{name})。",
        ),
    )


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """What Google's, NumPy's or reStructuredText's way of documenting says: the description, and what it says of each
    parameter, each text on one line.

    What it says about results and exceptions is for programmers, and left out.
    """
    from docstring_parser import ParseError, parse

    try:
        found = parse(text)
    except ParseError:
        return _line(text), {}
    parameters = {
        name.strip(): _line(parameter.description or "")
        for parameter in found.params
        for name in parameter.arg_name.split(",")
    }
    return _line(f"{found.short_description or ''} {found.long_description or ''}"), parameters


def _line(text: str) -> str:
    return " ".join(text.split())


def hints_of(function: Callable[..., Any], around: Mapping[str, Any]) -> dict[str, Any]:
    """Each parameter's hint, `Annotated` kept. `around`: the names known where the function was written.

    The hint of what is returned is not looked at: it may name what is imported for type checkers alone, as
    `ToolContext` may. Raises `UsageError` for a name that nobody knows.
    """
    target = _written(function)
    names = dict(getattr(target, "__globals__", {}))
    known = {"ToolContext": ToolContext, **around, **_closure(target)}

    def shell() -> None: ...

    hints = dict(getattr(target, "__annotations__", {}))
    hints.pop("return", None)
    shell.__annotations__ = hints
    try:
        found = typing.get_type_hints(shell, names, known, include_extras=True)
    except (NameError, SyntaxError, TypeError) as error:
        raise UsageError(
            Text(
                f"A type hint of '{name_of(function)}' can't be read: {error}.",
                f"无法解析 “{name_of(function)}” 的类型标注：{error}。",
            ),
            Text(
                "Import the type where the function is written, outside of TYPE_CHECKING.",
                "请在函数所在处导入该类型（不要放在 TYPE_CHECKING 内）。",
            ),
        ) from error
    return {name: _plain(hint) for name, hint in found.items()}


def name_of(function: Callable[..., Any]) -> str:
    """What a function, method, partial or callable object is called."""
    written = _written(function)
    name: str = getattr(written, "__name__", type(written).__name__)
    return type(function).__name__ if name == "__call__" else name


def takes_context(hint: Any) -> bool:  # noqa: ANN401 - any hint
    """True for `ToolContext`, also when it may be None."""
    if get_origin(hint) is Annotated:
        return takes_context(get_args(hint)[0])
    return hint is ToolContext or (_is_union(hint) and ToolContext in get_args(hint))


def _written(function: Callable[..., Any]) -> Any:  # noqa: ANN401
    """The `def` behind a callable."""
    while hasattr(function, "func") and not inspect.isroutine(function):
        function = function.func
    if not inspect.isroutine(function) and not inspect.isclass(function):
        function = type(function).__call__
    return inspect.unwrap(function)


def _closure(function: Any) -> dict[str, Any]:  # noqa: ANN401
    try:
        return dict(inspect.getclosurevars(function).nonlocals)
    except (TypeError, ValueError):
        return {}


def _is_union(hint: Any) -> bool:  # noqa: ANN401
    return get_origin(hint) in {Union, types.UnionType}


def _plain(hint: Any) -> Any:  # noqa: ANN401
    """`hint` with every `typing.TypedDict` as `typing_extensions` makes them: before Python 3.12 pydantic takes no
    other, for want of what it needs to know (https://errors.pydantic.dev/2/u/typed-dict-version)."""
    if sys.version_info >= (3, 12):
        return hint
    if isinstance(hint, type) and typing.is_typeddict(hint) and type(hint).__module__ == "typing":
        import typing_extensions as ext

        required = getattr(hint, "__required_keys__", ())
        said = {ext.Required, ext.NotRequired}
        fields = {
            name: part
            if get_origin(part) in said
            else (ext.Required if name in required else ext.NotRequired)[_plain(part)]
            for name, part in typing.get_type_hints(hint, include_extras=True).items()
        }
        make: Any = ext.TypedDict
        made = make(hint.__name__, fields)
        made.__doc__ = hint.__doc__
        return made
    parts = get_args(hint)
    if get_origin(hint) is Annotated:
        inner = _plain(parts[0])
        return hint if inner is parts[0] else Annotated[(inner, *parts[1:])]
    if _is_union(hint):
        return Union[tuple(_plain(part) for part in parts)]  # noqa: UP007 - of parts known when it runs
    if isinstance(hint, types.GenericAlias) or (parts and hasattr(hint, "copy_with")):
        made_of = tuple(_plain(part) for part in parts)
        if made_of == parts:
            return hint
        return get_origin(hint)[made_of if len(made_of) > 1 else made_of[0]]
    return hint
