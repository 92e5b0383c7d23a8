"""`zhiku models`: what is on this machine, what a file says about itself, and which one answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agents.cli.commands import settings_of
from ingest.cli.shell import emit
from ingest.language import say

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.cli.shell import Common


def list_models(options: Common) -> int:
    """The bundled model, the GGUF files in the home's `models` folder, and the one in use."""
    from agents.llm.names import BUNDLED, bundled_file, on_disk
    from ingest.errors import ModelError
    from ingest.settings import default_home

    home = options.home or default_home()
    chosen = settings_of(options).model
    found: dict[str, Path] = {}
    try:
        found[BUNDLED] = bundled_file()
    except ModelError as error:
        click.echo(str(error), err=True)
    found |= on_disk(home)
    rows = [_row(name, path, chosen) for name, path in found.items()]
    if not any(row["used"] for row in rows):
        rows.append({"name": chosen, "path": "", "used": True, "problem": "", **_EMPTY})
    if options.json:
        emit({"models": rows})
        return 0
    for row in rows:
        detail = row["problem"] or " · ".join(str(row[key]) for key in ("size", "quantisation", "context") if row[key])
        click.echo(f"{'*' if row['used'] else ' '} {row['name']:32} {detail}")
        if row["path"] and not options.quiet:
            click.echo(f"    {row['path']}")
    if not options.quiet:
        folder = home / "models"
        click.echo(
            say(
                en=f"\n* answers questions. Put GGUF files into {folder}, then `zhiku models use NAME`.",
                zh=f"\n* 为当前使用的模型。把 GGUF 文件放入 {folder}，再运行 `zhiku models use 名称`。",
            )
        )
    return 0


def show(options: Common, name: str) -> int:
    """What the header of a model's file says. Raises `ModelError`."""
    from agents.llm import gguf
    from agents.llm.names import Served, resolve
    from ingest.settings import default_home

    source = resolve(name, options.home or default_home())
    if isinstance(source, Served):
        data: dict[str, Any] = {"name": source.model or name, "url": source.url}
    else:
        header = gguf.read(source.path)
        data = {
            "name": header.name or source.name,
            "path": str(source.path),
            "bytes": source.path.stat().st_size,
            "architecture": header.architecture,
            "parameters": header.parameters,
            "quantisation": header.quantisation,
            "context": header.context_length,
            "layers": header.layers,
            "heads": header.heads,
            "kv_heads": header.kv_heads,
            "licence": header.licence,
            "chat_template": bool(header.template),
        }
    if options.json:
        emit(data)
        return 0
    for key, value in data.items():
        text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
        click.echo(f"{_label(key)}: {text}")
    return 0


def use(options: Common, name: str) -> int:
    """Write `model = name` into the settings file, everything else in it left as it is. Raises `ModelError` when
    there is no such model."""
    from agents.llm.names import OnDisk, resolve
    from agents.settings_file import set_value, settings_file

    source = resolve(name, options.home)
    if isinstance(source, OnDisk) and name != "bundled":
        from agents.llm import gguf

        gguf.read(source.path)
        if name not in {source.name, source.path.name}:
            name = str(source.path)
    path = settings_file(options.home, options.values.get("config"))
    set_value(path, "model", name)
    if options.json:
        emit({"model": name, "settings": str(path)})
    elif not options.quiet:
        click.echo(say(en=f"{name} answers from now on ({path}).", zh=f"今后由 {name} 回答（{path}）。"))
    return 0


_EMPTY = {"size": "", "quantisation": "", "context": ""}


def _row(name: str, path: Path, chosen: str) -> dict[str, Any]:
    from agents.llm import gguf
    from ingest.errors import ModelError

    row: dict[str, Any] = {
        "name": name,
        "path": str(path),
        "used": chosen in {name, str(path), path.name},
        "problem": "",
    }
    try:
        header = gguf.read(path)
    except (ModelError, OSError) as error:
        return {**row, **_EMPTY, "problem": str(error)}
    size = header.parameters
    billions = f"{size / 1e9:.1f}B" if size >= 1e9 else f"{size / 1e6:.0f}M"
    context = say(en=f"{header.context_length:,} tokens", zh=f"上下文 {header.context_length:,}")
    return {**row, "size": billions, "quantisation": header.quantisation, "context": context}


def _label(key: str) -> str:
    return {
        "name": say(en="name", zh="名称"),
        "url": say(en="server", zh="服务器"),
        "path": say(en="file", zh="文件"),
        "bytes": say(en="bytes", zh="字节数"),
        "architecture": say(en="architecture", zh="架构"),
        "parameters": say(en="parameters", zh="参数量"),
        "quantisation": say(en="quantisation", zh="量化"),
        "context": say(en="context", zh="上下文"),
        "layers": say(en="layers", zh="层数"),
        "heads": say(en="heads", zh="注意力头"),
        "kv_heads": say(en="KV heads", zh="KV 头"),
        "licence": say(en="licence", zh="许可证"),
        "chat_template": say(en="chat template", zh="对话模板"),
    }[key]
