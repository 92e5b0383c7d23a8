"""What a GGUF file is for, from its header alone: Ollama and LM Studio keep embedders and adapters beside chat models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from agents.llm.gguf import Gguf

_ENCODERS = frozenset(
    {"bert", "modern-bert", "neo-bert", "eurobert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3"}
    | {"gemma-embedding", "t5encoder", "clip", "wavtokenizer-dec"}
)
"""Architectures that write no text, as llama.cpp's llama-arch.cpp names them."""


def purpose(header: Gguf) -> Text | None:
    """What else than a language model that writes text the file is; None when it is one."""
    stated = str(header.metadata.get("general.type", "model"))
    if stated == "adapter":
        return Text(en="an adapter (LoRA) for another model", zh="用于其他模型的适配器（LoRA）")
    if stated != "model":
        return Text(en=f"a file of the kind '{stated}'", zh=f"“{stated}” 类型的文件")
    if header.architecture in _ENCODERS or header.metadata.get(f"{header.architecture}.pooling_type"):
        return Text(en="an embedding model, which writes no text", zh="向量模型，不能生成文字")
    return None


def check_writes(header: Gguf) -> None:
    """Raise `ModelError` for a file that can't answer."""
    other = purpose(header)
    if other:
        raise ModelError(
            Text(en=f"{header.name} is {other.en}.", zh=f"{header.name} 是{other.zh}。"),
            Text(en="Choose an instruction-tuned language model.", zh="请选择经过指令微调的语言模型。"),
        )
