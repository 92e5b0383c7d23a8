"""Recognition of generated scans: errors by character and by cell of a table, seconds, and the same questions asked of a
scan as of its original; beside pypdf alone and beside rapidocr as its own command has it.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks import scans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL.Image import Image

    from ingest.documents import Page

DATA = Path(__file__).parents[2] / "data"
_RULE = re.compile(r"^\|(?: --- \|)+$", re.MULTILINE)
_CJK = r"[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]"
KINDS = (
    "clean",
    "noisy",
    "askew 5°",
    "turned 90°",
    "turned 180°",
    "8 points",
    "table, ruled",
    "table, noisy",
    "table, no rules",
)


def run(*, pages: str = "1", questions: str = "no") -> str:
    """Markdown tables. `pages`: of each kind and language; `questions=yes`: questions are asked too (minutes)."""
    from ingest.recognition.options import installed

    if not installed():
        return "## Text recognition\n\nNot run: the extra 'ocr' is not installed.\n"
    languages = ["en"]
    said = ""
    if scans.font_file(chinese=True) is None:
        said = "Chinese was left out: no font with Chinese characters here.\n\n"
    else:
        languages.insert(0, "zh")
    rows = [
        (
            "| pages | ours: CER | ours: cells | ours: CPU s/page | rapidocr: CER | rapidocr: cells | rapidocr: CPU s/page | "
            "pypdf: CER |"
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
    rows += [_row(kind, language, int(pages)) for kind in KINDS for language in languages]
    text = f"## Text recognition\n\n{said}" + "\n".join(rows) + "\n\n" + _LEGEND
    return text + (_asked() if questions == "yes" and "zh" in languages else "")


_LEGEND = (
    "CER: edits per character of what is written, blanks beside Chinese characters left out. Cells: those of the table "
    "that stand in their row and column; of rapidocr, which knows no tables, those that it gives as a line of their own. "
    "pypdf reads a PDF of the same picture. Seconds are of the processor, all cores together, the models loaded.\n\n"
)


@dataclass
class _Tally:
    edits: int = 0
    letters: int = 0
    found: int = 0
    cells: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, scan: scans.Scan, text: str, cells: int, seconds: float) -> None:
        from rapidfuzz.distance import Levenshtein

        truth = flat(scan.text)
        self.edits += Levenshtein.distance(truth, flat(text))
        self.letters += len(truth)
        self.found += cells
        self.cells += sum(len(row) for table in scan.tables for row in table)
        self.seconds.append(seconds)

    @property
    def cer(self) -> str:
        return f"{100 * self.edits / max(1, self.letters):.2f} %"

    @property
    def recall(self) -> str:
        return f"{self.found}/{self.cells}" if self.cells else ""

    @property
    def pace(self) -> str:
        return f"{sum(self.seconds) / len(self.seconds):.1f}"


def flat(text: str) -> str:
    """The characters that count: without the marks of tables, line ends as blanks, no blank beside Chinese."""
    text = re.sub(r"[|\s]+", " ", _RULE.sub("", text)).strip()
    return re.sub(rf"(?<={_CJK}) | (?={_CJK})", "", text)


def made(kind: str, language: str, seed: int) -> scans.Scan:
    """The page of this kind."""
    chinese = language == "zh"
    if kind.startswith("table"):
        scan = scans.tabular(seed, chinese=chinese, ruled=kind != "table, no rules")
        return _with(scan, lambda sheet: scans.noisy(sheet, seed)) if kind == "table, noisy" else scan
    scan = scans.prose(seed, chinese=chinese, points=8 if kind == "8 points" else 10.5, kind=seed % 2)
    change: dict[str, Callable[[Image], Image]] = {
        "noisy": lambda sheet: scans.noisy(sheet, seed),
        "askew 5°": lambda sheet: scans.turned(sheet, 5),
        "turned 90°": lambda sheet: scans.turned(sheet, 90),
        "turned 180°": lambda sheet: scans.turned(sheet, 180),
    }
    return _with(scan, change[kind]) if kind in change else scan


def _with(scan: scans.Scan, change: Callable[[Image], Image]) -> scans.Scan:
    return scans.Scan(change(scan.picture), scan.lines, scan.tables)


def _row(kind: str, language: str, pages: int) -> str:
    import pypdf

    ours, theirs, plain = _Tally(), _Tally(), _Tally()
    ours_read, theirs_read = _readers()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, pages + 1):
            scan = made(kind, language, seed)
            path = Path(folder) / "scan.pdf"
            scans.as_pdf([scan.picture], path)
            begun = time.process_time()
            text = ours_read(path)
            ours.add(scan, text, _in_place(scan, text), time.process_time() - begun)
            begun = time.process_time()
            lines = theirs_read(scan.picture)
            cells = {cell for table in scan.tables for row in table for cell in row}
            theirs.add(scan, "\n".join(lines), sum(line in cells for line in lines), time.process_time() - begun)
            plain.add(scan, pypdf.PdfReader(path).pages[0].extract_text(), 0, 0.0)
    return (
        f"| {kind}, {language} | {ours.cer} | {ours.recall} | {ours.pace} | {theirs.cer} | {theirs.recall} | "
        f"{theirs.pace} | {plain.cer} |"
    )


_OPEN: list[Any] = []


def _readers() -> tuple[Callable[[Path], str], Callable[[Image], list[str]]]:
    """Ours, as a worker reads a PDF; rapidocr with the settings of its command. Both have their models loaded."""
    if not _OPEN:
        from rapidocr import RapidOCR

        from ingest.loaders import load
        from ingest.recognition import Recognition, opened

        recogniser, engine = opened(Recognition(threads=2)), RapidOCR(params={"Global.log_level": "critical"})
        _OPEN.extend((
            lambda path: "\n".join(page.text for page in load(path, recogniser=recogniser).pages),
            lambda sheet: list(engine(np.asarray(sheet)[:, :, ::-1]).txts or ()),
        ))  # fmt: skip
        blank = scans.prose(0, chinese=False).picture.crop((0, 0, 1654, 400))
        recogniser.recognise(np.asarray(blank))
        _OPEN[1](blank)
    return _OPEN[0], _OPEN[1]


def _in_place(scan: scans.Scan, text: str) -> int:
    """Cells that stand in their row and column."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.split("\n")
        if line.startswith("|") and not _RULE.match(line)
    ]
    truth = [row for table in scan.tables for row in table]
    return sum(
        read == cell for found, row in zip(rows, truth, strict=False) for read, cell in zip(found, row, strict=False)
    )


