"""Knowledge bases, and what the caller may do to them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from agents.access.rights import VERBS
from agents.serve.api.forms import NAME, Caller, Naming
from agents.serve.visit import Here, plain
from ingest.catalog import KnowledgeBase
from ingest.uploads import forget_uploads

router = APIRouter(prefix="/api", tags=["Knowledge bases"])
BaseName = Annotated[str, Path(min_length=1, max_length=NAME)]


@router.get("/me")
def show_caller(visit: Here) -> Caller:
    """Who you are here, and what you may do."""
    rights = {}
    for kb in visit.readable():
        rights[kb.name] = [verb for verb in VERBS if visit.who.may(verb, kb.name)][-1]
    return Caller(name=visit.who.name, key=visit.who.key, administers=visit.who.may("admin"), rights=rights)


@router.get("/kbs")
def list_bases(visit: Here) -> list[KnowledgeBase]:
    """Those you may read, by name."""
    return visit.readable()


@router.post("/kbs", status_code=201)
def create_base(visit: Here, form: Naming) -> KnowledgeBase:
    """A new, empty one."""
    visit.require("admin")
    return visit.library.create_kb(form.name)


@router.get("/kbs/{name:path}")
def show_base(visit: Here, name: BaseName) -> dict[str, Any]:
    """One, with its tags, the commonest first."""
    return {**plain(visit.base("read", name)), "tags": visit.library.tags(name)}


@router.patch("/kbs/{name:path}")
def rename_base(visit: Here, name: BaseName, form: Naming) -> KnowledgeBase:
    """Give it another name; rights go along. It takes the right to administer the server: a name that is taken would tell
    of a base that is not yours."""
    visit.base("admin", name)
    visit.require("admin")
    visit.library.rename_kb(name, form.name)
    return visit.library.kb(form.name)


@router.delete("/kbs/{name:path}", status_code=204)
def remove_base(visit: Here, name: BaseName) -> None:
    """Delete it with everything in it, and the rights on it."""
    visit.base("admin", name)
    copies = [document.path for document in visit.library.documents(name)]
    visit.library.remove_kb(name)
    forget_uploads(visit.library.home, copies, ())
