"""A model as the planner sees it: bytes of weights by place, and what each layer remembers per token or per sequence.

Only the header is read. Which tensor goes where, and which layers keep what, follows llama.cpp as bundled with
llama-cpp-python 0.3.36: src/llama-model.cpp (load_tensors, create_memory), src/llama-hparams.cpp (n_embd_r, n_embd_s,
set_swa_pattern) and src/models/*.cpp.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.llm import gguf

_BLOCK = re.compile(r"^blk\.(\d+)\.")
_EXPERTS = re.compile(r"\.ffn_(?:gate|up|down|gate_up)_(?:ch)?exps\b")
_INPUT = ("token_embd", "token_types", "position_embd", "per_layer_token_embd")
"""Looked up by row, so llama.cpp never moves them to a GPU."""
_WINDOW_PATTERN = {
    "gemma2": 2, "gpt-oss": 2, "gemma3n": 5, "gemma3": 6, "cohere2": 4, "olmo2": 4, "exaone4": 4, "exaone-moe": 4,
    "llama4": 4, "afmoe": 4, "mellum": 4, "plamo3": 8, "smallthinker": -4, "cohere2moe": -4, "laguna": -4,
}  # fmt: skip
"""Every n-th layer attends to everything: the last of n, or (negative) the first; load_swa_pattern in src/models."""
_RECURRENT = {"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"}
_ATTENTION_EVERY = {"qwen35": 4, "qwen35moe": 4, "qwen3next": 4, "qwen4exp": 4, "minimax-01": 8}
_INDEXED = {"deepseek32", "glm-dsa", "glm5-next", "dots3note", "minimax-m3", "hy-v4", "deepseek4", "qwen4exp"}
"""Keep caches of a further kind that this planner does not know exactly."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One block."""

    weights: int
    """Bytes, experts included."""
    experts: int
    """Bytes of its experts, which may stay with the CPU."""
    keys: int
    """Numbers kept per token for attention: head_count_kv · key_length (MLA: kv_lora_rank + rope dimensions)."""
    values: int
    windowed: bool
    """Attends to the last tokens only."""
    state: int
    """Numbers (f32) kept per sequence, whatever its length."""


@dataclass(frozen=True, slots=True)
class Shape:
    """All that a plan is computed from. Sizes in bytes."""

    name: str
    architecture: str
    layers: tuple[Layer, ...]
    input: int
    """Token embeddings and their kin, always with the CPU."""
    output: int
    """Last norm and output matrix."""
    tied: int
    """Token embeddings that serve as output matrix too: on a GPU they are there once more. 0 when they do not."""
    file_bytes: int
    """Weights in all files together."""
    trained_context: int
    vocabulary: int
    width: int
    feed: int
    """Numbers per token between the two halves of the widest feed-forward network, experts in use together."""
    attention: int
    """Numbers per token of queries and results of attention."""
    recurrence: int
    """Numbers per token inside the widest recurrent layer."""
    repacked: int
    """With everything on the CPU llama.cpp arranges some matrices anew for the processor and keeps both: this much
    more. (The file's pages may be dropped again by the system.)"""
    heads: int = 0
    """Attention heads of the widest layer."""
    exact: bool = True
    """False for architectures with caches that are not modelled here."""

    @property
    def moe(self) -> bool:
        """Whether it has experts that can be kept apart."""
        return any(layer.experts for layer in self.layers)


def read(path: Path) -> Shape:
    """The shape of the model at `path`, with all of its files when it is split. Raises `ModelError`."""
    header, *parts = files(gguf.read(path))
    return of(header, parts, repacks=repacked_types())


def files(header: gguf.Gguf) -> list[gguf.Gguf]:
    """The headers of all files of the model that begins with `header`. Raises `ModelError` when one is missing."""
    return [header, *(gguf.read(part) for part in gguf.parts(header)[1:])]