def _asked() -> str:
    """The questions about the sample corpus, asked of it and of noisy scans of it."""
    from agents import open_platform
    from agents.evaluation import Question, judged, reply_of

    records = [json.loads(line) for line in (DATA / "questions.jsonl").read_text("utf-8").splitlines()]
    names = [p.name for p in sorted((DATA / "documents").iterdir()) if p.suffix not in (".py", ".csv", ".json")]
    asked = [r for r in records if r["answerable"] and set(r["documents"]) <= set(names)]
    right: dict[str, set[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        platform = open_platform(Path(folder) / "home")
        printed = Path(folder) / "scans"
        printed.mkdir()
        sheets = sum(_scanned(DATA / "documents" / name, printed) for name in names)
        begun = time.monotonic()
        platform.library.add([printed], kb="scans")
        seconds = time.monotonic() - begun
        platform.library.add([DATA / "documents" / name for name in names], kb="originals")
        for kb in ("originals", "scans"):
            chat = platform.chat(kb=kb)
            cases = [
                (
                    r["id"],
                    judged(Question("", tuple(r["answers"])), reply_of(chat.ask(r["question"])), name="", chain=""),
                )
                for r in asked
            ]
            right[kb] = {name for name, case in cases if case.right}
        platform.close()
    kept = right["originals"] & right["scans"]
    lost = ", ".join(sorted(right["originals"] - kept)) or "none"
    return (
        f"Questions on the sample corpus ({len(names)} documents, {sheets} pages), no model: {len(right['originals'])} of "
        f"{len(asked)} answered from the originals, {len(right['scans'])} from noisy scans of them; of those answered from "
        f"the original {100 * len(kept) / max(1, len(right['originals'])):.0f} % from the scan (lost: {lost}). Adding the "
        f"scans took {seconds:.0f} s.\n"
    )


def _scanned(document: Path, folder: Path) -> int:
    """A noisy scan of a document as it prints; the number of pages."""
    from ingest.loaders import load

    if document.suffix == ".pdf":
        import pypdfium2

        sheets = [page.render(scale=scans.DPI / 72).to_pil().convert("RGB") for page in pypdfium2.PdfDocument(document)]
    else:
        sheets = list(_printed(load(document).pages))
    scans.as_pdf([scans.noisy(sheet, n) for n, sheet in enumerate(sheets)], folder / f"{document.stem}.pdf")
    return len(sheets)


def _printed(pages: tuple[Page, ...]) -> Iterator[Image]:
    """The pages of a document that has none on paper: its blocks one below the other, tables with rules."""
    press = scans.Press()
    for page in pages:
        if page.label not in page.text:  # the name of a sheet, which its rows leave out
            press.text(page.label, points=15)
        for block in page.blocks:
            text = page.text[block.start : block.end]
            if block.kind == "table" and text.startswith("|"):
                lines = [line for line in text.split("\n") if not _RULE.match(line)]
                press.table([[cell.strip() for cell in line.strip("|").split("|")] for line in lines])
            else:
                press.text(text.lstrip("# "), points=15 if block.kind == "heading" else 11)
        yield from press.done()
