"""Pages as a scanner would give them, with what is written on them: the set on which recognition is measured.

Everything follows from a seed: sentences put together from lists of our own, set in the fonts that the machine has, then
blurred, speckled, turned and packed as scans are.
"""

from __future__ import annotations

import io
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

DPI = 200
PAPER = (1654, 2339)
"""A4 at `DPI`."""
MARGIN = 150

_CJK = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc")
_LATIN = ("DejaVuSerif.ttf", "DejaVuSans.ttf")
_SIMPLIFIED = 2
"""Index of the simplified Chinese face in Noto's collections."""

_ZH = {
    "who": [
        "承租人",
        "供应商",
        "项目经理",
        "质量检验员",
        "财务部门",
        "实验室",
        "仓库管理员",
        "客户服务中心",
        "监理单位",
        "技术委员会",
    ],
    "when": [
        "每月五日前",
        "收到通知后十个工作日内",
        "设备停机期间",
        "合同终止时",
        "首次投料之前",
        "每季度末",
        "发生泄漏时",
    ],
    "does": [
        "提交书面检验报告",
        "支付全部尾款",
        "更换滤芯并记录压差",
        "复核温湿度曲线",
        "封存样品至少两年",
        "重新校准称重传感器",
        "向主管部门备案",
    ],
    "what": [
        "保证金为合同总价的{n}%",
        "允许偏差不超过{n}毫米",
        "存放温度应低于{n}℃",
        "每批抽检{n}件",
        "逾期每日按{n}元计收滞纳金",
        "额定流量为每小时{n}立方米",
    ],
}
_EN = {
    "who": "the tenant|each supplier|the site engineer|our laboratory|the warehouse team|a certified inspector",
    "does": "shall submit a written report|must replace the filter cartridge|will archive the samples|confirms the "
    "delivery note|recalibrates the load cell|may withhold the final payment",
    "when": "within ten working days|before the first batch|at the end of every quarter|after a leak was found|during "
    "the warranty period|as soon as the alarm clears",
    "what": "The deposit is {n} percent of the price|Deviations above {n} mm are rejected|Store it below {n} degrees|A "
    "late fee of {n} euros applies per day|The rated flow is {n} litres per minute",
}
_NAMES_ZH = [
    "离心泵",
    "止回阀",
    "滤芯",
    "压力表",
    "电磁阀",
    "密封圈",
    "变频器",
    "流量计",
    "减速机",
    "传感器",
    "控制柜",
    "换热器",
    "联轴器",
    "安全阀",
]
_NAMES_EN = [
    "Pump",
    "Valve",
    "Filter",
    "Gauge",
    "Gasket",
    "Sensor",
    "Drive",
    "Bearing",
    "Cable",
    "Cabinet",
    "Motor",
    "Hose",
    "Flange",
    "Switch",
]
_HEAD_ZH, _HEAD_EN = ("名称", "型号", "数量", "单价", "合计"), ("Item", "Model", "Quantity", "Price", "Total")


@dataclass(frozen=True, slots=True)
class Scan:
    """A picture of a page, its lines in reading order and the cells of its tables, row by row."""

    picture: Image.Image
    lines: tuple[str, ...]
    tables: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @property
    def text(self) -> str:
        """All that is written, the cells of a row as a line."""
        return "\n".join([*self.lines, *(" ".join(row) for table in self.tables for row in table)])


@cache
def font_file(*, chinese: bool, kind: int = 0) -> str | None:
    """The file of a font that the machine has, `kind` 0 or 1; None where there is none for Chinese."""
    wanted = (_CJK if chinese else _LATIN)[kind]
    places = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts", Path("/Library/Fonts")]
    return next((str(file) for place in places for file in sorted(place.rglob(wanted))), None)


def font(points: float, *, chinese: bool, kind: int = 0) -> ImageFont.FreeTypeFont:
    """A font of that size on paper; for Latin letters the one that comes with Pillow where the machine has none."""
    size = points * DPI / 72
    if (file := font_file(chinese=chinese, kind=kind)) is not None:
        return ImageFont.truetype(file, size, index=_SIMPLIFIED if chinese else 0)
    assert not chinese
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont)
    return found


