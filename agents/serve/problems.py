"""What goes wrong, told as RFC 9457 problems in the asker's language; under /v1 as OpenAI's clients read them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agents.access.policy import Forbidden, NotFound, Unknown
from agents.llm.errors import PromptTooLong
from agents.tools.tool import ToolError
from ingest.errors import LibraryLocked, LibraryUnavailable, LoadError, ModelError, UsageError, ZhikuError, fault
from ingest.language import Text, say

logger = logging.getLogger(__name__)

OPENAI = "/v1/"
_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (Unknown, 401, "unauthorised"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not-found"),
    (PromptTooLong, 400, "too-long"),
    (UsageError, 400, "bad-request"),
    (ToolError, 400, "bad-request"),
    (LibraryLocked, 409, "locked"),
    (LibraryUnavailable, 503, "unavailable"),
    (LoadError, 422, "unreadable"),
    (ModelError, 503, "model"),
)
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}


class Refused(ZhikuError):
    """A request that is refused for what it is, with an HTTP status of its own."""

    def __init__(self, status: int, kind: str, message: Text, hint: Text | None = None, **headers: str) -> None:
        """`headers`: with `_` for `-`."""
        super().__init__(message, hint)
        self.status, self.kind = status, kind
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def install(app: FastAPI) -> None:
    """Every error of `app` that is somebody's to mend becomes a problem. A bug of ours is told by the guard."""

    async def answer(request: Request, error: Exception) -> Response:
        return response(request.url.path, error)

    for kind in (ZhikuError, ToolError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)


def response(path: str, error: Exception) -> Response:
    """The whole answer to a request to `path` that failed."""
    body = problem(error, path)
    status = int(body["status"])
    headers = dict(getattr(error, "headers", None) or {})
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="zhiku"'
    if path.startswith(OPENAI):
        return JSONResponse(as_openai(body), status, headers)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def problem(error: Exception, path: str = "") -> dict[str, Any]:
    """What happened, as RFC 9457 has it: `type`, `title`, `status`, `detail`, and `hint`, what to do."""
    status, kind, detail, hint = _told(error)
    found = {
        "type": f"urn:zhiku:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "hint": hint,
        "instance": path,
    }
    return {name: value for name, value in found.items() if value}


def as_openai(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same as OpenAI's clients read it."""
    message = " ".join(filter(None, (found["detail"], found.get("hint"))))
    kind = _OPENAI_TYPES.get(found["status"], "invalid_request_error" if found["status"] < 500 else "server_error")
    code = str(found["type"]).removeprefix("urn:zhiku:").replace("-", "_")
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _told(error: Exception) -> tuple[int, str, str, str]:
    """Status, kind, what happened, what to do."""
    if isinstance(error, RequestValidationError):
        return 422, "invalid", _invalid(error), say("See /openapi.json.", "请参阅 /openapi.json。")
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, Refused):
        return error.status, error.kind, str(error.message), str(error.hint or "")
    for cls, status, kind in _STATUS:
        if isinstance(error, cls):
            if isinstance(error, ZhikuError):
                return status, kind, _line(str(error.message)), _line(str(error.hint or ""))
            return status, kind, _line(str(error)), ""
    if not isinstance(error, ZhikuError):
        logger.error("a request failed", exc_info=error)
    return (
        500,
        "bug",
        say("Something went wrong that should not have.", "服务器出现了不应发生的错误。"),
        say("logs/serve.log in the server's home has the details.", "详情见服务器数据目录中的 logs/serve.log。"),
    )


def _of_http(error: HTTPException) -> tuple[int, str, str, str]:
    """What the framework itself refuses."""
    told = {
        404: Text("There is nothing at this address.", "此地址没有内容。"),
        405: Text("This address does not take that method.", "此地址不支持该方法。"),
        413: Text("The request is too large.", "请求过大。"),
    }.get(error.status_code, Text("The request can't be read.", "无法读取请求。"))
    kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return error.status_code, kind, str(told), say("See /openapi.json.", "请参阅 /openapi.json。")


def _invalid(error: RequestValidationError) -> str:
    """The first thing that is wrong, and where."""
    first = error.errors()[0]
    if len(first["loc"]) == 1 or first["type"] == "json_invalid":
        return say("The body must be JSON, sent as application/json.", "请求体须以 application/json 发送 JSON。")
    where = ".".join(map(str, first["loc"][1:]))
    return say(f"'{where}': {_line(str(fault(first)))}.", f"“{where}”：{_line(str(fault(first)))}。")


def _line(text: str) -> str:
    return " ".join(text.split())
