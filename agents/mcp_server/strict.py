"""The SDK's server with JSON-RPC's own error codes.

mcp 1.x answers an unknown method with 'invalid params', and a line that is no JSON with a log message; JSON-RPC 2.0
(section 5.1), which the protocol follows, has -32601, -32700 and -32600 for these.
"""

from __future__ import annotations

import json
from typing import Any, get_args

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.models import InitializationOptions
from mcp.shared.message import SessionMessage

_PROTOCOL = {"initialize", "ping"}


class StrictServer(Server[Any, Any]):
    """A server that looks at each message before the SDK does."""

    async def run(
        self,
        read_stream: MemoryObjectReceiveStream[SessionMessage | Exception],
        write_stream: MemoryObjectSendStream[SessionMessage],
        initialization_options: InitializationOptions,
        raise_exceptions: bool = False,  # noqa: FBT001, FBT002 - the SDK's signature
        stateless: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Serve one session until the client is gone."""
        passed, remaining = anyio.create_memory_object_stream[SessionMessage | Exception](0)

        async def look() -> None:
            async with passed:
                async for message in read_stream:
                    error = self._refused(message)
                    if error is None:
                        await passed.send(message)
                    else:
                        await write_stream.send(SessionMessage(error))

        async with anyio.create_task_group() as group:
            group.start_soon(look)
            await super().run(remaining, write_stream, initialization_options, raise_exceptions, stateless)
            group.cancel_scope.cancel()

    def _refused(self, message: SessionMessage | Exception) -> types.JSONRPCMessage | None:
        if isinstance(message, Exception):
            return _unreadable(message)
        request = message.message.root
        if not isinstance(request, types.JSONRPCRequest) or request.method in self._methods():
            return None
        return _error(request.id, types.METHOD_NOT_FOUND, f"Method not found: {request.method[:100]}")

    def _methods(self) -> set[str]:
        """What this server answers: the protocol's own, and what it has handlers for."""
        kinds: list[Any] = list(self.request_handlers)
        return _PROTOCOL | {name for kind in kinds for name in get_args(kind.model_fields["method"].annotation)}


def _unreadable(problem: Exception) -> types.JSONRPCMessage:
    """The answer to a line that is no message: its id where it has one, none otherwise."""
    errors: list[dict[str, Any]] = getattr(problem, "errors", list)()
    if any(error["type"] == "json_invalid" for error in errors) or not errors:
        return _error(None, types.PARSE_ERROR, "Parse error")
    given = next((e["input"] for e in errors if isinstance(e["input"], dict)), {})
    identity = given.get("id")
    known = identity if isinstance(identity, str | int) and not isinstance(identity, bool) else None
    return _error(known, types.INVALID_REQUEST, f"Invalid request: {json.dumps(given)[:100]}")


def _error(identity: str | int | None, code: int, message: str) -> types.JSONRPCMessage:
    # Constructed unchecked because the SDK's type has no error without id, which the specification has.
    error = types.JSONRPCError.model_construct(
        jsonrpc="2.0", id=identity, error=types.ErrorData(code=code, message=message)
    )
    return types.JSONRPCMessage.model_construct(root=error)
