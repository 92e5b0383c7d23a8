"""Can what is not proven be read? The colours of its marks, worked out as a browser does, on both themes' grounds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import app

FOLDER = Path(app.__file__).parent
LEAST = 4.5
"""WCAG 2.2, contrast of text (AA); of underlines it asks 3."""
MARKS = [".zk-unproven", ".zk-differs", ".zk-phrase", ".zk-differs .zk-sign", ".zk-phrase .zk-sign"]
Colour = tuple[float, float, float]


def rgb(written: str) -> Colour:
    return tuple(int(written[i : i + 2], 16) for i in (1, 3, 5))


def mixed(one: Colour, share: float, other: Colour) -> Colour:
    return tuple(a * share + b * (1 - share) for a, b in zip(one, other, strict=True))


def contrast(one: Colour, other: Colour) -> float:
    def luminance(colour: Colour) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("selector", MARKS)
def test_marks_of_what_is_not_proven_can_be_read(selector, theme):
    [(colour, share)] = re.findall(r"color-mix\(in srgb, (#\w{6}) (\d+)%, currentColor\)", rules(selector))
    text, ground, _ = colours(theme)
    assert contrast(mixed(rgb(colour), int(share) / 100, text), ground) >= LEAST


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_captions_can_be_read_in_the_sidebar_too(theme):
    [opacity] = re.findall(r"opacity: ([\d.]+);", rules('[data-testid="stCaptionContainer"]'))
    text, *grounds = colours(theme)
    for ground in grounds:
        assert contrast(mixed(text, float(opacity), ground), ground) >= LEAST


def rules(selector: str) -> str:
    css = (FOLDER / "style.css").read_text("utf-8")
    return "".join(re.findall(rf"^{re.escape(selector)} {{([^}}]*)}}", css, re.MULTILINE))


def colours(theme: str) -> list[Colour]:
    """Of the text, the ground, the sidebar's ground."""
    themes = tomllib.loads((FOLDER / ".streamlit" / "config.toml").read_text("utf-8"))["theme"][theme]
    return [rgb(one) for one in (themes["textColor"], themes["backgroundColor"], themes["sidebar"]["backgroundColor"])]
