"""The server put together: what it works with, its routes, what stands before them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from agents.access.policy import AccessPolicy
from agents.access.task_views import agent_due
from agents.platform import Platform
from agents.serve import problems
from agents.serve.api import asking, bases, conversations, documents, tasks
from agents.serve.guard import Guard, Rate
from agents.serve.listening import HEALTH
from agents.serve.openai import routes as openai
from agents.serve.tasks import Tasks
from agents.serve.visit import Desk
from agents.serve.widget import routes as widget
from agents.tasks.schedules import Schedule, Timekeeper
from ingest.apart.threads import begun
from ingest.jobs import Jobs
from ingest.working import Worker

MCP = "/mcp"


class Mounted(Protocol):
    """Another face under the same address: an ASGI application that has to be run meanwhile."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; its caller is in the scope, as `guard.WHO`."""

    def run(self) -> AbstractAsyncContextManager[None]:
        """Around all requests."""


@dataclass(frozen=True)
class Limits:
    """What a server takes."""

    rate: int = 600
    """Requests a minute of one key; 0: any number."""
    visitors: int = 12
    """Requests a minute of one visitor of a page with the widget."""
    at_once: int = 128
    """Requests at a time, streams included."""
    seconds: float = 600.0
    """Of an answer; 0: as long as it likes."""
    upload_mb: int = 512
    """Of one request with files."""


def make_application(
    platform: Platform,
    policy: AccessPolicy,
    *,
    version: str,
    limits: Limits = Limits(),
    hosts: Collection[str] | None = None,
    mcp: Mounted | None = None,
) -> FastAPI:
    """The ASGI application on `platform`, which stays the caller's to close. `hosts`: the names it may be called by, None
    for any."""
    jobs = Jobs(platform.home, platform.settings.store)
    desk = Desk(platform, policy, jobs, Tasks(platform), limits.seconds)
    worker = Worker(platform.library, jobs)

    def begin(one: Schedule) -> str:
        return desk.tasks.start(agent_due(platform, policy, one), one.task)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watcher = platform.library.syncing.watcher()
        keeper = Timekeeper(lambda: platform.schedules, begin)
        thread = begun(worker.run, "serve-jobs") if platform.settings.serve_jobs else None
        async with mcp.run() if mcp is not None else contextlib.nullcontext():
            yield
        watcher.stop()
        keeper.stop()
        desk.tasks.close()
        worker.stop()
        if thread is not None:
            thread.join(60)
        jobs.close()

    app = _routed(version, lifespan)
    app.state.desk = desk
    problems.install(app)
    if mcp is not None:
        app.router.routes.append(Route(MCP, endpoint=mcp))
    app.add_middleware(
        Guard,
        policy=policy,
        rate=Rate(limits.rate),
        visitors=Rate(limits.visitors),
        at_once=limits.at_once,
        upload_bytes=limits.upload_mb << 20,
        hosts=hosts,
    )
    return app


def description(version: str) -> dict[str, Any]:
    """The OpenAPI document of a server of that version, as it gives it at /openapi.json."""
    return _routed(version).openapi()


def _routed(version: str, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None) -> FastAPI:
    app = FastAPI(
        title="Zhiku",
        version=version,
        summary="A private knowledge base that answers with proof.",
        lifespan=lifespan,
        docs_url=None,  # it would load scripts from elsewhere
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.add_api_route(HEALTH, _health, methods=["GET"], tags=["Server"])
    for part in (openai, bases, documents, asking, tasks, conversations, widget):
        app.include_router(part.router, responses=_REFUSALS)
    return app


def _health() -> dict[str, str]:
    """That the server answers; needs no key."""
    return {"status": "ok"}


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in the language of Accept-Language (zh, en)."},
        "hint": {"type": "string", "description": "What to do."},
        "instance": {"type": "string"},
    },
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A problem (RFC 9457); under /v1 an error as OpenAI has it.",
        "content": {"application/problem+json": {"schema": _PROBLEM}, "application/json": {"schema": {}}},
    }
}
