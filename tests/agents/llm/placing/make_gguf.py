"""Writes GGUF files with random weights in the shapes of real models, for llama.cpp to load and measure.

    python -m tests.agents.llm.placing.make_gguf llama out.gguf --layers 16 --vocabulary 128256 --type Q8_0

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; tensors of each architecture: llama.cpp's
src/models/*.cpp. The vocabulary is "none": tokens are numbers, which is enough to load, measure and decode.
"""

from __future__ import annotations

import argparse
import math
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.llm.gguf import TENSOR_TYPES

_NUMBER = {name: number for number, (name, _, _) in TENSOR_TYPES.items()}
_ALIGNMENT = 32


@dataclass
class Recipe:
    """Metadata and tensors of a model to be written."""

    architecture: str
    vocabulary: int
    type: str
    metadata: dict[str, Any] = field(default_factory=dict)
    tensors: list[tuple[str, tuple[int, ...], str]] = field(default_factory=list)

    def key(self, name: str, value: Any) -> None:
        self.metadata[f"{self.architecture}.{name}"] = value

    def matrix(self, name: str, *shape: int) -> None:
        self.tensors.append((f"{name}.weight", shape, self.type))

    def vector(self, name: str, *shape: int, suffix: str = ".weight") -> None:
        """Kept in full precision, as converters do with norms and small tables."""
        self.tensors.append((f"{name}{suffix}", shape, "F32"))


