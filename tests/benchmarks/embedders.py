"""Passages a second, tokens a second and recall of every embedding backend that is installed, in one run.

The sentence-transformers backends run where `E5_FOLDER` names a folder with multilingual-e5-small.
"""

from __future__ import annotations

import json
import time

import numpy as np

from ingest.embedders import Embedder
from ingest.embedders.factory import create
from ingest.errors import ZhikuError
from ingest.settings import Settings
from tests.benchmarks.runs import E5, SETS

XQUAD = SETS / "xquad-zh-en"
KINDS = [
    ("torch", "float32"),
    ("onnx", "int8"),
    ("openvino", "int8"),
]


def own_set(size: int) -> tuple[list[str], list[tuple[str, int]]]:
    """Passages about numbered rules of a made-up handbook, and a question for each."""
    themes = ["年假", "差旅报销", "加班", "信息安全", "培训", "设备借用", "会议室", "保险"]
    places = ["北京", "上海", "广州", "成都", "武汉"]
    pairs = [(theme, place) for theme in themes for place in places][:size]
    filler = "本条由人力资源部负责解释，各部门应当遵照执行，并在每季度末汇总执行情况。"
    passages = [
        f"{place}办公室关于{theme}的规定：员工须提前{n + 2}天提出申请，由直接主管批准。" + filler * 4
        for n, (theme, place) in enumerate(pairs)
    ]
    return passages, [(f"在{place}，{theme}要提前几天申请？", n) for n, (theme, place) in enumerate(pairs)]


def xquad(size: int) -> tuple[list[str], list[tuple[str, int]]]:
    """The first Chinese paragraphs of XQuAD and the Chinese questions about them."""
    files = sorted((XQUAD / "corpus").glob("zh-*.txt"))[:size]
    place = {file.name: n for n, file in enumerate(files)}
    records = map(json.loads, (XQUAD / "questions.jsonl").read_text("utf-8").splitlines())
    questions = [
        (record["question"], place[record["documents"][0]])
        for record in records
        if record["direction"] == "zh->zh" and record["documents"][0] in place
    ]
    return [file.read_text("utf-8") for file in files], questions


def measured(embedder: Embedder, passages: list[str], questions: list[tuple[str, int]]) -> str:
    """One row's figures."""
    tokens = sum(map(embedder.count_tokens, passages))
    begun = time.perf_counter()
    vectors = embedder.embed_passages(passages)
    seconds = time.perf_counter() - begun
    queries = np.stack([embedder.embed_query(question) for question, _ in questions])
    order = np.argsort(-(queries @ vectors.T), axis=1)
    gold = np.array([place for _, place in questions])[:, None]
    first, five = ((order[:, :k] == gold).any(axis=1).mean() for k in (1, 5))
    return f"{len(passages) / seconds:.1f} | {tokens / seconds:.0f} | {first:.3f} | {five:.3f}"


def run() -> str:
    """A Markdown table; backends that can't run are named with the reason."""
    size = 20
    sets = {"own": own_set(min(size, 40))}
    if XQUAD.is_dir():
        sets["xquad zh"] = xquad(size)
    candidates = [("bundled", Settings())]
    if E5:
        candidates += [
            (f"{backend} {precision}", Settings(embedder=E5, embedder_backend=backend, embedder_precision=precision))
            for backend, precision in KINDS
        ]
    rows = [
        "## Embedding\n",
        "| embedder | load s | set | passages/s | tokens/s | recall@1 | recall@5 |",
        "|---|---|---|---|---|---|---|",
    ]
    for label, settings in candidates:
        try:
            begun = time.perf_counter()
            embedder = create(settings)
            embedder.embed_query("warm up")
            load = time.perf_counter() - begun
        except ZhikuError as error:
            rows.append(f"| {label} | – | {error.message} | | | | |")
            continue
        rows += [f"| {label} | {load:.1f} | {name} | {measured(embedder, *data)} |" for name, data in sets.items()]
    if not E5:
        rows.append("\nSet E5_FOLDER to a folder with multilingual-e5-small to compare the other backends.")
    return "\n".join(rows)
