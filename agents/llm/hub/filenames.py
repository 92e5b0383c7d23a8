"""What the name of a GGUF file says: its quantisation, and which of several parts it is.

Both are customs of those who publish models, kept by llama.cpp's own tools; the header has the last word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

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
