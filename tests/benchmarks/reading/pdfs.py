"""PDF files of the kinds that readers get wrong."""

from __future__ import annotations

from pathlib import Path

from pypdf.annotations import FreeText

from tests.benchmarks.reading.cases import Case, apart, line, says
from tests.ingest.loaders.pdf_drawing import Drawn, field_, save

ROWS = 36
HOLDERS = ("A. Lindt", "B. Moser", "C. Nagy", "D. Okada")
COLUMNS = (
    ("The garden society met on Tuesday", "in the hall. It was told that the", "fence along the brook leans and",
     "will be set upright in October by", "two members who know the work. The", "cost is nine hundred francs."),
    ("A second point was the well. The", "water is good, said the inspector,", "but the lid must be locked at night",
     "because children play there. A key", "hangs in the shed beside the door", "and another one at the mill."),
)  # fmt: skip
CHINESE = (
    (
        "花园协会星期二在会堂开会会上说",
        "明溪边的篱笆已经倾斜将在十月由",
        "两位熟悉此事的会员扶正费用为九",
        "百元由协会承担并入账。",
    ),
    (
        "第二项是水井检查员说水质良好但",
        "井盖夜间必须上锁因为孩子们在那",
        "里玩耍钥匙挂在门旁的棚子里另一",
        "把放在磨坊由管理员保管。",
    ),
)


def price_list(folder: Path) -> Path:
    pages = []
    for number in range(3):
        page = Drawn().at(60, 790, "Tools 2027").at(60, 770, "Tool Use Price")
        for n in range(ROWS):
            k = number * ROWS + n
            y = 750 - 18 * n
            page.at(60, y, f"T-{k}").at(200, y, f"Chisel {k}").at(400, y, f"{30.25 + k:.2f}")
        pages.append(page.at(280, 50, f"Page {number + 1} of 3"))
    return save(folder / "tools.pdf", pages)


def permits(folder: Path) -> Path:
    pages = [
        Drawn().at(60, 790, f"Permit No. {610 + n}").at(60, 765, f"Fee: {70 + n} francs").at(60, 500, f"Holder: {holder}")
        .at(60, 80, f"Berth {n + 4}").at(60, 60, "Signed by the lake office")
        for n, holder in enumerate(HOLDERS)
    ]  # fmt: skip
    return save(folder / "permits.pdf", pages)


def powers(folder: Path) -> Path:
    page = Drawn().run(
        60, 700, [("The coating withstands 10", 12, 0), ("8", 7, 5), (" cycles per m", 12, 0), ("2", 7, 5)]
    )
    return save(folder / "coating.pdf", [page])


def form(folder: Path) -> Path:
    page = Drawn().at(60, 760, "Application for a berth").at(60, 720, "Applicant:").at(60, 690, "Decision:")
    page.annotations = [
        field_("applicant", "Tx", (150, 715, 340, 733), "Rosa Muster"),
        FreeText(text="Granted until June 2029", rect=(150, 685, 340, 703)),
    ]
    return save(folder / "berth.pdf", [page])


def columns(folder: Path) -> Path:
    return _columns(folder / "minutes.pdf", COLUMNS)


def chinese_columns(folder: Path) -> Path:
    return _columns(folder / "纪要.pdf", CHINESE)


def _columns(path: Path, texts: tuple[tuple[str, ...], ...]) -> Path:
    page = Drawn()
    for n, pair in enumerate(zip(*texts, strict=True)):
        page.at(60, 740 - 15 * n, pair[0]).at(320, 740 - 15 * n, pair[1])
    return save(path, [page])


def portfolio(folder: Path) -> Path:
    page = Drawn().at(60, 760, "The offers for the new roof are attached.")
    return save(folder / "offers.pdf", [page], [("roof-prices.txt", b"Slate costs 88 a square metre.")])


def turned(folder: Path) -> Path:
    rows = (("Task", "Interval"), ("Chimney sweeping", "every 12 months"), ("Gas test", "every 36 months"))
    page = Drawn(rotate=90)
    for n, cells in enumerate(rows):
        for x, text in zip((60, 300), cells, strict=True):
            page.at(100 + 20 * n, x, text, turn=1)
    return save(folder / "plan.pdf", [page])


LISTED = tuple(line(f"T-{k}", f"Chisel {k}", f"{30.25 + k:.2f}") for k in range(3 * ROWS))
CASES = (
    Case("A1", "a list over pages", price_list, (says("Tools 2027", "Tool Use Price"), *LISTED)),
    Case("A1", "forms of one page each", permits, tuple(
        says(f"Permit No. {610 + n}", f"Fee: {70 + n} francs", f"Berth {n + 4}") for n in range(4))),
    Case("A4", "PDF", powers, (says("10^8 cycles per m²"),), (says("108 cycles"),)),
    Case("A7", "field and text box", form, (says("Applicant: Rosa Muster", "Decision: Granted until June 2029"),)),
    Case("A8", "two columns", columns, tuple(says(" ".join(text)) for text in COLUMNS),
         (says(f"{COLUMNS[0][1]} {COLUMNS[1][1]}"),)),
    Case("A8", "two columns, Chinese", chinese_columns,
         tuple(lambda reading, text=text: "".join(text) in reading.flat.replace(" ", "") for text in CHINESE),
         (lambda reading: CHINESE[0][1] + CHINESE[1][1] in reading.flat.replace(" ", ""),)),
    Case("B8", "files in a PDF", portfolio, (says("Slate costs 88 a square metre"),)),
    Case("C4", "rows of a turned page", turned, (apart("Chimney sweeping every 12 months", "Gas test every 36 months"),)),
)  # fmt: skip
