"""The hints of a function, resolved as they stand in its source and in a form pydantic takes."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from agents.tools.tool import ToolContext
from ingest.errors import UsageError
from ingest.language import Text


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
