"""What a person calls a page, how things are counted, and what of a text stands on one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import groupby

from ingest.language import say


def page_name(page: int, label: str = "", corrected: str = "") -> str:
    """'p. 3' for a number, the printed number where it differs ('p. xii'), otherwise the label in quotes; `corrected`: the day
    on which a person last changed what is meant there."""
    if corrected:
        return say(f"{page_name(page, label)} (corrected {corrected})", f"{page_name(page, label)}（{corrected} 更正）")
    printed = len(label) <= 6 and label.isascii()  # a page number as it is printed: 17, xii, A-3
    if not label or label == str(page) or (printed and (label[-1].isdigit() or set(label.lower()) <= set("ivxlc"))):
        number = label or str(page)
        return say(f"p. {number}", f"第 {number} 页")
    return say(f"“{label}”", f"“{label}”一节")


def counted(number: int, noun: str) -> str:
    """English: '1 document', '2 documents'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def ranges(numbers: Sequence[int]) -> list[str]:
    """'3–5', '9' for 3, 4, 5 and 9."""
    runs = [[n for _, n in group] for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    return [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]


def local_time(moment: str, zone: tzinfo | None = None) -> str:
    """'2026-11-30 21:02': a moment as rows have it, in `zone`, without one in this machine's own; '' for none."""
    return f"{datetime.fromisoformat(moment).astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of `text` on one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def shown_size(count: int) -> str:
    """Bytes as a person reads them."""
    amount = float(count)
    for unit in ("B", "KB", "MB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GB"
