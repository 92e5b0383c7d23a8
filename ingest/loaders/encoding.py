"""Bytes to text: Unicode by its marks and its grammar, Chinese code pages by how common their characters are."""

from __future__ import annotations

import codecs
import re
from functools import cache

from ingest.errors import LoadError
from ingest.language import Text, is_han

_WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœúùûüßÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÛÜ¿¡«»“”‘’–—…•°£€§©®·™\xa0²³½")
"""What Western European text has beyond ASCII; a text with nothing else is read as Windows-1252."""

_BROWSERS = {
    **dict.fromkeys(("iso88591", "latin1", "l1", "ascii", "usascii", "ansix3.41968", "cp819"), "cp1252"),
    **dict.fromkeys(("iso88599", "latin5", "l5"), "cp1254"),
    **dict.fromkeys(("iso885911", "tis620"), "cp874"),
    **dict.fromkeys(("gb2312", "gbk", "gb231280", "csgb2312", "xgbk", "chinese"), "gb18030"),
    **dict.fromkeys(("big5", "cnbig5", "xxbig5", "csbig5"), "big5hkscs"),
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "mskanji", "windows31j"), "cp932"),
    **dict.fromkeys(("euckr", "ksc5601", "ksc56011987", "korean", "windows949", "ksc56011989"), "cp949"),
    **dict.fromkeys(("unicode", "utf16", "ucs2", "iso10646ucs2"), "utf-16-le"),
    "macintosh": "mac-roman",
    "iso88598i": "iso8859-8",
}

SAMPLE = 200_000
"""Bytes of a file that the choice of encoding looks at."""
COMMON_ENOUGH = 0.75
"""Share of common characters from which a Chinese reading is believed: right readings of GB18030 and Big5
prose have .95–1.0, wrong ones .1–.5."""