def prose(seed: int, *, chinese: bool, points: float = 11, kind: int = 0) -> Scan:
    """A page of paragraphs, broken where the line is full."""
    rng = random.Random(seed)
    sheet = Image.new("RGB", PAPER, "white")
    draw, face = ImageDraw.Draw(sheet), font(points, chinese=chinese, kind=kind)
    step, at = int(face.size * 1.6), MARGIN
    lines: list[str] = []
    while at + 6 * step < PAPER[1] - MARGIN:
        words = _paragraph(rng, chinese=chinese)
        line = ""
        for word in [*words, None]:
            longer = line + ("" if chinese or not line else " ") + (word or "")
            if word is None or face.getlength(longer) > PAPER[0] - 2 * MARGIN:
                draw.text((MARGIN, at), line, "black", face)
                lines.append(line)
                at, line = at + step, word or ""
            else:
                line = longer
        at += step // 2
    return Scan(sheet, tuple(lines))


def _paragraph(rng: random.Random, *, chinese: bool) -> list[str]:
    """What may not be broken, in order."""
    if chinese:
        said = "".join(
            f"{rng.choice(_ZH['who'])}应在{rng.choice(_ZH['when'])}{rng.choice(_ZH['does'])}，"
            f"{rng.choice(_ZH['what']).format(n=rng.randint(2, 990))}。"
            for _ in range(rng.randint(2, 5))
        )
        return _unbroken(said)
    choice = dict.fromkeys(_EN, rng.choice)
    said = " ".join(
        f"{choice['who'](_EN['who'].split('|')).capitalize()} {choice['does'](_EN['does'].split('|'))} "
        f"{choice['when'](_EN['when'].split('|'))}. "
        f"{choice['what'](_EN['what'].split('|')).format(n=rng.randint(2, 990))}."
        for _ in range(rng.randint(2, 4))
    )
    return said.split()


def _unbroken(text: str) -> list[str]:
    """Chinese characters one by one, with the stop that follows; figures whole."""
    parts: list[str] = []
    for char in text:
        if parts and (char in "，。%℃" or (char.isdigit() and parts[-1][-1].isdigit())):
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def tabular(seed: int, *, chinese: bool, ruled: bool, points: float = 11) -> Scan:
    """A page with a title and a table of five columns, the figures set to the right."""
    rng = random.Random(seed)
    sheet = Image.new("RGB", PAPER, "white")
    draw, face = ImageDraw.Draw(sheet), font(points, chinese=chinese)
    title = f"{rng.randint(2, 9)}月份采购清单" if chinese else f"Purchases of week {rng.randint(2, 50)}"
    draw.text((MARGIN, MARGIN), title, "black", face)
    names = rng.sample(_NAMES_ZH if chinese else _NAMES_EN, 12)
    rows: list[tuple[str, ...]] = [_HEAD_ZH if chinese else _HEAD_EN]
    for name in names:
        count, price = rng.randint(2, 60), rng.randint(1000, 99000) / 10
        rows.append(
            (
                name,
                f"{rng.choice('ABDKMX')}{rng.randint(100, 999)}",
                f"{count}",
                f"{price:,.2f}",
                f"{count * price:,.2f}",
            )
        )
    widths, height, top = (330, 240, 200, 260, 320), int(face.size * 2), MARGIN + 120
    for r, row in enumerate(rows):
        left = MARGIN
        for c, (text, width) in enumerate(zip(row, widths, strict=True)):
            if ruled:
                draw.rectangle((left, top + r * height, left + width, top + (r + 1) * height), outline="black", width=2)
            inset = width - 14 - face.getlength(text) if c > 1 else 14
            draw.text((left + inset, top + r * height + height * 0.2), text, "black", face)
            left += width
    return Scan(sheet, (title,), (tuple(rows),))


