"""Every instruction to a model, one Markdown file per prompt and language: `name.zh.md`, `name.en.md`.

A file opens with front matter (`description`, `inputs`), then parts that begin with a line `system:` or
`user:`. The parts are split before anything is rendered, so no value can begin a part of its own, and a value
is never read as a template: whatever a document says stays text.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

__all__ = ["Prompt", "PromptUse", "load", "names", "neutral"]

Role = Literal["system", "user"]
_FOLDER = Path(__file__).parent
_DELIMITERS = re.compile(
    r"<(?=\s*/?\s*(?:passage|conversation|observation|said|think|thinking|tool_call|tool_response|start_of_turn|end_of_turn|s\s*>|system|user|assistant|"
    r"bos|eos)\b|\s*/?\s*\|)|<(?=｜)|\[(?=/?(?:INST|THINK|AVAILABLE_TOOLS|TOOL_CALLS)\])|<(?=<\s*/?SYS>)",
    re.IGNORECASE,
)
_PART = re.compile(r"^(system|user):[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PromptUse:
    """Which instruction the model was given."""

    name: str
    lang: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One instruction in one language."""

    name: str
    lang: str
    sha256: str
    """Of the whole file: which wording an answer was made with."""
    description: str
    inputs: tuple[str, ...]
    parts: tuple[tuple[Role, str], ...]
    """Role and unrendered template."""

    @property
    def use(self) -> PromptUse:
        """This instruction, as an answer records it."""
        return PromptUse(self.name, self.lang, self.sha256)

    def render(self, **inputs: object) -> list[tuple[str, str]]:
        """(role, text) per part, in order. Raises `ValueError` unless exactly the declared inputs are given, and
        jinja2's `UndefinedError` when one of them lacks an attribute the template reads."""
        if set(inputs) != set(self.inputs):
            wrong = sorted(set(inputs) ^ set(self.inputs))
            raise ValueError(f"prompt {self.name}.{self.lang} takes {list(self.inputs)}; check {wrong}")
        return [(role, _template(text).render(**inputs).strip()) for role, text in self.parts]


def load(name: str, lang: str) -> Prompt:
    """The prompt `name` in `lang` ('zh' or 'en'). Raises `LookupError` when there is no such file."""
    return _read(_FOLDER / f"{name}.{lang}.md")


def names() -> list[str]:
    """Every prompt's name, sorted."""
    return sorted({path.name.split(".")[0] for path in _FOLDER.glob("*.*.md")})


def neutral(text: str) -> str:
    """`text` in which nothing reads as our delimiters or as a chat template's control tokens: the opening bracket of
    each is replaced by its full-width form, which a person reads the same and no tokenizer takes for it."""
    return _DELIMITERS.sub(lambda match: "＜" if match.group() == "<" else "［", text.replace("\0", " "))


@cache
def _read(path: Path) -> Prompt:
    import yaml

    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise LookupError(f"no prompt {path.name}") from error
    text = raw.decode("utf-8")
    opening, front, body = text.split("---\n", 2)
    if opening:
        raise ValueError(f"{path.name} does not begin with front matter")
    meta = yaml.safe_load(front)
    before, *rest = _PART.split(body)
    if before.strip() or not rest:
        raise ValueError(f"{path.name} has text outside its system: and user: parts")
    roles: dict[str, Role] = {"system": "system", "user": "user"}
    parts = tuple((roles[role], text) for role, text in zip(rest[::2], rest[1::2], strict=True))
    name, lang, _ = path.name.split(".")
    return Prompt(
        name=name,
        lang=lang,
        sha256=hashlib.sha256(raw).hexdigest(),
        description=str(meta["description"]),
        inputs=tuple(meta["inputs"]),
        parts=parts,
    )


@cache
def _template(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - jinja2 is imported when first used
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # Autoescape is for HTML; a prompt is plain text, and what a document may not contain is neutralised by the caller.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    return environment.from_string(text)
