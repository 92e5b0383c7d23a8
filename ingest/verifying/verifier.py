"""The model that the setting `verifier` names, run by onnxruntime; exported at its first use, measured once.

Two kinds judge whether a source says a sentence: those that give the pair one label (natural language inference: entailment,
neutral, contradiction; claim checks: supported or not), and those that label each token of the sentence (supported or
hallucinated, as LettuceDetect's do).
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ingest import pairs
from ingest.embedders import well_formed
from ingest.embedders.models import fingerprint, folder_of, opened
from ingest.errors import ModelError
from ingest.graphs import META, exported, running, tokenizer_in
from ingest.language import Text
from ingest.verifying.threshold import ENTAILMENT, Margins, Measured, Worth, crosses, measured

_MEASURED = f"measured-{sha256(repr(ENTAILMENT).encode()).hexdigest()[:8]}.json"
"""Other probes are asked anew."""
_LOG = logging.getLogger(__name__)


class Verifier:
    """An exported classifier. Safe to share between threads: one call computes at a time."""

    def __init__(self, name: str, *, precision: str = "int8", cache: Path | None = None) -> None:
        """`name` is a hub name or a folder; `precision` int8 or float32; `cache` is where exports are kept (None: the
        platform's cache folder). Raises `ModelError` where there is no such model or it can't be used."""
        folder = folder_of(name, "verifier", "off")
        source = fingerprint(name, folder)
        self._home = exported(
            "verifiers",
            [name if folder is None else "", source, precision],
            lambda to: export(name, folder, precision, to),
            cache,
        )
        self._meta = Meta(**json.loads((self._home / META).read_text("utf-8")))
        self._tokenizer = tokenizer_in(self._home)
        self._run = running(self._home, "onnx")
        self._lock = threading.Lock()

    def score(self, source: str, sentence: str, question: str = "") -> float:
        """How sure it is, 0..1, that `source` says `sentence`, an answer to `question`. A source that is too long is cut at
        its end; 0 where `sentence` is."""
        pair = self._pair(well_formed(source), well_formed(sentence), well_formed(question))
        if pair is None:
            return 0.0
        rows = [pair.ids, pair.attention_mask, pair.type_ids][: 2 + self._meta.types]
        with self._lock:
            logits = self._run([np.asarray([row], np.int64) for row in rows])[0]
        weights: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
        chances: NDArray[np.float32] = weights / weights.sum(axis=-1, keepdims=True)
        if self._meta.kind == "sequence":
            return float(chances[self._meta.label])
        said = [
            n
            for n, (of, (start, end)) in enumerate(zip(pair.sequence_ids, pair.offsets, strict=True))
            if of == 1 and end > start
        ]
        return 1 - float(chances[said, self._meta.label].max()) if said else 0.0

    def worth(self) -> Worth:
        """How it does on the shipped probes; worked out once, and kept beside the export."""
        from pydantic import TypeAdapter

        file = self._home / _MEASURED
        try:
            return TypeAdapter(Worth).validate_json(file.read_bytes())
        except (OSError, ValueError):
            found = Worth(self._measured(across=False), self._measured(across=True))
            file.write_text(json.dumps(asdict(found)), "utf-8")
            return found

    def _measured(self, *, across: bool) -> Measured:
        probes = [probe for probe in ENTAILMENT if crosses(probe.source, probe.right) == across]
        return measured(
            [self.score(p.source, p.right) for p in probes], [self.score(p.source, p.wrong) for p in probes]
        )

    def _pair(self, source: str, sentence: str, question: str) -> Any:  # noqa: ANN401 - tokenizers is untyped
        """The two as the model reads them; None where the sentence alone fills its window."""
        asked = f"{self._meta.separator}{question}" if question and self._meta.kind == "token" else ""
        pair = self._tokenizer.encode(source + asked, sentence)
        excess = len(pair.ids) - self._meta.window
        if excess <= 0:
            return pair
        offsets = self._tokenizer.encode(source, add_special_tokens=False).offsets
        if excess >= len(offsets):
            return None
        # Cut anew, the end of the text may make a token more or two.
        kept = source[: offsets[max(0, len(offsets) - excess - 3)][0]]
        pair = self._tokenizer.encode(kept + asked, sentence)
        return pair if len(pair.ids) <= self._meta.window else None


class VerifierJudges:
    """A verifier's votes, behind `agents.proof.entailment.Judges`."""

    def __init__(self, verifier: Verifier) -> None:
        """Measures it, if it has not been before: some seconds."""
        self._verifier = verifier
        self._worth = verifier.worth()
        if not self._worth.any:
            _LOG.warning("The verifier is no better than chance on the probes; it has no vote: %s", self._worth)

    def entailment(self, question: str, seconds: float, cancel: threading.Event) -> Margins | None:
        """Votes on whether a source says a sentence, an answer to `question`, for so many seconds; None from one that is
        no better than chance."""
        if not self._worth.any:
            return None

        def score(source: str, sentence: str) -> float:
            return self._verifier.score(source, sentence, question)

        def margin(sentence: str, source: str) -> float:
            return self._worth.margin(source, sentence, score)

        return Margins(margin, seconds, cancel=cancel)

    def close(self) -> None:
        """Nothing goes on behind."""


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
