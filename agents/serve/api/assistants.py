"""Assistants: listed for whoever may ask them; made, changed, taken back and exchanged as files by who administers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import PlainTextResponse

from agents.access.policy import NotFound
from agents.assistants.assistant import Assistant, exported
from agents.assistants.store import NoAssistant
from agents.serve.api.forms import NAME, AssistantFile
from agents.serve.visit import Here, Visit

router = APIRouter(prefix="/api", tags=["Assistants"])
Name = Annotated[str, Path(min_length=1, max_length=NAME)]
Number = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("/assistants")
def list_assistants(visit: Here) -> list[dict[str, Any]]:
    """Those whose knowledge bases you may all read: what each is called, says first, and answers from."""
    return [{"name": one.name, "greeting": one.greeting, "kbs": list(one.kbs)} for one in visit.assistants()]


@router.post("/assistants", status_code=201)
def create_assistant(visit: Here, form: Assistant) -> Assistant:
    """A new one; what is left out is as the settings have it."""
    visit.require("admin")
    visit.platform.assistants.create(form)
    return visit.platform.assistants.get(form.name)


@router.post("/assistants/import", status_code=201)
def import_assistant(visit: Here, form: AssistantFile) -> dict[str, Any]:
    """The one in a file (TOML or JSON), under a name that is free; `notes` say what of it is not at hand here."""
    visit.require("admin")
    kept = visit.platform.assistants
    found, notes = kept.read(form.text)
    found = replace(found, name=kept.free(found.name))
    kept.create(found)
    return {"name": found.name, "notes": notes}


@router.get("/assistants/{name:path}/versions")
def list_versions(visit: Here, name: Name) -> list[dict[str, Any]]:
    """Every state of it, the latest first."""
    with _kept(visit):
        versions = visit.platform.assistants.versions(name)
    return [{"n": one.n, "made": one.made, "assistant": one.assistant.to_json()} for one in versions]


@router.post("/assistants/{name:path}/versions/{n}")
def revert_assistant(visit: Here, name: Name, n: Number) -> Assistant:
    """Let it be as in version `n` again, as a new version."""
    with _kept(visit):
        return visit.platform.assistants.revert(name, n)


@router.get("/assistants/{name:path}/file", response_class=PlainTextResponse)
def export_assistant(visit: Here, name: Name) -> str:
    """It as a file (TOML) for another server."""
    with _kept(visit):
        return exported(visit.platform.assistants.get(name))


@router.get("/assistants/{name:path}")
def show_assistant(visit: Here, name: Name) -> Assistant:
    """All of one, its instructions too."""
    with _kept(visit):
        return visit.platform.assistants.get(name)


@router.put("/assistants/{name:path}")
def change_assistant(visit: Here, name: Name, form: Assistant) -> Assistant:
    """A new version of it, under another name if `name` is one."""
    with _kept(visit):
        visit.platform.assistants.save(form, name)
    return visit.platform.assistants.get(form.name)


@router.delete("/assistants/{name:path}", status_code=204)
def remove_assistant(visit: Here, name: Name) -> None:
    """With all its versions."""
    with _kept(visit):
        visit.platform.assistants.remove(name)


@contextmanager
def _kept(visit: Visit) -> Iterator[None]:
    """Around what is done with one by its name. Raises `Forbidden`, and `NotFound` where there is none of it."""
    visit.require("admin")
    try:
        yield
    except NoAssistant as error:
        raise NotFound(error.message, error.hint) from error
