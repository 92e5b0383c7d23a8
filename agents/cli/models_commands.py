"""The tree of `zhiku models`: what each command takes, and which function does it."""

from __future__ import annotations

import click

from ingest.cli.door import command, flag, group, option


def models_group() -> click.Group:
    """`zhiku models`."""
    return group(
        "models",
        "Language models: list, show, plan, pull, use.",
        "语言模型：列出、查看、规划、下载、选用。",
        command("list", "The models found on this machine.", "本机上的模型。", "agents.cli.models_stock:list_models"),
        command("show NAME", "What a model file says about itself.", "模型文件的信息。", "agents.cli.models:show"),
        command(
            "plan NAME",
            "What a model will take, and how many layers to put on the GPU.",
            "模型需要多少内存，GPU 上放多少层。",
            "agents.cli.models_plan:plan",
            option("--ctx N", "Context in tokens.", "上下文长度。"),
            option(
                "--gpu-memory GB",
                "Plan for a GPU with this much; again for each.",
                "按此大小的 GPU 规划；每块 GPU 写一次。",
                type=click.FloatRange(0),
                multiple=True,
            ),
            gpu_layers(),
            option("--kv auto|f16|q8_0|q4_0", "Type of the cache [auto].", "缓存类型 [auto]。"),
            option("--flash-attention auto|on|off", "Flash attention [auto].", "是否使用 flash attention [auto]。"),
            option(
                "--parallel N", "Conversations at a time [4].", "同时进行的对话数 [4]。", type=click.IntRange(1, 256)
            ),
            lora(),
        ),
        command(
            "estimate [NAME]",
            "Rule of thumb for a model not downloaded yet; with a file, compared with its plan.",
            "未下载模型的经验估计；给出文件时与其规划比较。",
            "agents.cli.models_plan:estimate",
            option(
                "--params N", "Billions of parameters.", "参数量，单位十亿。", type=click.FloatRange(0, min_open=True)
            ),
            option("--bits N", "Bits per parameter.", "每参数比特数。", type=click.FloatRange(0, 64, min_open=True)),
        ),
        command(
            "pull NAME",
            "Fetch a model, OWNER/REPO[:QUANTISATION], from a hub; 'recommended' is the best one for this machine."
            " HF_ENDPOINT names a mirror, HF_TOKEN opens private models.",
            "从模型站点下载模型 OWNER/REPO[:量化版本]；“recommended” 为最适合本机的模型。"
            "HF_ENDPOINT 可指定镜像，HF_TOKEN 用于私有模型。",
            "agents.cli.models_stock:pull",
            option(
                "--from source hf|modelscope|auto",
                "Hugging Face [hf], ModelScope, or whichever answers first.",
                "Hugging Face [hf]、魔搭 ModelScope，或最先应答的站点。",
                default="hf",
            ),
            flag("--yes", "Do not ask.", "不再询问。"),
        ),
        command(
            "use NAME",
            "Choose the model that answers.",
            "选择用来回答的模型。",
            "agents.cli.models_stock:use",
            lora(),
            option(
                "--probe/--no-probe probe",
                "See whether it can judge sentences [on a terminal, once per file].",
                "试用它判断句子的能力 [在终端中，每个文件一次]。",
                default=None,
            ),
        ),
    )


def gpu_layers() -> click.Option:
    """`--gpu-layers N`."""
    return option(
        "--gpu-layers N",
        "Layers on the GPU instead of all that fit.",
        "指定 GPU 层数，而非尽量多放。",
        type=click.IntRange(0),
    )


def lora() -> click.Option:
    """`--lora FILE`, again for each."""
    return option(
        "--lora FILE[:SCALE]",
        "A LoRA adapter to put on the model; again for each.",
        "为模型附加 LoRA 适配器；每个写一次。",
        multiple=True,
    )
