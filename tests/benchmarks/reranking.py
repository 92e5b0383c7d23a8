"""How long a reranker of MiniLM's size takes for the passages it is given: the export in whole numbers beside torch.

Weights are random, so that nothing is fetched: what is measured is the machinery. Passages are of 150 and of 300 tokens.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from ingest.finding import RERANKED
from ingest.reranker import CrossEncoderReranker, ExportedReranker, Reranker

_WORDS, _ROUNDS, _ENDLESS = 30_000, 2, 3_600.0


def run() -> str:
    """Markdown table of seconds per question, and of passages read in the second that is the default."""
    dice = np.random.default_rng(5)
    rows = [
        "## Reranking\n",
        "| reranker (6 layers, 384 wide) | passages of | s for 30 | read in 1 s |",
        "|---|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        folder = str(Path(scratch) / "minilm")
        write(Path(folder))
        kinds: dict[str, Reranker] = {
            "torch float32": CrossEncoderReranker(folder, "cpu"),
            "ONNX float32": ExportedReranker(folder, precision="float32", cache=Path(scratch)),
            "ONNX int8 (the default)": ExportedReranker(folder, cache=Path(scratch)),
        }
        for tokens in (150, 300):
            texts = [" ".join(f"w{n}" for n in dice.integers(0, _WORDS, tokens)) for _ in range(RERANKED)]
            for name, reranker in kinds.items():
                whole = [_seconds(reranker, texts) for _ in range(_ROUNDS)]
                read = min(len(reranker.scores("w1 w2 w3", texts * 4, 1.0)) for _ in range(_ROUNDS))
                rows.append(f"| {name} | {tokens} tokens | {np.median(whole):.2f} | {read} |")
    return "\n".join(rows)


def _seconds(reranker: Reranker, texts: list[str]) -> float:
    began = time.perf_counter()
    reranker.scores("w1 w2 w3 w4 w5 w6 w7 w8", texts, _ENDLESS)
    return time.perf_counter() - began


def write(folder: Path) -> None:
    """A cross-encoder as big as ms-marco-MiniLM-L-6, over invented words, into a new folder."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: n for n, word in enumerate([*specials, *(f"w{n}" for n in range(_WORDS))])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), specials, strict=True))
    fast = PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=512, **names)
    fast.model_input_names = ["input_ids", "attention_mask", "token_type_ids"]
    fast.save_pretrained(folder)
    shape = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
    config = BertConfig(vocab_size=len(vocabulary), num_labels=1, **shape)
    BertForSequenceClassification(config).eval().save_pretrained(folder)
