"""`zhiku models`: what a model file says about itself. What is on this machine: `models_stock`."""

from __future__ import annotations

from typing import Any

import click

from agents.llm import gguf
from agents.llm.calls import family_of
from agents.llm.names import Served, resolve
from agents.llm.placing.shape import files
from ingest.cli.shell import Common, emit
from ingest.language import say


def show(options: Common, name: str) -> None:
    """What the header of a model's file says. Raises `ModelError`."""
    source = resolve(name, options.folder)
    if isinstance(source, Served):
        data: dict[str, Any] = {"name": source.model or name, "url": source.url}
    else:
        header = gguf.read(source.path)
        parts = files(header)
        data = {
            "name": header.name or source.name,
            "path": str(source.path),
            "files": len(parts),
            "bytes": sum(part.file_bytes for part in parts),
            "architecture": header.architecture,
            "parameters": sum(part.parameters for part in parts),
            "quantisation": header.quantisation,
            "context": header.context_length,
            "layers": header.layers,
            "heads": header.heads,
            "kv_heads": header.kv_heads,
            "licence": header.licence,
            "chat_template": bool(header.template),
            "tool_calls": tool_family(header.template),
        }
    if options.json:
        emit(data)
        return
    for key, value in data.items():
        click.echo(f"{_label(key)}: {_told(value)}")


def _told(value: object) -> str:
    if isinstance(value, bool):
        return say("yes", "有") if value else say("no", "无")
    if isinstance(value, int):
        return f"{value:,}"
    return str(value) or say("none stated", "未说明")


def tool_family(template: str) -> str:
    """How the model calls tools, by its template; '' when it was not made for it."""
    family = family_of(template)
    return family.name if family else ""


def _label(key: str) -> str:
    return {
        "name": say("name", "名称"),
        "url": say("server", "服务器"),
        "path": say("file", "文件"),
        "files": say("files", "文件数"),
        "bytes": say("bytes", "字节数"),
        "architecture": say("architecture", "架构"),
        "parameters": say("parameters", "参数量"),
        "quantisation": say("quantisation", "量化"),
        "context": say("context", "上下文"),
        "layers": say("layers", "层数"),
        "heads": say("heads", "注意力头"),
        "kv_heads": say("KV heads", "KV 头"),
        "licence": say("licence", "许可证"),
        "chat_template": say("chat template", "对话模板"),
        "tool_calls": say("tool calls", "工具调用"),
    }[key]
