"""What goes wrong with a language model, each with its hint."""

from __future__ import annotations

from ingest.errors import ModelError
from ingest.language import Text


class PromptTooLong(ModelError):
    """A prompt has more tokens than the context holds. Nothing was cut; the caller decides what to leave out."""

    def __init__(self, tokens: int, limit: int) -> None:
        """`tokens` of the prompt, `limit` of the context, room for at least one token of reply taken off."""
        self.tokens, self.limit = tokens, limit
        super().__init__(
            Text(
                f"The prompt has {tokens} tokens, the model's context holds {limit}.",
                f"提示词共有 {tokens} 个词元，而模型的上下文只容纳 {limit} 个。",
            ),
            Text(
                "Ask a shorter question, use fewer passages (k), or raise the setting 'context'.",
                "请缩短问题、减少段落数（k），或调大 context 设置。",
            ),
        )


def missing_file(path: object) -> ModelError:
    """The GGUF file is not there."""
    return ModelError(
        Text(f"There is no model file {path}.", f"没有模型文件 {path}。"),
        Text(
            "Check the path, or use the model 'bundled'; `zhiku models list` shows what is there.",
            "请检查路径，或使用 bundled 模型；`zhiku models list` 可列出已有的模型。",
        ),
    )


def not_gguf(path: object, why: Text) -> ModelError:
    """The file is no GGUF, or a broken one."""
    return ModelError(
        Text(f"{path} is not a usable GGUF model: {why.en}.", f"{path} 不是可用的 GGUF 模型：{why.zh}。"),
        Text(
            "Download the file again and compare its size with the one its page states.",
            "请重新下载该文件，并与下载页上标明的大小核对。",
        ),
    )


def cannot_load(path: object, log: str) -> ModelError:
    """llama.cpp refused the file; `log` is what it said."""
    lowered = log.lower()
    if "unknown model architecture" in lowered:
        name = log.rsplit("architecture:", 1)[-1].strip().strip("'\"").split("'")[0]
        return ModelError(
            Text(
                f"llama.cpp of this installation does not know the model architecture '{name}'.",
                f"本机安装的 llama.cpp 不支持模型架构 “{name}”。",
            ),
            Text(
                "Choose another model, or install a newer llama-cpp-python.",
                "请换一个模型，或安装更新版本的 llama-cpp-python。",
            ),
        )
    if any(
        word in lowered for word in ("out of memory", "failed to allocate", "unable to allocate", "cannot allocate")
    ):
        return out_of_memory(path)
    lines = log.strip().splitlines() or ["no reason was given"]
    line = next((line for line in lines if "error loading model" in line), lines[-1]).rstrip(". ")
    return not_gguf(path, Text(f"llama.cpp says: {line}", f"llama.cpp 的说明：{line}"))


def out_of_memory(path: object) -> ModelError:
    """Weights or context did not fit."""
    return ModelError(
        Text(f"There is not enough memory for {path}.", f"内存不足，无法载入 {path}。"),
        Text(
            "Use a smaller model or quantisation, a smaller 'context', or fewer 'gpu_layers'.",
            "请使用更小的模型或量化版本，或减小 context、gpu_layers 设置。",
        ),
    )


def cannot_quantise(cache: str, why: Text) -> ModelError:
    """The key/value cache can't be kept as `cache`."""
    return ModelError(
        Text(f"The cache can't be kept as {cache}: {why.en}.", f"缓存无法采用 {cache}：{why.zh}。"),
        Text(
            'Set kv = "f16" (or "auto"), or flash_attention = "auto".',
            '请设置 kv = "f16"（或 "auto"），或 flash_attention = "auto"。',
        ),
    )


def engine_failed(detail: str) -> ModelError:
    """llama.cpp failed in the middle of its work."""
    return ModelError(
        Text(f"The language model failed: {detail}.", f"语言模型出错：{detail}。"),
        Text(
            "Ask again; if it happens again, use a smaller 'context' or fewer 'gpu_layers'.",
            "请重试；若再次出现，请减小 context 或 gpu_layers 设置。",
        ),
    )