def llama(layers: int = 4, vocabulary: int = 4096, type: str = "Q8_0", width: int = 2048) -> Recipe:  # noqa: A002
    """Llama-3.2-1B at 16 layers and 128256 tokens: 32 heads, 8 of them for keys and values, tied embeddings."""
    recipe = _base("llama", layers, vocabulary, type, width, feed=width * 4, heads=width // 64, kv_heads=8)
    recipe.key("rope.dimension_count", 64)
    for i in range(layers):
        _attention(recipe, i, width, width // 64, 8, 64)
        _dense(recipe, i, width, width * 4)
    return recipe


def qwen3(layers: int = 6, vocabulary: int = 16384, type: str = "Q8_0") -> Recipe:  # noqa: A002
    """Qwen3-0.6B at 28 layers and 151936 tokens: heads wider than the model divided by their number."""
    recipe = _base("qwen3", layers, vocabulary, type, 1024, feed=3072, heads=16, kv_heads=8)
    _head(recipe, 128)
    for i in range(layers):
        _attention(recipe, i, 1024, 16, 8, 128, norms=True)
        _dense(recipe, i, 1024, 3072)
    return recipe


def gemma3(layers: int = 8, vocabulary: int = 16384, type: str = "Q8_0") -> Recipe:  # noqa: A002
    """Gemma-3-1B at 26 layers and 262144 tokens: five layers with a window of 512 to each with all of the context."""
    recipe = _base("gemma3", layers, vocabulary, type, 1152, feed=6912, heads=4, kv_heads=1)
    _head(recipe, 256)
    recipe.key("attention.sliding_window", 512)
    for i in range(layers):
        _attention(recipe, i, 1152, 4, 1, 256, norms=True)
        recipe.vector(f"blk.{i}.post_attention_norm", 1152)
        _dense(recipe, i, 1152, 6912)
        recipe.vector(f"blk.{i}.post_ffw_norm", 1152)
    return recipe


def qwen3moe(layers: int = 4, vocabulary: int = 8192, type: str = "Q8_0", experts: int = 16) -> Recipe:  # noqa: A002
    """Qwen3-30B-A3B's kind, small: a router and `experts` networks per block, four of them used."""
    recipe = _base("qwen3moe", layers, vocabulary, type, 1024, feed=3072, heads=16, kv_heads=16)
    _head(recipe, 128)
    _experts(recipe, experts, 4, 384)
    for i in range(layers):
        _attention(recipe, i, 1024, 16, 16, 128, norms=True)
        recipe.vector(f"blk.{i}.ffn_norm", 1024)
        _expert_tensors(recipe, i, 1024, 384, experts)
    return recipe


def deepseek2(layers: int = 4, vocabulary: int = 8192, type: str = "Q8_0") -> Recipe:  # noqa: A002
    """DeepSeek-V2/V3's attention at their real ranks (512 + 64): one compressed key per token, no values."""
    width, heads, rank, rope, nope, value = 1024, 16, 512, 64, 128, 128
    recipe = _base("deepseek2", layers, vocabulary, type, width, feed=2048, heads=heads, kv_heads=1)
    _experts(recipe, 8, 2, 256)
    for key, number in {
        "expert_shared_count": 1, "expert_gating_func": 2, "leading_dense_block_count": 1, "attention.q_lora_rank": 256,
        "attention.kv_lora_rank": rank, "attention.key_length": rank + rope, "attention.value_length": rank,
        "attention.key_length_mla": nope + rope, "attention.value_length_mla": value, "rope.dimension_count": rope,
    }.items():  # fmt: skip
        recipe.key(key, number)
    recipe.key("expert_weights_scale", 2.5)
    for i in range(layers):
        name = f"blk.{i}"
        recipe.vector(f"{name}.attn_norm", width)
        recipe.vector(f"{name}.attn_q_a_norm", 256)
        recipe.vector(f"{name}.attn_kv_a_norm", rank)
        recipe.matrix(f"{name}.attn_q_a", width, 256)
        recipe.matrix(f"{name}.attn_q_b", 256, heads * (nope + rope))
        recipe.matrix(f"{name}.attn_kv_a_mqa", width, rank + rope)
        recipe.matrix(f"{name}.attn_k_b", nope, rank, heads)
        recipe.matrix(f"{name}.attn_v_b", rank, value, heads)
        recipe.matrix(f"{name}.attn_output", heads * value, width)
        if i == 0:
            _dense(recipe, i, width, 2048)
            continue
        recipe.vector(f"{name}.ffn_norm", width)
        _expert_tensors(recipe, i, width, 256, 8)
        recipe.matrix(f"{name}.ffn_gate_shexp", width, 256)
        recipe.matrix(f"{name}.ffn_up_shexp", width, 256)
        recipe.matrix(f"{name}.ffn_down_shexp", 256, width)
    return recipe


def granitehybrid(layers: int = 8, vocabulary: int = 8192, type: str = "Q8_0") -> Recipe:  # noqa: A002
    """Granite-4.0-H's kind: every fourth layer attends, the others keep a Mamba-2 state."""
    width, inner, state, groups, rank = 768, 1536, 128, 1, 48
    attends = [i % 4 == 3 for i in range(layers)]
    recipe = _base("granitehybrid", layers, vocabulary, type, width, feed=2048, heads=12, kv_heads=4)
    recipe.key("attention.head_count_kv", [4 if a else 0 for a in attends])
    recipe.key("rope.dimension_count", 64)
    _states(recipe, 4, inner, state, rank, groups)
    for i in range(layers):
        name = f"blk.{i}"
        if attends[i]:
            _attention(recipe, i, width, 12, 4, 64)
        else:
            recipe.vector(f"{name}.attn_norm", width)
            recipe.matrix(f"{name}.ssm_in", width, 2 * inner + 2 * groups * state + rank)
            recipe.vector(f"{name}.ssm_conv1d", 4, inner + 2 * groups * state)
            recipe.vector(f"{name}.ssm_conv1d", inner + 2 * groups * state, suffix=".bias")
            recipe.vector(f"{name}.ssm_dt", rank, suffix=".bias")
            recipe.vector(f"{name}.ssm_a", 1, rank, suffix="")
            recipe.vector(f"{name}.ssm_d", 1, rank, suffix="")
            recipe.vector(f"{name}.ssm_norm", inner // groups, groups)
            recipe.matrix(f"{name}.ssm_out", inner, width)
        _dense(recipe, i, width, 2048)
    return recipe


def mamba(layers: int = 8, vocabulary: int = 8192, type: str = "Q8_0") -> Recipe:  # noqa: A002
    """Mamba-130m: no attention at all."""
    width, inner, state, rank = 768, 1536, 16, 48
    recipe = _base("mamba", layers, vocabulary, type, width, feed=0, heads=0, kv_heads=0)
    _states(recipe, 4, inner, state, rank, 0)
    for i in range(layers):
        name = f"blk.{i}"
        recipe.vector(f"{name}.attn_norm", width)
        recipe.matrix(f"{name}.ssm_in", width, 2 * inner)
        recipe.vector(f"{name}.ssm_conv1d", 4, inner)
        recipe.vector(f"{name}.ssm_conv1d", inner, suffix=".bias")
        recipe.matrix(f"{name}.ssm_x", inner, rank + 2 * state)
        recipe.vector(f"{name}.ssm_dt", rank, inner)
        recipe.vector(f"{name}.ssm_dt", inner, suffix=".bias")
        recipe.vector(f"{name}.ssm_a", state, inner, suffix="")
        recipe.vector(f"{name}.ssm_d", inner, suffix="")
        recipe.matrix(f"{name}.ssm_out", inner, width)
    return recipe


def qwen35(layers: int = 8, vocabulary: int = 8192, type: str = "Q8_0") -> Recipe:  # noqa: A002
    """Qwen3.5-0.8B's kind: three gated-delta-net layers to each that attends."""
    width, state, key_heads, value_heads = 1024, 128, 16, 16
    key, value = state * key_heads, state * value_heads
    recipe = _base("qwen35", layers, vocabulary, type, width, feed=3584, heads=8, kv_heads=2)
    _head(recipe, 256)
    recipe.key("rope.dimension_count", 64)
    recipe.key("rope.dimension_sections", [11, 11, 10, 0])
    recipe.key("full_attention_interval", 4)
    _states(recipe, 4, value, state, value_heads, key_heads)
    for i in range(layers):
        name = f"blk.{i}"
        recipe.vector(f"{name}.attn_norm", width)
        recipe.vector(f"{name}.post_attention_norm", width)
        if i % 4 == 3:
            recipe.matrix(f"{name}.attn_q", width, 256 * 8 * 2)
            recipe.matrix(f"{name}.attn_k", width, 512)
            recipe.matrix(f"{name}.attn_v", width, 512)
            recipe.matrix(f"{name}.attn_output", 256 * 8, width)
            recipe.vector(f"{name}.attn_q_norm", 256)
            recipe.vector(f"{name}.attn_k_norm", 256)
        else:
            recipe.matrix(f"{name}.attn_qkv", width, 2 * key + value)
            recipe.matrix(f"{name}.attn_gate", width, value)
            recipe.vector(f"{name}.ssm_conv1d", 4, 2 * key + value)
            recipe.vector(f"{name}.ssm_dt", value_heads, suffix=".bias")
            recipe.vector(f"{name}.ssm_a", value_heads, suffix="")
            recipe.matrix(f"{name}.ssm_beta", width, value_heads)
            recipe.matrix(f"{name}.ssm_alpha", width, value_heads)
            recipe.vector(f"{name}.ssm_norm", state)
            recipe.matrix(f"{name}.ssm_out", value, width)
        recipe.matrix(f"{name}.ffn_gate", width, 3584)
        recipe.matrix(f"{name}.ffn_up", width, 3584)
        recipe.matrix(f"{name}.ffn_down", 3584, width)
    return recipe


SHAPES: dict[str, Callable[..., Recipe]] = {
    shape.__name__: shape for shape in (llama, qwen3, gemma3, qwen3moe, deepseek2, granitehybrid, mamba, qwen35)
}


def _base(
    architecture: str, layers: int, vocabulary: int, kind: str, width: int, *, feed: int, heads: int, kv_heads: int
) -> Recipe:
    recipe = Recipe(architecture, vocabulary, kind)
    recipe.metadata = {
        "general.architecture": architecture,
        "general.name": f"random {architecture}",
        "general.license": "cc0-1.0",
        "tokenizer.ggml.model": "none",
    }
    for key, value in {
        "vocab_size": vocabulary, "context_length": 32768, "embedding_length": width, "block_count": layers,
        "feed_forward_length": feed, "attention.head_count": heads, "attention.head_count_kv": kv_heads,
        "attention.layer_norm_rms_epsilon": 1e-5,
    }.items():  # fmt: skip
        recipe.key(key, value)
    recipe.matrix("token_embd", width, vocabulary)
    recipe.vector("output_norm", width)
    return recipe


def _head(recipe: Recipe, length: int) -> None:
    recipe.key("attention.key_length", length)
    recipe.key("attention.value_length", length)


def _experts(recipe: Recipe, count: int, used: int, feed: int) -> None:
    recipe.key("expert_count", count)
    recipe.key("expert_used_count", used)
    recipe.key("expert_feed_forward_length", feed)


def _states(recipe: Recipe, kernel: int, inner: int, state: int, rank: int, groups: int) -> None:
    for key, value in {"conv_kernel": kernel, "inner_size": inner, "state_size": state, "time_step_rank": rank}.items():
        recipe.key(f"ssm.{key}", value)
    if groups:
        recipe.key("ssm.group_count", groups)


def _attention(recipe: Recipe, i: int, width: int, heads: int, kv: int, head: int, *, norms: bool = False) -> None:
    name = f"blk.{i}"
    recipe.vector(f"{name}.attn_norm", width)
    recipe.matrix(f"{name}.attn_q", width, heads * head)
    recipe.matrix(f"{name}.attn_k", width, kv * head)
    recipe.matrix(f"{name}.attn_v", width, kv * head)
    recipe.matrix(f"{name}.attn_output", heads * head, width)
    if norms:
        recipe.vector(f"{name}.attn_q_norm", head)
        recipe.vector(f"{name}.attn_k_norm", head)


def _dense(recipe: Recipe, i: int, width: int, feed: int) -> None:
    recipe.vector(f"blk.{i}.ffn_norm", width)
    recipe.matrix(f"blk.{i}.ffn_gate", width, feed)
    recipe.matrix(f"blk.{i}.ffn_up", width, feed)
    recipe.matrix(f"blk.{i}.ffn_down", feed, width)


def _expert_tensors(recipe: Recipe, i: int, width: int, feed: int, experts: int) -> None:
    recipe.vector(f"blk.{i}.ffn_gate_inp", width, experts)
    recipe.matrix(f"blk.{i}.ffn_gate_exps", width, feed, experts)
    recipe.matrix(f"blk.{i}.ffn_up_exps", width, feed, experts)
    recipe.matrix(f"blk.{i}.ffn_down_exps", feed, width, experts)


def write(recipe: Recipe, path: Path, *, parts: int = 1) -> Path:
    """The model at `path`; with `parts` > 1 as files `path-00001-of-0000N.gguf` beside it. Gives the first file."""
    if parts == 1:
        _write_file(recipe.metadata, recipe.tensors, path)
        return path
    share = math.ceil(len(recipe.tensors) / parts)
    paths = [path.with_name(f"{path.stem}-{n + 1:05d}-of-{parts:05d}.gguf") for n in range(parts)]
    for n, part in enumerate(paths):
        split = {"split.no": n, "split.count": parts, "split.tensors.count": len(recipe.tensors)}
        metadata = {**recipe.metadata, **split} if n == 0 else split
        _write_file(metadata, recipe.tensors[n * share : (n + 1) * share], part)
    return paths[0]


def _write_file(metadata: dict[str, Any], tensors: list[tuple[str, tuple[int, ...], str]], path: Path) -> None:
    header = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)))
    for key, value in metadata.items():
        header += _text(key) + _value(key, value)
    offset, sizes = 0, []
    for name, shape, kind in tensors:
        _, per_block, block_bytes = TENSOR_TYPES[_NUMBER[kind]]
        sizes.append(math.prod(shape) // per_block * block_bytes)
        header += _text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        header += struct.pack("<IQ", _NUMBER[kind], offset)
        offset += _padded(sizes[-1])
    header += bytes(_padded(len(header)) - len(header))
    with path.open("wb") as file:
        file.write(header)
        for (_, _, kind), size in zip(tensors, sizes, strict=True):
            pattern = _pattern(kind)
            for _ in range(size // len(pattern)):
                file.write(pattern)
            file.write(pattern[: size % len(pattern)])
            file.write(bytes(_padded(size) - size))


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(key: str, value: Any) -> bytes:
    """llama.cpp asks for exact types: split.* are 16-bit, counts unsigned."""
    if key in {"split.no", "split.count"}:
        return struct.pack("<IH", 2, value)
    if key == "split.tensors.count":
        return struct.pack("<Ii", 5, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, list):
        return struct.pack("<IIQ", 9, 5, len(value)) + struct.pack(f"<{len(value)}i", *value)
    return struct.pack("<II", 4, value)


_PATTERNS: dict[str, bytes] = {}


def _pattern(kind: str) -> bytes:
    """A stretch of random weights of this type, small enough that nothing overflows; repeated to fill a tensor."""
    if kind not in _PATTERNS:
        dice = random.Random(kind)
        if kind == "F32":
            made = struct.pack("<16384f", *(dice.gauss(0, 0.02) for _ in range(16384)))
        elif kind == "F16":
            made = struct.pack("<32768e", *(dice.gauss(0, 0.02) for _ in range(32768)))
        else:
            _, _, size = TENSOR_TYPES[_NUMBER[kind]]
            made = b"".join(struct.pack("<e", 0.0003) + dice.randbytes(size - 2) for _ in range(2048))
        _PATTERNS[kind] = made
    return _PATTERNS[kind]


def main() -> None:
    """Write one file from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("path", type=Path)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--vocabulary", type=int)
    parser.add_argument("--type", default="Q8_0", choices=["F16", "Q8_0", "Q4_0"])
    asked = parser.parse_args()
    options = {key: getattr(asked, key) for key in ("layers", "vocabulary") if getattr(asked, key)}
    print(write(SHAPES[asked.shape](type=asked.type, **options), asked.path))


if __name__ == "__main__":
    main()