_LEAST_HANGUL = 4
_OPEN = 1 / 3
"""Share of open syllables between the chance of one in six and the half of Korean prose."""
_STRAY = re.compile("(?<=[A-Za-z])[\udc80-\udcff](?=[A-Za-z])|\\b[\udc80-\udcff](?=[a-z])")
"""An undecodable byte beside letters of a Latin word."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. Raises `LoadError` when the bytes are no text."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace"), name
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if "\0" not in text[:SAMPLE] or text.count("\0") < 0.01 * len(text):
            return text, "utf-8"
    if wide := _wide(data[:SAMPLE]):
        return data.decode(wide, errors="replace"), wide
    if is_binary(data[:SAMPLE]):
        raise not_text()
    if (mended := _nearly_utf8(data)) is not None:
        return mended, "utf-8"
    if _is_korean(data[:SAMPLE]):
        return data.decode("cp949", errors="replace"), "cp949"
    if chinese := _chinese(data[:SAMPLE]):
        return data.decode(chinese, errors="replace"), chinese
    return _other(data)


def decoded(data: bytes, otherwise: str = "latin-1") -> str:
    """The text, read as `otherwise` where no other reading makes sense."""
    try:
        return decode(data)[0] if data else ""
    except LoadError:
        return data.decode(otherwise, "replace")


def of_label(label: str) -> str:
    """Python's name for the encoding that a page or a mail means by `label`, as browsers read it (WHATWG Encoding
    Standard): the old national labels stand for the supersets in use. '' for an unknown one."""
    name = label.strip().lower()
    name = _BROWSERS.get(re.sub(r"[-_]", "", name), name)
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""


def not_text() -> LoadError:
    """The error for bytes in which no text can be found."""
    return LoadError(
        Text("The file holds no readable text.", "文件中没有可读的文本。"),
        Text(
            "It may be binary or use an unknown encoding; save it as UTF-8.",
            "它可能是二进制文件或使用了未知编码，请另存为 UTF-8。",
        ),
    )


def is_binary(data: bytes) -> bool:
    """True when control characters other than white space make up more than one in fifty bytes, or NUL appears."""
    if not data:
        return False
    if b"\0" in data:
        return True
    odd = sum(data.count(bytes((code,))) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
    return odd > len(data) / 50


def _wide(data: bytes) -> str:
    """'utf-16-le' or 'utf-16-be' when the bytes read as such without a mark, else ''."""
    data = data[: len(data) // 2 * 2]
    if len(data) < 4:
        return ""
    best = max(((_plain_share(data, name), name) for name in ("utf-16-le", "utf-16-be")), default=(0.0, ""))
    # Any bytes read as UTF-16 give Han characters by chance (a third of the plane), but hardly common ones.
    return best[1] if best[0] >= 0.9 else ""


def _plain_share(data: bytes, name: str) -> float:
    text = data.decode(name, errors="replace")
    plain = sum(
        c in _common() or " " <= c <= "~" or c in "\r\n\t" or "\u3000" <= c <= "\u3011" or "\uff00" <= c <= "\uff5e"
        for c in text
    )
    return plain / len(text)


def _nearly_utf8(data: bytes) -> str | None:
    """UTF-8 with some damaged bytes, whatever its length: two whole characters beyond ASCII for each of them.

    In other code pages whole sequences come up by chance (in one of four pairs of GB 2312), rarely more often than not.
    """
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    if sum(c > "\x7f" for c in text) - bad < 2 * bad:
        return None
    # A letter that somebody pasted from an old file: 'M\xfcller' among UTF-8. Elsewhere the mark of damage stays.
    return (
        _STRAY.sub(_western_letter, data.decode("utf-8", errors="surrogateescape"))
        .encode("utf-8", "surrogateescape")
        .decode("utf-8", errors="replace")
    )


def _western_letter(match: re.Match[str]) -> str:
    letter = bytes((ord(match[0]) - 0xDC00,)).decode("cp1252", errors="replace")
    return letter if letter.isalpha() else match[0]


def _is_korean(data: bytes) -> bool:
    """Whether it reads as Korean (EUC-KR): Hangul alone, as many syllables without a final as Korean has.

    Hangul takes rows of the code page that GB 2312 gives to common characters. But of those, only half of a Chinese
    text lies in these rows, and of the 2,350 syllables one in six is open; in Korean prose more than half are.
    """
    text = data.decode("cp949", errors="replace").removesuffix("\ufffd")
    beyond = [c for c in text if c > "\x7f" and not "\u2010" <= c <= "\u303f" and not "\uff00" <= c <= "\uffee"]
    hangul = [c for c in beyond if "\uac00" <= c <= "\ud7a3"]
    if len(hangul) < _LEAST_HANGUL or len(hangul) < 0.95 * len(beyond):
        return False
    return sum((ord(c) - 0xAC00) % 28 == 0 for c in hangul) > _OPEN * len(hangul)


def _chinese(data: bytes) -> str:
    """'gb18030' or 'big5hkscs' when one of them reads as Chinese, else ''."""
    scores = sorted(((_han_score(data, name), name) for name in ("big5hkscs", "gb18030")), reverse=True)
    return scores[0][1] if scores[0][0] >= COMMON_ENOUGH else ""


def _han_score(data: bytes, name: str) -> float:
    """Share of common characters among those beyond ASCII; what cannot be decoded counts against it."""
    text = data.decode(name, errors="replace").removesuffix("\ufffd")
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    level = _level("gb2312" if name == "gb18030" else "big5")
    good = sum(
        c in level or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef" or c in "“”‘’…—·《》" for c in beyond
    )
    return good / len(beyond) if any(map(is_han, beyond)) else 0.0


@cache
def _level(charset: str) -> frozenset[str]:
    """The characters in common use: level 1 of GB 2312 (3,755) or of Big5 (5,401)."""
    high, low = (
        (range(0xB0, 0xD8), range(0xA1, 0xFF)) if charset == "gb2312" else (range(0xA4, 0xC7), range(0x40, 0xFF))
    )
    pairs = (bytes((a, b)) for a in high for b in low if charset == "gb2312" or (a, b) <= (0xC6, 0x7E))
    return frozenset(c for c in (pair.decode(charset, errors="ignore") for pair in pairs) if len(c) == 1)


@cache
def _common() -> frozenset[str]:
    return _level("gb2312") | _level("big5")


def _other(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    western = data[:SAMPLE].decode("cp1252", errors="replace")
    if all(c <= "\x7f" or c in _WESTERN for c in western):
        return data.decode("cp1252", errors="replace"), "cp1252"
    best = from_bytes(data[:SAMPLE]).best()
    if best is None:
        raise not_text()
    return data.decode(best.encoding, errors="replace"), best.encoding
