"""Characters of fonts that hold pictures in the places of letters: ticks, boxes, arrows, Greek."""

from __future__ import annotations

_SYMBOL = dict(
    zip("abcdefghiklmnopqrstuwxyzABCDEFGHIKLMNOPQRSTUWXYZ", "αβχδεφγηικλμνοπθρστυωξψζΑΒΧΔΕΦΓΗΙΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖ", strict=True)
) | {
    "\xa3": "≤", "\xb3": "≥", "\xb1": "±", "\xb4": "×", "\xb8": "÷", "\xb9": "≠", "\xbb": "≈", "\xb0": "°", "\xa5": "∞",
    "\xb7": "•", "\xae": "→", "\xac": "←", "\xde": "⇒", "\xb6": "∂", "\xd1": "∇", "\xd6": "√", "\xe5": "∑", "\xf2": "∫",
    "\xce": "∈", "\xa2": "′", "\xb2": "″", "\xbc": "…", "\x2d": "−",
}  # fmt: skip
_WINGDINGS = {
    0xFE: "☑", 0xFD: "☒", 0xA8: "☐", 0x6F: "☐", 0x71: "☐", 0x72: "☐", 0x78: "☒", 0xFC: "✓", 0xFB: "✗", 0x6C: "●",
    0xA1: "○", 0x6E: "■", 0xA7: "▪", 0x9F: "•", 0x9E: "·", 0xD8: "➢", 0xE0: "→", 0xDF: "←", 0xE1: "↑", 0xE2: "↓",
    0xE8: "→", 0xF0: "⇨", 0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x4C: "☹", 0xAB: "★", 0xB5: "★", 0x46: "☞", 0x76: "❖",
} | {0x80: "⓪", 0x8B: "⓿"} | {0x81 + n: char for n, char in enumerate("①②③④⑤⑥⑦⑧⑨⑩")} | {
    0x8C + n: char for n, char in enumerate("❶❷❸❹❺❻❼❽❾❿")
}  # fmt: skip
_WINGDINGS_2 = {
    0x52: "☑", 0x54: "☒", 0x53: "☒", 0xA3: "☐", 0x2A: "☐", 0x50: "✓", 0x4F: "✗", 0x51: "☒", 0x97: "●", 0x9A: "○",
}  # fmt: skip
_FONTS = {
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "webdings": {0x61: "✓", 0x63: "☐", 0x67: "■", 0x72: "✗"},
}


def is_symbol_font(font: str) -> bool:
    """Whether letters in this font show something else."""
    return font.lower() in _FONTS or font.lower() == "symbol"


def symbol(font: str, code: int) -> str:
    """What the character `code` (in the private area, or its low byte) of a font shows; '•' where that is not known.

    A code outside the private area in any other font stands for itself.
    """
    private = 0xF000 <= code <= 0xF0FF
    if not private and not is_symbol_font(font):
        return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000 else ""
    low = code & 0xFF
    if font.lower() == "symbol":
        return _SYMBOL.get(chr(low), chr(low) if 0x20 <= low < 0x7F else "•")
    known = _FONTS.get(font.lower(), _WINGDINGS).get(low)
    return known or (" " if low == 0x20 else "•")
