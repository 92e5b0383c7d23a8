"""Which classifier of sentence pairs a model is, and its export as an ONNX graph.

Two kinds judge whether a source says a sentence: those that give the pair one label (natural language inference: entailment,
neutral, contradiction; claim checks: supported or not), and those that label each token of the sentence (supported or
hallucinated, as LettuceDetect's do).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ingest import pairs
from ingest.embedders.models import opened
from ingest.errors import ModelError
from ingest.language import Text

Kind = Literal["sequence", "token"]
_ENDINGS: dict[Kind, str] = {"sequence": "ForSequenceClassification", "token": "ForTokenClassification"}
_SAYS = {"entailment", "entailed", "supported", "support", "consistent", "faithful", "factual"}
"""Names of the label 'the source says so'."""
_DENIES = {"hallucinated", "hallucination", "unsupported", "not_supported"}
"""Names of the label 'the source doesn't', of a token."""
_UNNAMED = {"label_0", "label_1"}
"""Two labels without names: claim checks (MiniCheck) and LettuceDetect's both mean by the second what they look for."""
OTHERWISE = Text('Or set verifier = "auto" or "off".', '也可以设置 verifier = "auto" 或 "off"。')


@dataclass(frozen=True, slots=True)
class Meta:
    """What running an exported classifier needs to know besides its graph and tokenizer."""

    kind: Kind
    label: int
    """Of a sequence: that of 'the source says so'. Of a token: that of 'the source doesn't'."""
    window: int
    """Tokens the model reads, special tokens included."""
    separator: str
    """Between a source and the question, for a kind that reads both."""
    types: bool
    """Whether the graph takes `token_type_ids`."""


def export(name: str, folder: Path | None, precision: str, to: Path) -> None:
    """Write graph, tokenizer and meta data of the classifier into the new folder `to`; all or nothing.

    Raises `ModelError` where it can't be had, is of another kind, can't be exported, or a package for it is missing.
    """
    config, kind, model, tokenizer = opened(
        name, folder, lambda source, cached: _read(name, source, cached), OTHERWISE, "verifier"
    )
    meta = Meta(
        kind=kind,
        label=_label(name, kind, config.id2label),
        window=pairs.window(config, tokenizer),
        separator=str(tokenizer.sep_token or tokenizer.eos_token or "\n"),
        types=pairs.takes_types(config, tokenizer),
    )
    pairs.write(model, tokenizer, meta, name=name, precision=precision, otherwise=OTHERWISE, to=to)


def _read(name: str, source: str, cached: bool) -> tuple[Any, Kind, Any, Any]:  # noqa: FBT001
    from transformers import (
        AutoConfig,
        AutoModelForSequenceClassification,
        AutoModelForTokenClassification,
        AutoTokenizer,
    )

    config = AutoConfig.from_pretrained(source, local_files_only=cached)
    kind = _kind(name, list(config.architectures or []))
    auto: Any = AutoModelForSequenceClassification if kind == "sequence" else AutoModelForTokenClassification
    model = auto.from_pretrained(source, local_files_only=cached)
    tokenizer: Any = AutoTokenizer.from_pretrained(source, local_files_only=cached)
    return config, kind, model, tokenizer


def _kind(name: str, architectures: list[str]) -> Kind:
    """Raises `ModelError` for a model of another kind."""
    for kind, ending in _ENDINGS.items():
        if any(architecture.endswith(ending) for architecture in architectures):
            return kind
    found = ", ".join(architectures) or "?"
    raise ModelError(
        Text(
            f"'{name}' is no verifier: it is a {found}, not a classifier of sequences or tokens.",
            f"“{name}” 不能用作核验模型：它是 {found}，不是序列或词元分类模型。",
        ),
        Text("Name an NLI or claim-check model. " + OTHERWISE.en, "请指定 NLI 或事实核查模型。" + OTHERWISE.zh),
    )


def _label(name: str, kind: Kind, labels: Mapping[int, str]) -> int:
    """The number of the label that counts. Raises `ModelError` where none of them says what it means."""
    named = {int(number): str(label).casefold().replace(" ", "_").replace("-", "_") for number, label in labels.items()}
    wanted = _SAYS if kind == "sequence" else _DENIES
    if found := [number for number, label in named.items() if label in wanted]:
        return found[0]
    if set(named.values()) == _UNNAMED:
        return 1
    raise ModelError(
        Text(
            f"'{name}' is no verifier: of its labels ({', '.join(map(str, labels.values()))}) none says whether a "
            "source supports a sentence.",
            f"“{name}” 不能用作核验模型：它的标签（{'、'.join(map(str, labels.values()))}）没有表示“资料支持该句”的。",
        ),
        Text("Name an NLI or claim-check model. " + OTHERWISE.en, "请指定 NLI 或事实核查模型。" + OTHERWISE.zh),
    )
