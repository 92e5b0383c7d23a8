"""`zhiku models plan` and `estimate`: what a model will take, and where its layers would go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.cells import cell_len

from agents.llm import gguf
from agents.llm.engine import adapters
from agents.llm.engine.loading import planner as planner_of
from agents.llm.names import Served, resolve
from agents.llm.placing import devices, shape
from agents.llm.placing.choice import Cache, FlashAttention, Wish, choose, reasons
from agents.llm.placing.plan import Device, Plan, Planner, layer_cache
from agents.llm.placing.plan import estimate as rule
from agents.llm.placing.shape import Shape
from agents.llm.use import Use
from ingest.cli.shell import Common, echo, emit
from ingest.errors import UsageError
from ingest.language import Text, say

_GIB = 2**30
_MODERATE = 8192
"""Tokens beside which the rule of thumb is put, unless the model was trained for fewer."""


def plan(
    options: Common,
    name: str,
    *,
    ctx: int | None = None,
    gpu_memory: tuple[float, ...] = (),
    gpu_layers: int | None = None,
    kv: Cache | None = None,
    flash_attention: FlashAttention | None = None,
    parallel: int | None = None,
    lora: tuple[str, ...] = (),
) -> int:
    """Weights, cache and compute buffers per device, as the application would load it: what is not given here comes
    from the settings. Raises `ModelError`, `UsageError`. Status 1: it does not fit."""
    path = _file(options, name)
    settings = options.settings()
    put_on = adapters.parse(",".join(lora) or settings.lora)
    planner = planner_of(path, put_on, apart=True)
    if gpu_memory:  # a bound is used for the compute buffers: llama.cpp can't be asked about what is not here
        sizes = [int(size * _GIB) for size in gpu_memory if size > 0]
        planner = replace(
            planner, devices=tuple(Device(f"GPU{i}", *[n] * 2) for i, n in enumerate(sizes)), measure=None
        )
    given: dict[str, Any] = {"context": ctx, "parallel": parallel, "cache": kv, "flash_attention": flash_attention}
    wish = replace(Wish.of(settings), **{name: value for name, value in given.items() if value})
    if gpu_layers is not None:
        wish = replace(wish, gpu_layers=gpu_layers)
    made = choose(planner, wish)
    if options.json:
        emit(_data(planner, made, path))
    else:
        _tell(planner.shape, made, reasons(planner.shape, wish, made))
        if not planner.devices and (cards := devices.nvidia()):
            cards_named = ", ".join(sorted(card.name for card in cards.values()))
            echo(
                en=f"There is a GPU here ({cards_named}), but this llama-cpp-python is built for the CPU only.",
                zh=f"本机有 GPU（{cards_named}），但当前 llama-cpp-python 仅支持 CPU。",
            )
    return 0 if made.fits else 1


def estimate(options: Common, name: str | None, *, params: float | None = None, bits: float | None = None) -> None:
    """The rule of thumb, and beside it the plan of a file at hand. Raises `ModelError`, `UsageError`."""
    if name is None:
        if params is None or bits is None:
            raise UsageError(
                Text("Give --params and --bits, or a file.", "请给出 --params 与 --bits，或一个模型文件。"),
                Text(
                    "For example: zhiku models estimate --params 7 --bits 4",
                    "例如：zhiku models estimate --params 7 --bits 4",
                ),
            )
        gigabytes = rule(params, bits)
        if options.json:
            emit({"params": params, "bits": bits, "gigabytes": round(gigabytes, 2)})
            return
        echo(
            en=f"About {gigabytes:.3g} GB for {params:g} billion parameters at {bits:g} bits each.",
            zh=f"{params * 10:g} 亿参数、每参数 {bits:g} 比特，约需 {gigabytes:.3g} GB。",
        )
        echo(
            en="A rule of thumb, M = P·4·1.2/(32/Q): a fifth over the weights, whatever the context. For a file"
            " at hand, `zhiku models plan FILE` adds up its tensors, its cache and the compute buffers.",
            zh="这是经验公式 M = P·4·1.2/(32/Q)：在权重之上加五分之一，与上下文长度无关。对于已有的文件，"
            "`zhiku models plan 文件` 会逐项累加其张量、缓存与计算缓冲区。",
        )
        return
    path = _file(options, name)
    model = shape.read(path)
    parameters = sum(part.parameters for part in shape.files(gguf.read(path)))
    params = params or parameters / 1e9
    bits = bits or model.file_bytes * 8 / parameters
    gigabytes = rule(params, bits)
    context = min(model.trained_context or _MODERATE, _MODERATE)
    exact = Planner(model, (), devices.free_memory()).place(0, 0, Use(context)).cpu
    data = {
        "params": round(params, 3), "bits": round(bits, 2), "gigabytes": round(gigabytes, 2),
        "planned_gigabytes": round(exact.needed / 1e9, 2), "context": context,
    }  # fmt: skip
    if options.json:
        emit(data)
        return
    echo(
        en=f"Rule of thumb: {gigabytes:.2f} GB ({params:.2f} billion parameters at {bits:.1f} bits, and a fifth).\n"
        f"This file with a context of {context:,}: {exact.needed / 1e9:.2f} GB = weights"
        f" {exact.weights / 1e9:.2f} + cache {exact.cache / 1e9:.2f} + compute up to {exact.compute / 1e9:.2f}.",
        zh=f"经验估计：{gigabytes:.2f} GB（参数 {params:.2f}×10⁹，每参数 {bits:.1f} 比特，再加五分之一）。\n"
        f"此文件在上下文 {context:,} 时：{exact.needed / 1e9:.2f} GB = 权重 {exact.weights / 1e9:.2f}"
        f" + 缓存 {exact.cache / 1e9:.2f} + 计算缓冲区至多 {exact.compute / 1e9:.2f}。",
    )


def _file(options: Common, name: str) -> Path:
    source = resolve(name, options.folder)
    if isinstance(source, Served):
        raise UsageError(
            Text(f"{name} is a server: its memory is its own.", f"{name} 是服务器，其内存不由本机规划。"),
            Text("Give a .gguf file.", "请给出 .gguf 文件。"),
        )
    return source.path


def _data(planner: Planner, made: Plan, path: Path) -> dict[str, Any]:
    model = planner.shape
    return {
        "model": model.name, "path": str(path), "architecture": model.architecture, "exact": model.exact,
        "context": made.use.cells, "parallel": made.use.parallel, "kv": made.use.cache,
        "flash_attention": made.use.flash_attention, "trained_context": model.trained_context,
        "gpu_layers": made.gpu_layers, "layers": made.layers, "experts_on_cpu": made.experts_on_cpu,
        "fits": made.fits, "largest_context": made.largest_context,
        "compute": "measured" if made.measured else "bound",
        "devices": [
            {"device": s.device, "layers": s.layers, "weights": s.weights, "cache": s.cache, "compute": s.compute,
             "needed": s.needed, "room": s.room, "fits": s.fits}
            for s in made.shares
        ],
        "blocks": [
            {"weights": layer.weights, "experts": layer.experts, "cache": layer_cache(model, i, made.use)}
            for i, layer in enumerate(model.layers)
        ],
        "input": model.input, "output": model.output, "tied": model.tied, "repacked": model.repacked,
        "gpus": [{"device": d.name, "free": d.free, "total": d.total, "margin": d.margin} for d in planner.devices],
    }  # fmt: skip


def _tell(model: Shape, made: Plan, why: Sequence[str]) -> None:
    head = [
        say("device", "设备"), say("layers", "层数"), say("weights", "权重"),
        say("cache", "缓存"), say("compute", "计算"), say("together", "合计"),
        say("room", "可用"),
    ]  # fmt: skip
    echo(
        en=f"{model.name} ({model.architecture}): context {made.use.cells:,} for {made.use.parallel}"
        f" conversation{'s' * (made.use.parallel != 1)}, cache {made.use.cache}; sizes in MiB",
        zh=f"{model.name}（{model.architecture}）：上下文 {made.use.cells:,}，{made.use.parallel} 路对话，"
        f"缓存 {made.use.cache}；单位 MiB",
    )
    rows = [head]
    for share in made.shares:
        sizes = (share.weights, share.cache, share.compute, share.needed, share.room)
        mark = "" if share.fits else say("  does not fit", "  放不下")
        cells = [f"{size / 2**20:,.0f}" for size in sizes]
        rows.append([share.device, str(share.layers), *cells[:-1], cells[-1] + mark])
    for row in rows:
        first = row[0] + " " * (10 - cell_len(row[0]))
        click.echo("  ".join([first, *(" " * (9 - cell_len(cell)) + cell for cell in row[1:])]))
    blocks = [layer.weights / 2**20 for layer in model.layers]
    if blocks:
        echo(
            en=f"{len(blocks)} blocks of {min(blocks):.1f} to {max(blocks):.1f} MiB each.",
            zh=f"{len(blocks)} 个块，每块 {min(blocks):.1f} 至 {max(blocks):.1f} MiB。",
        )
    if model.repacked and not made.gpu_layers:
        echo(
            en=f"Of the weights {model.repacked / 2**20:,.0f} MiB are copies arranged for this processor; as much of"
            " the file may leave memory again.",
            zh=f"权重中有 {model.repacked / 2**20:,.0f} MiB 是为本机处理器重排的副本；文件的相应部分可再被移出内存。",
        )
    for line in why:
        click.echo(line)
    _conclude(model, made)


def _conclude(model: Shape, made: Plan) -> None:
    if len(made.shares) > 1:
        aside = (
            say(
                f", the experts of {made.experts_on_cpu} blocks with the CPU",
                f"，其中 {made.experts_on_cpu} 个块的专家留在 CPU",
            )
            if made.experts_on_cpu
            else ""
        )
        echo(
            en=f"{made.gpu_layers} of {made.layers} layers on the GPU{aside}.",
            zh=f"{made.layers} 层中 {made.gpu_layers} 层放在 GPU{aside}。",
        )
    else:
        echo(en="No GPU: everything on the CPU.", zh="没有 GPU：全部在 CPU 上运行。")
    if made.largest_context:
        fits = say(
            f"Placed like this, a context of up to {made.largest_context:,} fits",
            f"按此安排，上下文最多可达 {made.largest_context:,}",
        )
        least = model.trained_context and made.largest_context >= model.trained_context // 256 * 256
        click.echo(fits + (say(" (all it was trained for).", "（即其训练长度）。") if least else say(".", "。")))
    else:
        echo(en="It does not fit, whatever the context.", zh="无论上下文多小都放不下。")
    click.echo(
        say("Compute buffers: as llama.cpp says.", "计算缓冲区：由 llama.cpp 给出。")
        if made.measured
        else say("Compute buffers: an upper bound.", "计算缓冲区：上限估计。")
    )
    if not model.exact:
        echo(
            en="This architecture keeps further caches that are not counted here.",
            zh="此架构还有此处未计入的其他缓存。",
        )
