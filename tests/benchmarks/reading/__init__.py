"""Awkward files of every kind, made on the spot, read by our loaders and by others; and how fast text and scans are read.

Others are asked in an interpreter that `READING_PEERS` names (`pip install "markitdown[all]" langchain-community docx2txt
pypdf unstructured docling`); the table says which are absent. The kinds are those that public reports of document tools
describe; each file has facts that must stand in the text, and some that would be false.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ingest.errors import ZhikuError
from ingest.loaders import load
from tests.benchmarks.reading import office, pdfs, texts
from tests.benchmarks.reading.cases import Case, Reading
from tests.ingest.loaders.pdf_drawing import Drawn, save

CASES: tuple[Case, ...] = (*pdfs.CASES, *office.CASES, *texts.CASES)
PEERS = ("markitdown", "docling", "LangChain")
ELSEWHERE = "A3, A11 (answers), C5 (hits) and C9 (names) are no matter of reading; tests of `agents.proof` and `ingest` hold them."
SECONDS = 600
PAGES = 300


def ours(path: Path) -> Reading:
    """By `ingest.loaders`, pictures of text left alone."""
    try:
        parsed = load(path)
    except ZhikuError as error:
        return Reading("", refused=str(error))
    documents = (parsed, *(one.parsed for one in parsed.attached))
    return Reading("\n\n".join(page.text for one in documents for page in one.pages), parsed.notes)


def theirs(reader: str, files: Sequence[Path]) -> tuple[list[Reading], str]:
    """What another reader makes of the files, or why it was not asked."""
    python = os.environ.get("READING_PEERS", "")
    if not python:
        return [], "READING_PEERS names no interpreter"
    asked = json.dumps({"reader": reader, "files": list(map(str, files))})
    done = subprocess.run(
        [python, str(Path(__file__).with_name("peers.py"))],
        input=asked,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        check=False,
    )
    answers = [json.loads(one) for one in done.stdout.splitlines()]
    if answers and "absent" in answers[0]:
        return [], answers[0]["absent"]
    if len(answers) != len(files):
        return [], (done.stderr.strip().splitlines() or ["it ended"])[-1]
    return [
        Reading(one.get("text", ""), refused=one.get("refused", ""), lacks=one.get("lacks", "")) for one in answers
    ], ""


def run() -> str:
    """Markdown tables."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for n, case in enumerate(CASES):
            place = Path(folder) / str(n)
            place.mkdir()
            files.append(case.make(place))
        outcomes = {"ours": [case.judged(ours(path)) for case, path in zip(CASES, files, strict=True)]}
        absent = []
        for peer in PEERS:
            readings, why = theirs(peer, files)
            if why:
                absent.append(f"{peer} was not asked: {why}.")
            else:
                outcomes[peer] = [case.judged(one) for case, one in zip(CASES, readings, strict=True)]
    rows = [f"| kind | file | {' | '.join(outcomes)} |", f"|---|---|{'---|' * len(outcomes)}"]
    rows += [
        f"| {case.kind} | {case.name} | {' | '.join(one[n] for one in outcomes.values())} |"
        for n, case in enumerate(CASES)
    ]
    counts = {name: Counter(one) for name, one in outcomes.items()}
    rows += [
        f"| | **{what}** | {' | '.join(str(counts[name][what]) for name in outcomes)} |"
        for what in ("right", "said", "lost", "wrong", "–")
    ]
    legend = (
        "right: every fact stands there; said: something was not read, and a note or an error says so; lost: something is "
        f"missing without a word; wrong: something false stands there; –: the reader wants a model or a program that is not here. "
        f"Rows count for others that put a whole table on one line. {ELSEWHERE} {' '.join(absent)}"
    )
    return "## Reading\n\n" + "\n".join([*rows, "", legend, "", _apart()])


def _apart() -> str:
    """`_pace` of a process that has read nothing else, so that the memory is its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_pace).result()


def _pace() -> str:
    """Pages a second of a text PDF, and of scans where recognition is installed; peak memory of this process."""
    lines = pdfs.COLUMNS[0] + pdfs.COLUMNS[1]
    pages = [Drawn() for _ in range(PAGES)]
    for number, page in enumerate(pages):
        for n in range(40):
            page.at(60, 780 - 17 * n, f"{number}.{n} {lines[(number + n) % len(lines)]} {lines[n % len(lines)]}")
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder) / "long.pdf", pages)
        load(path)
        begun = time.process_time()
        load(path)
        text = PAGES / (time.process_time() - begun)
        scanned = _scans(Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"Text PDF: {text:,.0f} pages a second of processor time. {scanned} Peak memory: {peak:,.0f} MB."


def _scans(folder: Path) -> str:
    from ingest.recognition import Recognition, opened
    from ingest.recognition.options import installed
    from tests.benchmarks import scans

    if not installed():
        return "Scans: the extra 'ocr' is not installed."
    recogniser = opened(Recognition())
    path = folder / "scan.pdf"
    scans.as_pdf([scans.prose(seed, chinese=False).picture for seed in range(1, 4)], path)
    load(path, recogniser=recogniser)
    begun, wall = time.process_time(), time.perf_counter()
    other = folder / "other.pdf"
    scans.as_pdf([scans.prose(seed, chinese=False).picture for seed in range(4, 7)], other)
    made = time.process_time() - begun, time.perf_counter() - wall
    load(other, recogniser=recogniser)
    spent, waited = time.process_time() - begun - made[0], time.perf_counter() - wall - made[1]
    return f"Scans: {3 / waited:.2f} pages a second ({spent / 3:.1f} s of processor time a page)."


if __name__ == "__main__":
    print(run())
