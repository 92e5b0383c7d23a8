"""Models of transformers that read two texts at once, as ONNX graphs: rerankers, and verifiers of sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.graphs import write_graph, write_rest, writing
from ingest.language import Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


_LONGEST = 2048
"""Tokens read at once, whatever the model can: a passage or a window of sentences is far shorter."""


def window(config: Any, tokenizer: Any) -> int:  # noqa: ANN401 - transformers is untyped here
    """Tokens that tokenizer and positions of a model allow; RoBERTa's kind uses up two positions for its padding."""
    positions = int(getattr(config, "max_position_embeddings", 0) or _LONGEST)
    return min(_LONGEST, int(tokenizer.model_max_length), positions - 2 if positions % 64 == 2 else positions)


def takes_types(config: Any, tokenizer: Any) -> bool:  # noqa: ANN401
    """Whether a model tells the two texts apart by `token_type_ids`."""
    return "token_type_ids" in tokenizer.model_input_names and int(getattr(config, "type_vocab_size", 0) or 0) > 1


def write(
    model: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    meta: DataclassInstance,
    *,
    name: str,
    precision: str,
    otherwise: Text,
    to: Path,
) -> None:
    """Write graph, tokenizer and `meta` of the model called `name` into the new folder `to`; all or nothing. The graph gives
    logits, (batch, labels) or (batch, tokens, labels).

    Raises `ModelError` with the advice `otherwise` where it can't be exported, and where a package for it is missing.
    """
    types = takes_types(model.config, tokenizer)
    with writing(to, name, "onnx", otherwise) as beside:
        tokens = window(model.config, tokenizer)
        write_graph(_logits(model.float().eval()), tokens, "onnx", precision, beside, inputs=2 + types)
        write_rest(tokenizer, meta, beside)


def _logits(model: Any) -> Any:  # noqa: ANN401
    """The model as a module from its two or three inputs to its logits."""
    import torch

    class Logits(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:  # noqa: ANN401
            more = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            return self.model(input_ids=input_ids, attention_mask=attention_mask, **more).logits

    return Logits()
