"""Bytes to text: Unicode by its marks and its grammar, code pages by chardet."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache
from itertools import islice

from ingest.errors import LoadError
from ingest.language import Text, is_cjk

_WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœúùûüßÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÛÜ¿¡«»“”‘’–—…•°£€§©®·™\xa0²³½ªº")
"""What Western European text has beyond ASCII; a text with nothing else is read as Windows-1252."""
_FOREIGN = re.compile("[À-ÿ]{3}")
"""Letters with accents do not follow each other in Western words; each letter of a Russian word is one of them there."""

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
"""Bytes of a file by which binary data and UTF-16 are told."""
_MARKED = re.compile(rb"(?:(?<![^\s,;\"'()<>=:])[^\s,;\"'()<>=:\x80-\xff]{0,30})?[\x80-\xff][^\s,;\"'()<>=:]*")
"""A word with a byte beyond ASCII. The signs that part words are none that end a Chinese character of two bytes."""
_MOST_WORDS = 20_000
"""Words of a file that the choice of a code page looks at."""
_LONE = re.compile("[\u0250-\u036f\u0460-\u052f\u0590-\u05cf]")
"""Characters that stand in no text alone, and are what 元 and 时 in GB 2312 are as UTF-8."""
_STRAY = re.compile("(?<=[A-Za-z])[\udc80-\udcff](?=[A-Za-z])|\\b[\udc80-\udcff](?=[a-z])")
"""An undecodable byte beside letters of a Latin word."""

_CHINESE, _HALF = ("gb18030", "big5hkscs"), 0.5
_NAME = 6
"""Bytes beyond ASCII up to which characters in common use are Chinese whatever else they could be: a person's name."""
_WIDE_SIGN = re.compile("[\u3000-\u3011\uff00-\uff5e]")
"""Chinese punctuation and full-width forms."""

_SOME, _LAST_LATIN, _WITHIN = 2_000, "\u02af", "’‘´`·–—…"
_LATIN = ("cp1252", "cp1250", "iso8859-2", "cp850", "mac-roman")
"""Code pages of Latin letters, by which a text is read as well where its first reading has words that are none."""
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
            lone = _LONE.search(text) and all(c <= "\x7f" or _LONE.match(c) for c in text)
            chinese = data.decode("gb18030", "replace") if lone else ""
            if chinese and all(c <= "\x7f" or c in _common() for c in chinese):
                return chinese, "gb18030"
            return text, "utf-8"
    if wide := _wide(data[:SAMPLE]):
        return data.decode(wide, errors="replace"), wide
    if is_binary(data[:SAMPLE]):
        raise not_text()
    if (mended := _nearly_utf8(data)) is not None:
        return mended, "utf-8"
    marked = (word[0].translate(None, b"0123456789") for word in islice(_MARKED.finditer(data), _MOST_WORDS))
    words = b" ".join(dict.fromkeys(marked))
    found = _detected(words)
    if odd := _odd(words, found):
        best = min(_LATIN, key=lambda name: _odd(words, name))
        found = best if 3 * _odd(words, best) <= odd else found
    return data.decode(found, errors="replace"), found


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
    for name in ("utf-16-le", "utf-16-be"):
        text = data[: len(data) // 2 * 2].decode(name, errors="replace")
        # Any bytes read as UTF-16 give Han characters by chance (a third of the plane), but hardly common ones.
        plain = sum(c in _common() or " " <= c <= "~" or c in "\r\n\t" or bool(_WIDE_SIGN.match(c)) for c in text)
        if len(text) > 1 and plain >= 0.9 * len(text):
            return name
    return ""


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


@cache
def _common() -> frozenset[str]:
    """The characters in common use: level 1 of GB 2312 (3,755) and of Big5 (5,401)."""
    rows = [*(("gb2312", row) for row in range(0xB0, 0xD8)), *(("big5", row) for row in range(0xA4, 0xC7))]
    pairs = (bytes((row, cell)).decode(charset, "ignore") for charset, row in rows for cell in range(0x40, 0xFF))
    return frozenset(c for c in pairs if len(c) == 1 and c > "\x7f")


def _odd(words: bytes, name: str) -> int:
    """How many of the first words are none in this code page."""
    return sum(
        any(_no_letter(word[at - 1 : at], c, word[at + 1 : at + 2]) for at, c in enumerate(word) if c > "\x7f")
        for word in words.decode(name, "replace").split(" ")[:_SOME]
    )


def _no_letter(before: str, c: str, after: str) -> bool:
    """Whether a character stands in no Latin word at this place: a sign or a letter of another script between letters, a
    capital behind a small one, a sign that opens at an end, what is no character."""
    if c <= "\x9f" or c == "\ufffd":
        return True
    if c.isupper() and before.isalpha() and (before.islower() or after.islower()):
        return True
    behind, ahead = ("A" <= one <= _LAST_LATIN and one.isalpha() for one in (before, after))
    if c.isalpha() and c != "ƒ":
        return c > _LAST_LATIN and behind and ahead and before.islower()
    kind = unicodedata.category(c)
    return c not in _WITHIN and (
        (ahead and (behind or (kind[0] == "S" and after.islower()))) or (behind and kind == "Ps")
    )


def _detected(words: bytes) -> str:
    """The code page of the words beyond ASCII of a text that is no Unicode: Chinese where that is half as likely as the
    likeliest, of a few words. Among much ASCII chardet sees none of the Asian ones (docs/decisions.md)."""
    from chardet import EncodingEra, detect_all

    few = len(words.translate(None, bytes(range(128)))) <= _NAME
    if few and all(c <= "\x7f" or c in _common() for c in words.decode("gb2312", "replace")):
        return "gb18030"
    found = detect_all(words, encoding_era=EncodingEra.MODERN_WEB, prefer_superset=True, compat_names=False)
    if not (told := found[0]["encoding"]):
        raise not_text()
    likely = [one["encoding"] for one in found if one["confidence"] > _HALF * found[0]["confidence"]]
    name = of_label(next((one for one in likely if one in _CHINESE), told))
    text = words.decode(name, "replace")
    if name == "cp949" and any("\u4e00" <= c <= "\u9fff" for c in text):
        return "gb18030"  # Korean is written without Chinese characters
    western = words.decode("cp1252", errors="replace")
    # A few letters with accents fit other code pages as well; Chinese, Japanese and Korean texts have other signs too.
    plain = all(c <= "\x7f" or c in _WESTERN for c in western) and not _FOREIGN.search(western)
    return "cp1252" if plain and not any(map(is_cjk, text)) else name