def noisy(picture: Image.Image, seed: int) -> Image.Image:
    """As a tired office scanner gives it: askew, grey, speckled, not quite sharp, packed hard."""
    rng = np.random.default_rng(seed)
    turned = picture.rotate(float(rng.uniform(-1.5, 1.5)), Image.Resampling.BICUBIC, fillcolor="white")
    soft = np.asarray(turned.convert("L").filter(ImageFilter.GaussianBlur(0.9)), np.float32)
    paper = 225 + 12 * np.sin(np.linspace(0, 3, soft.shape[1]))  # light falls off towards the spine
    grey = 45 + soft / 255 * (paper - 45) + rng.normal(0, 14, soft.shape)
    specks = rng.random(soft.shape)
    grey[specks < 0.0007] = 40
    return packed(Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB"), 45)


def packed(picture: Image.Image, quality: int) -> Image.Image:
    """The picture after JPEG of that quality."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    """Turned counter-clockwise, the paper enlarged to hold it."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def as_pdf(pictures: list[Image.Image], path: Path) -> None:
    """A PDF of the pictures alone, a page each, on paper of their size."""
    first, *rest = pictures
    first.save(path, "PDF", resolution=DPI, save_all=True, append_images=rest, quality=85)


class Press:
    """Prints text and tables below one another, in a font that has Chinese and Latin letters, on as many sheets as it
    takes."""

    def __init__(self) -> None:
        self._sheets: list[Image.Image] = []
        self._at = PAPER[1]

    def text(self, text: str, points: float = 11) -> None:
        """A paragraph, its lines broken where the sheet ends."""
        face = font(points, chinese=True)
        for given in text.split("\n"):
            line = ""
            for word in [*_words(given), None]:
                if word is None or face.getlength(line + word) > PAPER[0] - 2 * MARGIN:
                    draw = self._room(int(face.size * 1.6))
                    draw.text((MARGIN, self._at), line.strip(), "black", face)
                    self._at += int(face.size * 1.6)
                    line = ""
                line += word or ""
        self._at += int(face.size)

    def table(self, rows: list[list[str]], points: float = 10) -> None:
        """A table with rules, its columns as wide as their text."""
        face = font(points, chinese=True)
        widths = [
            int(max(face.getlength(row[n]) if n < len(row) else 0 for row in rows)) + 30 for n in range(len(rows[0]))
        ]
        share = min(1.0, (PAPER[0] - 2 * MARGIN) / sum(widths))
        for row in rows:
            cells = [_wrapped(text, face, int(width * share) - 24) for text, width in zip(row, widths, strict=False)]
            height = int(face.size * (1.4 * max(map(len, cells)) + 0.6))
            draw, left = self._room(height), MARGIN
            for lines, width in zip(cells, widths, strict=False):
                draw.rectangle((left, self._at, left + int(width * share), self._at + height), outline="black", width=2)
                for n, line in enumerate(lines):
                    draw.text((left + 12, self._at + int(face.size * (0.3 + 1.4 * n))), line, "black", face)
                left += int(width * share)
            self._at += height
        self._at += int(face.size)

    def done(self) -> list[Image.Image]:
        """The sheets so far; the next text begins a new one."""
        sheets, self._sheets, self._at = self._sheets, [], PAPER[1]
        return sheets

    def _room(self, height: int) -> ImageDraw.ImageDraw:
        if self._at + height > PAPER[1] - MARGIN:
            self._sheets.append(Image.new("RGB", PAPER, "white"))
            self._at = MARGIN
        return ImageDraw.Draw(self._sheets[-1])


def _words(text: str) -> list[str]:
    """What may not be broken: Latin words with their blank, Chinese characters with the stop that follows."""
    return re.findall(r"[\x21-\u2e7f]+[ ]?|.[，。；：、）》”％]*", text)


def _wrapped(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in _words(text):
        if lines[-1] and face.getlength(lines[-1] + word) > width:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines]
