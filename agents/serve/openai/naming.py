"""Which model a client means by a name."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agents.access.policy import NotFound
from agents.assistants.assistant import Assistant
from agents.serve.problems import Refused
from agents.serve.visit import Visit
from ingest.language import Text

BASE = "zhiku:"
"""Before the name of a knowledge base."""
ASSISTANT = "assistant:"
"""Before the name of an assistant."""
EMBEDDING = "embedding:"
"""Before the name of the embedder, which may be called as the model is."""


def raw_name(shown: str) -> str:
    """What the language model itself is called: the model behind an address, a file's name without its folder."""
    name = shown.rpartition("#")[2] if "#" in shown else shown
    if name.startswith(("http://", "https://")):
        return "served"
    return Path(name).name if name.lower().endswith(".gguf") else name


def listed(visit: Visit) -> list[dict[str, Any]]:
    """Every model that the caller may use, as `/v1/models` lists them."""
    names = [f"{BASE}{kb.name}" for kb in visit.readable()]
    names += [f"{ASSISTANT}{assistant.name}" for assistant in visit.assistants()]
    if visit.who.may("read"):
        names += [raw_name(visit.platform.shown_model), f"{EMBEDDING}{visit.library.settings.embedder}"]
    return [{"id": name, "object": "model", "created": 0, "owned_by": "zhiku"} for name in names]


def assistant_meant(visit: Visit, name: str) -> Assistant | None:
    """The assistant that `name` means, None where it means none. Raises `Refused` for one there is not, or not for the
    caller."""
    if not name.startswith(ASSISTANT):
        return None
    try:
        return visit.assistant(name.removeprefix(ASSISTANT))
    except NotFound as error:
        raise no_model(visit, name) from error


def base_meant(visit: Visit, name: str) -> str | None:
    """The knowledge base that `name` means; None for the language model itself. Asks the policy for either. Raises
    `Refused` for what is none of both."""
    if name.startswith(BASE):
        try:
            return visit.base("read", name.removeprefix(BASE)).name
        except NotFound as error:
            raise no_model(visit, name) from error
    if name == raw_name(visit.platform.shown_model) and visit.who.may("read"):
        visit.require("read")
        return None
    raise no_model(visit, name)


def check_embedder(visit: Visit, name: str) -> None:
    """Asks the policy. Raises `Refused` for a name that is not the embedder's."""
    if name.removeprefix(EMBEDDING) != visit.library.settings.embedder or not visit.who.may("read"):
        raise no_model(visit, name)
    visit.require("read")


def no_model(visit: Visit, name: str) -> Refused:
    """What is said of a model there is none of, or none for this caller; one of theirs that is called nearly so is named."""
    names = {one["id"].rpartition(":")[2]: one["id"] for one in listed(visit) if one["id"] != name}
    near = [names[one] for one in get_close_matches(name.rpartition(":")[2], names, n=1)]
    meant = Text(f"Did you mean '{near[0]}'? ", f"您是指 “{near[0]}” 吗？") if near else Text("", "")
    return Refused(
        404,
        "model-not-found",
        Text(f"There is no model '{name}'.", f"没有模型 “{name}”。"),
        Text(
            f"{meant.en}GET /v1/models lists those there are for you.", f"{meant.zh}GET /v1/models 可列出您可用的模型。"
        ),
    )
