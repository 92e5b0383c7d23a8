"""Names on a model hub: 'owner/repo', 'owner/repo:Q4_K_M', 'owner/repo:file.gguf'."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.llm.hub import filenames
from ingest.errors import UsageError
from ingest.language import Text

USUAL = "Q4_K_M"
"""Taken when no quantisation is named and there is one: llama.cpp's and Ollama's choice."""
_PREFIX = re.compile(r"^(?:https?://)?(?:www\.)?(?:hf\.co|huggingface\.co|hf-mirror\.com|modelscope\.cn/models)/|^hf:")
_BELOW = re.compile(r"^([^/]+/[^/]+)/(?:blob|resolve|tree|files?)(?:/[^/]+)?(?:/(.+?))?(?:\?.*)?$")
"""The address of a file or folder, as copied from a browser: what stands after the repository and the revision."""
_NAME = re.compile(r"^([\w.-]+/[\w.-]+?)(?::(.+))?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class HubName:
    """A repository and, where one is named, the variant of its model."""

    repository: str
    """'owner/repo'."""
    variant: str = ""
    """A quantisation or a file's name; '' for the usual one."""

    def __str__(self) -> str:
        return f"{self.repository}:{self.variant}" if self.variant else self.repository

    def of(self, found: Mapping[str, object]) -> str | None:
        """Which of the variants by name (see `filenames.variants`) is meant; None when none is, or it is not clear."""
        if not self.variant:
            if len(found) == 1:
                return next(iter(found))
            return next((name for name in found if name.upper() == USUAL), None)
        wanted = filenames.stem(self.variant).lower()
        for name in found:
            if wanted in {name.lower(), filenames.stem(name).lower()}:
                return name
        close = [name for name in found if filenames.quantisation(name).lower() == wanted]
        return close[0] if len(close) == 1 else None


def parse(name: str) -> HubName | None:
    """The hub name that `name` is, also with the hub's address before it; None when it is none."""
    bare = _PREFIX.sub("", name.strip())
    if bare != name.strip() and (below := _BELOW.match(bare)):
        bare = f"{below[1]}:{below[2]}" if (below[2] or "").lower().endswith(".gguf") else below[1]
    match = _NAME.match(bare)
    if not match or ".." in match[1] or match[1].startswith((".", "/")):
        return None
    return HubName(match[1], (match[2] or "").strip())


def required(name: str) -> HubName:
    """The same for a name that must be one. Raises `UsageError`."""
    if wanted := parse(name):
        return wanted
    raise UsageError(
        Text(f"'{name}' is not a name on a hub.", f"“{name}” 不是模型站点上的名称。"),
        Text(
            "Write OWNER/REPO or OWNER/REPO:QUANTISATION, for example Qwen/Qwen3-4B-GGUF:Q4_K_M.",
            "请写成 OWNER/REPO 或 OWNER/REPO:量化版本，例如 Qwen/Qwen3-4B-GGUF:Q4_K_M。",
        ),
    )


def listed(names: Iterable[str], most: int = 12) -> str:
    """The first of `names` in one line."""
    every = list(names)
    return ", ".join(every[:most]) + (", …" if len(every) > most else "")
