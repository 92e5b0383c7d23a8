"""Everything that can go wrong and is somebody's to mend.

    ZhikuError                     one line for the user, a hint what to do, an exit status
    ├── UsageError             2   what was asked makes no sense: unknown name, empty question, bad setting
    ├── LibraryUnavailable     3   the library cannot be opened or written
    │   ├── LibraryLocked          another process is writing
    │   ├── NewerLibrary           written by a later version
    │   └── DamagedLibrary         the catalog itself is broken
    ├── LoadError              1   a file could not be read; the rest goes on
    │   └── Skipped                nothing is wrong with it, but it is not for us (device, empty, unknown type)
    └── ModelError             1   an embedder or language model is missing, broken or unreachable

A bug of ours is none of these and is raised as it is. The command line prints a ZhikuError as one line and
never its traceback, unless `--debug` is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ingest.language import Text, say


class ZhikuError(Exception):
    """Base of all. `message` says what happened, `hint` what to do; both render in the language in force."""

    exit_status: ClassVar[int] = 1

    def __init__(self, message: Text, hint: Text | None = None) -> None:
        super().__init__(message, hint)
        self.message, self.hint = message, hint

    def __str__(self) -> str:
        return say(f"{self.message} {self.hint}", f"{self.message}{self.hint}") if self.hint else str(self.message)


class UsageError(ZhikuError):
    """The request makes no sense as it stands."""

    exit_status = 2


class PruneDoubtful(UsageError):
    """So many documents would go that a person should say so."""


class LibraryUnavailable(ZhikuError):
    """The library cannot be opened, read or written."""

    exit_status = 3


class LibraryLocked(LibraryUnavailable):
    """Another process is writing."""


class NewerLibrary(LibraryUnavailable):
    """The home folder was written by a later version."""


class DamagedLibrary(LibraryUnavailable):
    """The catalog is not a readable database."""


class LoadError(ZhikuError):
    """One file could not be read."""


class Skipped(LoadError):
    """One file is not for us, without anything being wrong with it."""


class ModelError(ZhikuError):
    """An embedder or a language model is missing, broken or unreachable."""


_KINDS = {
    "string": "文本", "int": "整数", "float": "数字", "finite": "有限的数字", "decimal": "数字", "bool": " true 或 false",
    "list": "列表", "tuple": "列表", "set": "列表", "dict": "对象", "model": "对象", "dataclass": "对象", "mapping": "对象",
    "date": "日期", "datetime": "日期和时间", "time": "时间", "url": "网址", "json": "有效的 JSON", "none": " null",
    "literal": "{expected}", "enum": "{expected}",
}  # fmt: skip
"""What a value should be, by the first word of pydantic's name for the fault."""
_LIMITS = {
    "missing": "缺少此项", "extra_forbidden": "没有这一项", "unexpected_keyword_argument": "没有这一项",
    "greater_than": "应大于 {gt}", "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}", "less_than_equal": "不得大于 {le}", "multiple_of": "应为 {multiple_of} 的倍数",
    "string_too_short": "至少 {min_length} 个字符", "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "应符合 {pattern}", "too_short": "至少 {min_length} 项", "too_long": "最多 {max_length} 项",
}  # fmt: skip


def fault(detail: Mapping[str, Any]) -> Text:
    """One of the `errors()` of a `ValidationError` as a clause, without the name of what is wrong."""
    kind, given = str(detail["type"]), detail.get("ctx", {})
    if kind in ("value_error", "assertion_error") and "error" in given:
        return Text(str(given["error"]), str(given["error"]))  # our own sentence
    wanted = _KINDS.get(kind.partition("_")[0])
    told = _LIMITS.get(kind) or (f"应为{wanted}" if wanted else "不符合要求")
    return Text(detail["msg"], told.format(**given).replace(" or ", " 或 "))
