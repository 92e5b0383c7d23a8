"""Writes a sentence-transformers model (transformer, pooling, normalisation) as one graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.embedders.models import load
from ingest.embedders.prompts import Prompts, prompts_for
from ingest.embedders.sentence_transformers import LONGEST
from ingest.graphs import write_graph, write_rest, writing
from ingest.language import Text


@dataclass(frozen=True, slots=True)
class Meta:
    """What running an exported model needs to know besides its graph and tokenizer."""

    dimensions: int
    window: int
    """Tokens the model reads, special tokens included."""
    pad_id: int
    pad_token: str
    query_prompt: str
    passage_prompt: str


def export(name: str, folder: Path | None, backend: str, precision: str, to: Path) -> None:
    """Write graph, tokenizer and meta data into the new folder `to`; all or nothing.

    Raises `ModelError` where the model can't be loaded, can't be exported, or a package for it is missing.
    """
    model = load(name, folder, device="cpu", model_kwargs={"attn_implementation": "sdpa"})
    tokenizer = model.tokenizer
    prompts = prompts_for(name, model.prompts, model.default_prompt_name, Prompts())
    meta = Meta(
        dimensions=int(model.get_embedding_dimension()),
        window=min(model.max_seq_length or LONGEST, LONGEST),
        pad_id=int(tokenizer.pad_token_id or 0),
        pad_token=str(tokenizer.pad_token or "[PAD]"),
        query_prompt=prompts.query,
        passage_prompt=prompts.passage,
    )
    otherwise = Text(
        'Set embedder_backend = "torch": it runs every model.', '请设置 embedder_backend = "torch"：它支持所有模型。'
    )
    with writing(to, name, backend, otherwise) as beside:
        write_graph(_whole(model.float().eval()), meta.window, backend, precision, beside)
        write_rest(tokenizer, meta, beside)


def _whole(model: Any) -> Any:  # noqa: ANN401 - torch is untyped here
    """The model as a module from (input_ids, attention_mask), both (batch, tokens) int64, to (batch, dimensions)."""
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401
            return self.model({"input_ids": input_ids, "attention_mask": attention_mask})["sentence_embedding"]

    return Whole()
