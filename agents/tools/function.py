"""`@tool`: a typed function as something a model may call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, overload

from agents.tools.signatures import name_of, signature_of
from agents.tools.tool import Risk, Tool, ToolContext, Wording

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class FunctionTool(Tool, Generic[P, R]):
    """A tool made of a function; called like the function, it is the function."""

    function: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The plain function: nothing is checked, nothing recorded."""
        return self.function(*args, **kwargs)


@overload
def tool(function: Callable[P, R], /) -> FunctionTool[P, R]: ...
@overload
def tool(
    *, risk: Risk = ..., name: str = ..., repeatable: bool = ..., zh: Wording | None = ...
) -> Callable[[Callable[P, R]], FunctionTool[P, R]]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    risk: Risk = "read",
    name: str = "",
    repeatable: bool = False,
    zh: Wording | None = None,
) -> Any:
    """Make a tool of a function: `@tool`, or `@tool(risk="write", name="file_report", repeatable=True)`.

    The schema comes from the type hints and the docstring (Google, NumPy or reStructuredText), the description
    from the docstring. A parameter annotated `ToolContext` is filled in and not shown to the model. `risk` is what
    a call can do at worst: above 'read' the user is asked, unless the settings say otherwise. `repeatable` says that
    doing it twice does no more than once. Coroutines are run to their end.

    Raises `UsageError` for *args, a missing hint, or a type that JSON can't express.
    """
    frame = inspect.currentframe()
    caller = frame.f_back if frame else None
    around = dict(caller.f_locals) if caller else {}

    def made(function: Callable[..., Any]) -> FunctionTool[..., Any]:
        return function_tool(function, around, risk=risk, name=name, repeatable=repeatable, zh=zh)

    return made if function is None else made(function)


def function_tool(
    function: Callable[..., Any],
    around: Mapping[str, Any],
    *,
    risk: Risk = "read",
    name: str = "",
    repeatable: bool = False,
    zh: Wording | None = None,
) -> FunctionTool[..., Any]:
    """As `tool`; `around` are the names known where the function was written."""
    signature = signature_of(function, around)

    def run(arguments: Mapping[str, Any], context: ToolContext) -> Any:  # noqa: ANN401
        """Calls the function with the objects its hints ask for."""
        result = signature.call(function, arguments, context)
        if not inspect.isawaitable(result):
            return result
        import asyncio

        return asyncio.run(_awaited(result))

    made: FunctionTool[..., Any] = FunctionTool(
        name=name or name_of(function),
        description=signature.description,
        parameters=signature.parameters,
        run=run,
        risk=risk,
        repeatable=repeatable,
        zh=zh,
        check=signature.check,
        function=function,
    )
    for attribute in ("__doc__", "__module__", "__name__", "__qualname__"):
        if hasattr(function, attribute):
            object.__setattr__(made, attribute, getattr(function, attribute))
    object.__setattr__(made, "__wrapped__", function)  # `inspect.signature` and `help` show the function
    return made


async def _awaited(result: Any) -> Any:  # noqa: ANN401
    return await result