def of(
    header: gguf.Gguf,
    parts: Sequence[gguf.Gguf] = (),
    adapters: Sequence[gguf.Gguf] = (),
    *,
    repacks: frozenset[str] = frozenset(),
) -> Shape:
    """The same from headers already read; `parts` are the further files of a split model, LoRA `adapters` are added where
    the matrices they change are, `repacks` are the types of matrices that are arranged anew on the CPU."""
    total = header.layers
    trunk = total - header.number("nextn_predict_layers")
    blocks, experts = [0] * total, [0] * total
    ends = {"input": 0, "output": 0}
    embeddings = vocabulary = repacked = looked_up = 0
    has_output = False
    for tensor in (t for file in (header, *parts, *adapters) for t in file.tensors):
        # Tensors begin at multiples of 32 bytes in memory too (ggml's TENSOR_ALIGNMENT).
        size = -(-(tensor.bytes if tensor.bytes is not None else tensor.weights) // 32) * 32
        again = size if _repacks(tensor, repacks) else 0
        if found := _BLOCK.match(tensor.name):
            index = int(found[1])
            if index >= trunk:
                continue  # draft layers: not loaded unless asked for
            blocks[index] += size
            experts[index] += size if _EXPERTS.search(tensor.name) else 0
            repacked += again
            continue
        ends["input" if tensor.name.startswith(_INPUT) else "output"] += size
        has_output = has_output or tensor.name == "output.weight"
        if tensor.name == "token_embd.weight":
            embeddings, vocabulary, looked_up = size, tensor.shape[-1], again
        elif tensor.name == "output.weight":
            repacked += again
    rules = _rules(header, total, trunk)
    layers = tuple(Layer(blocks[i], experts[i], *rules[i]) for i in range(total))
    heads = header.heads
    width = header.number("embedding_length")
    key, value = _head_lengths(header, windowed=False)
    mla = header.number("attention.key_length_mla") > 0
    inner, state, groups = (header.number(f"ssm.{key}") for key in ("inner_size", "state_size", "group_count"))
    used, expert_feed = header.number("expert_used_count"), header.number("expert_feed_forward_length")
    return Shape(
        name=header.name,
        architecture=header.architecture,
        layers=layers,
        input=ends["input"],
        output=ends["output"],
        tied=0 if has_output else embeddings,
        file_bytes=sum(blocks) + ends["input"] + ends["output"],
        trained_context=header.context_length,
        vocabulary=vocabulary,
        width=width,
        feed=max(3 * header.number("feed_forward_length"), used * (3 * expert_feed + 2 * width)),
        attention=heads * 2 * (key + value) if mla else heads * (key + value) + header.kv_heads * (key + value),
        recurrence=6 * inner + 4 * groups * state,
        repacked=repacked + (0 if has_output else looked_up),
        heads=heads,
        exact=header.architecture not in _INDEXED,
    )


def repacked_types() -> frozenset[str]:
    """Types that ggml_repack_get_optimal_repack_type (ggml-cpu/repack.cpp) has a kernel for on this processor."""
    if platform.machine().lower() in {"x86_64", "amd64"}:
        from agents.llm.native import library

        return frozenset(
            {"Q4_0", "Q4_K", "IQ4_NL", "MXFP4"}
            | ({"Q2_K"} if b"AVX512 = 1" in library().llama_print_system_info() else set())
        )
    return frozenset({"Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "MXFP4", "Q8_0"})


def _repacks(tensor: gguf.Tensor, types: frozenset[str]) -> bool:
    """Matrices of eight rows or more at a time: two dimensions, or experts' three."""
    if gguf.TENSOR_TYPES.get(tensor.type, ("",))[0] not in types or len(tensor.shape) < 2 or tensor.shape[1] % 8:
        return False
    return tensor.name.endswith(".weight") and (len(tensor.shape) == 2 or bool(_EXPERTS.search(tensor.name)))


def _per_layer(header: gguf.Gguf, key: str, total: int, default: int = 0) -> list[int]:
    value = header.get(key)
    if isinstance(value, tuple) and len(value) >= total and all(isinstance(one, int) for one in value):
        return [max(one, 0) for one in value[:total]]
    return [header.number(key, default)] * total


def _head_lengths(header: gguf.Gguf, *, windowed: bool) -> tuple[int, int]:
    """Numbers per head of a key and of a value, as llama.cpp takes them when they are missing."""
    plain = header.number("embedding_length") // header.heads if header.heads else 0
    key, value = header.number("attention.key_length", plain), header.number("attention.value_length", plain)
    if windowed:
        return header.number("attention.key_length_swa", key), header.number("attention.value_length_swa", value)
    return key, value


def _rules(header: gguf.Gguf, total: int, trunk: int) -> list[tuple[int, int, bool, int]]:
    """Per layer: numbers of keys and values per token, whether windowed, numbers of state per sequence."""
    heads = header.number("attention.head_count")
    kv_heads = _per_layer(header, "attention.head_count_kv", total, heads)
    windowed, recurrent = _windowed(header, total), _recurrent(header, total, trunk, kv_heads)
    state = _state(header) if any(recurrent) else 0
    mla = header.number("attention.key_length_mla") > 0
    with_cache = total - header.number("attention.shared_kv_layers")
    if header.architecture == "gemma3n":
        with_cache = min(total, 20)  # n_layer_kv_from_start in src/models/gemma3n.cpp
    rules = []
    for i in range(total):
        key, value = _head_lengths(header, windowed=windowed[i])
        attends = i < min(trunk, with_cache) and (not recurrent[i] or header.architecture == "falcon-h1")
        rules.append(
            (
                kv_heads[i] * key if attends else 0,
                kv_heads[i] * value if attends and not mla else 0,
                windowed[i],
                state if recurrent[i] else 0,
            )
        )
    return rules


def _windowed(header: gguf.Gguf, total: int) -> list[bool]:
    pattern = header.get("attention.sliding_window_pattern")
    size = header.number("attention.sliding_window")
    known = header.architecture in _WINDOW_PATTERN
    if not (size or header.architecture == "llama4"):
        return [False] * total
    if isinstance(pattern, tuple) and len(pattern) >= total:
        return [bool(p) for p in pattern[:total]]
    if header.architecture == "lfm2":
        return [True] * total
    if not known:
        return [False] * total
    every = _WINDOW_PATTERN[header.architecture]
    first, every = every < 0, pattern if isinstance(pattern, int) and pattern > 0 else abs(every)
    return [i % every != (0 if first else every - 1) for i in range(total)]


def _recurrent(header: gguf.Gguf, total: int, trunk: int, kv_heads: list[int]) -> list[bool]:
    if header.architecture in {*_RECURRENT, "falcon-h1"}:
        return [True] * total
    if header.architecture in _ATTENTION_EVERY:
        stated = header.get("attention.recurrent_layers")
        if isinstance(stated, tuple) and len(stated) >= total:
            return [bool(one) for one in stated[:total]]
        every = header.number("full_attention_interval", _ATTENTION_EVERY[header.architecture]) or 1
        return [i < trunk and (i + 1) % every != 0 for i in range(total)]
    if not any(header.get(key) for key in ("ssm.inner_size", "ssm.conv_kernel", "shortconv.l_cache", "kda.head_dim")):
        return [False] * total
    feeds = _per_layer(header, "feed_forward_length", total)
    only = header.architecture.startswith("nemotron_h")  # there a layer is one of three: state, attention, feed-forward
    return [kv_heads[i] == 0 and (not only or feeds[i] == 0) and i < trunk for i in range(total)]


def _state(header: gguf.Gguf) -> int:
    """n_embd_r + n_embd_s of src/llama-hparams.cpp: the convolution's tail and the state."""
    width, heads = header.number("embedding_length"), header.number("attention.head_count")
    if size := header.number("wkv.head_size"):
        return header.number("token_shift_count", 2) * width + width * size
    if cached := header.number("shortconv.l_cache"):
        return width * (cached - 1)
    kernel = header.number("ssm.conv_kernel")
    if head := header.number("kda.head_dim"):
        return 3 * ((kernel or 4) - 1) * heads * head + head * head * heads
    inner, state, groups = (header.number(f"ssm.{key}") for key in ("inner_size", "state_size", "group_count"))
    return max(kernel - 1, 0) * (inner + 2 * groups * state) + state * inner
