"""Names on a model hub: 'owner/repo', 'owner/repo:Q4_K_M', 'owner/repo:file.gguf'; and what the name of a GGUF file says: its
quantisation, and which of several parts it is.

Both are customs of those who publish models, kept by llama.cpp's own tools; the header has the last word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingest.errors import UsageError
from ingest.language import Text

_QUANTISATION = re.compile(
    r"(?:^|[-._/])((?:UD-)?(?:I?Q\d+|TQ\d+)(?:_[0-9A-Z]+)*|BF16|F16|F32|FP16|FP32|MXFP4(?:_MOE)?)(?=[-._/]|$)",
    re.IGNORECASE,
)
_PART = re.compile(r"-(\d{5})-of-(\d{5})$")
_BESIDE = re.compile(r"(?:^|[-._])(?:mmproj|imatrix)(?:[-._]|$)", re.IGNORECASE)
"""Files that lie beside a model and are none: a picture encoder, statistics for quantising."""


def stem(path: str) -> str:
    """The file's name without folder, '.gguf' and the number of its part."""
    name = PurePosixPath(path).name
    return _PART.sub("", name[: -len(".gguf")] if name.lower().endswith(".gguf") else name)


def quantisation(path: str) -> str:
    """'Q4_K_M' and the like, in capitals, from the name of the file or else of its folders; '' when none says so."""
    folder, _, _ = path.rpartition("/")
    found = _QUANTISATION.findall(stem(path)) or _QUANTISATION.findall(folder)
    return str(found[-1]).upper() if found else ""


def part(path: str) -> tuple[int, int]:
    """(which, of how many), both from 1; (1, 1) for a file that is whole."""
    name = PurePosixPath(path).name
    match = _PART.search(name[: -len(".gguf")] if name.lower().endswith(".gguf") else name)
    return (int(match[1]), int(match[2])) if match else (1, 1)


def is_model(path: str) -> bool:
    """A GGUF file that is a model or a part of one."""
    return path.lower().endswith(".gguf") and not _BESIDE.search(PurePosixPath(path).name)


def variants(paths: Iterable[str]) -> dict[str, list[str]]:
    """The models among `paths`, in order: name of the variant → its files, the first part first.

    A variant is called by its quantisation where that is its alone, else by the name of its file.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for path in sorted(filter(is_model, paths)):
        groups.setdefault((path.rpartition("/")[0], stem(path)), []).append(path)
    called = Counter(quantisation(files[0]) for files in groups.values())
    named: dict[str, list[str]] = {}
    for (folder, name), files in groups.items():
        quant = quantisation(files[0])
        unique = quant and called[quant] == 1
        named[quant if unique else f"{folder}/{name}" if name in named else name] = files
    return named


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
        """Which of the variants by name (see `variants`) is meant; None when none is, or it is not clear."""
        if not self.variant:
            if len(found) == 1:
                return next(iter(found))
            return next((name for name in found if name.upper() == USUAL), None)
        wanted = stem(self.variant).lower()
        for name in found:
            if wanted in {name.lower(), stem(name).lower()}:
                return name
        close = [name for name in found if quantisation(name).lower() == wanted]
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
