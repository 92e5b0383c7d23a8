"""Other people's tools and plain functions as ours."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from agents.tools.function import function_tool
from agents.tools.schemas import compact
from agents.tools.tool import RISKS, Observation, Risk, Tool, ToolContext, ToolError
from ingest.documents import Hit
from ingest.errors import UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from langchain_core.messages import ToolMessage
    from langchain_core.tools import BaseTool


UNKNOWN_RISK: Risk = "network"
"""What a LangChain tool may do when nothing says what it does: most classes that ship ask some service, so it is asked
about first. One made of a function of the user's own (LangChain's `@tool`) is as one of our `@tool`."""
_SERVERS_WORDS = {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint", "_meta"}
"""Keys of the metadata that langchain-mcp-adapters takes over from a server, with whatever else the server adds."""


def adapt(thing: Tool | BaseTool | Callable[..., Any], *, risk: Risk | None = None) -> Tool:
    """A `Tool` of a tool of ours (as it is), a LangChain tool, or a typed function (as `@tool` makes it).

    `risk` says what a call can do at worst. Left out, a function counts as 'read', as with `@tool`, also when LangChain's
    `@tool` has made a tool of it and it is no installed library's; any other LangChain tool as 'network', which the user
    is asked about. A LangChain tool's `metadata["risk"]` goes before both, unless a server wrote them.
    Raises `UsageError` for anything else.
    """
    if isinstance(thing, Tool):
        return thing
    if _is_langchain(thing):
        return _of_langchain(thing, risk)
    if not callable(thing) or inspect.isclass(thing):
        raise UsageError(
            Text(f"A {type(thing).__name__} is no tool.", f"{type(thing).__name__} 不是工具。"),
            Text(
                "Give a typed function, something made by @tool, or a LangChain tool.",
                "请传入带类型标注的函数、由 @tool 生成的工具，或 LangChain 工具。",
            ),
        )
    frame = inspect.currentframe()
    caller = frame.f_back if frame else None
    return function_tool(thing, dict(caller.f_locals) if caller else {}, risk=risk or "read")


def _is_langchain(thing: object) -> bool:
    """Looked at by name first: importing LangChain takes half a second, and whoever has such a tool has paid it."""
    if not any(base.__module__.startswith("langchain_core.tools") for base in type(thing).__mro__):
        return False
    from langchain_core.tools import BaseTool

    return isinstance(thing, BaseTool)


def _of_langchain(thing: Any, risk: Risk | None) -> Tool:  # noqa: ANN401
    shape = thing.tool_call_schema
    described = shape.model_json_schema if hasattr(shape, "model_json_schema") else getattr(shape, "schema", None)
    schema = described() if described else shape  # of a pydantic model, new or old, or one already
    metadata = thing.metadata or {}
    said = None if metadata.keys() & _SERVERS_WORDS else metadata.get("risk")
    # Adapters of MCP servers make structured tools too, of a coroutine alone.
    made = type(thing).__module__ in ("langchain_core.tools.structured", "langchain_core.tools.simple")
    own = made and _is_own(getattr(thing, "func", None))
    unsaid: Risk = "read" if own and said is None else UNKNOWN_RISK  # a word that is no risk is no leave either
    known: Risk = said if said in RISKS else unsaid
    return Tool(
        name=thing.name,
        description=" ".join((thing.description or thing.name.replace("_", " ")).split()),
        parameters=compact(schema),
        run=partial(_invoked, thing),
        risk=risk or known,
        check=getattr(shape, "model_validate", None),
    )


def _is_own(function: object) -> bool:
    """Whether it is written in Python outside of what is installed: `Tool(func=PythonREPL().run)` is nobody's own code."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)  # type: ignore[arg-type]
    if code is None:
        return False
    import sysconfig
    from pathlib import Path

    file, paths = Path(code.co_filename), sysconfig.get_paths()
    return not any(file.is_relative_to(paths[kind]) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))


def _invoked(tool: Any, arguments: Mapping[str, Any], context: ToolContext) -> Observation:  # noqa: ANN401
    """Call a LangChain tool as LangChain's own agents do."""
    import asyncio

    from langchain_core.tools import ToolException

    call = {"type": "tool_call", "name": tool.name, "args": dict(arguments), "id": context.call_id}
    try:
        alone = getattr(tool, "func", ...) is None  # a StructuredTool that has a coroutine only
        return _observed(asyncio.run(tool.ainvoke(call)) if alone else tool.invoke(call))
    except ToolException as error:
        raise ToolError(str(error), en="The tool refused.", zh="工具拒绝执行。") from error


def _observed(message: ToolMessage | Any) -> Observation:  # noqa: ANN401 - a tool may return what it likes
    content = getattr(message, "content", message)
    text = _text(content)
    artifact = getattr(message, "artifact", None)
    found = artifact if isinstance(artifact, (list, tuple)) else ()
    failed = getattr(message, "status", "success") == "error"
    return Observation(
        text=text, hits=tuple(hit for hit in found if isinstance(hit, Hit)), data=artifact, error=text if failed else ""
    )


def _text(content: object) -> str:
    """A message's content: a text, or blocks of which the texts are taken and the rest is named."""
    if not isinstance(content, (list, tuple)):
        return str(content)
    return "\n".join(
        str((block.get("text") or f"[{block.get('type', 'block')}]") if isinstance(block, dict) else block)
        for block in content
    )
