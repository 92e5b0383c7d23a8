"""Every sentence a person sees exists in Chinese and English, side by side where it is used.

`say("…", "…")` gives the one in force: the command line's locale, the page's setting, or whatever
`speaking(lang)` set for the current context. Errors keep both (`Text`) and are rendered at the edge.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Language = Literal["en", "zh"]

CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U000323af"
"""What `is_cjk` is true for, as a class of a regular expression."""
_WIDE = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.zh if language() == "zh" else self.en


def _from_locale() -> Language:
    """The first of LC_ALL, LC_MESSAGES and LANG that is set decides, as POSIX has it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


_language: ContextVar[Language | None] = ContextVar("language", default=None)


def language() -> Language:
    """The language in force in this context."""
    return _language.get() or _from_locale()


def speak(lang: Language | None) -> None:
    """Use `lang` from here on in this context; None goes back to the locale."""
    _language.set(lang)


@contextmanager
def speaking(lang: Language) -> Iterator[None]:
    """Use `lang` inside the block."""
    token = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(token)


def say(en: str, zh: str) -> str:
    """The sentence in the language in force."""
    return zh if language() == "zh" else en


def is_cjk(char: str) -> bool:
    """True for Han ideographs, kana, hangul and their punctuation and full-width forms."""
    code = ord(char)
    return (
        0x2E80 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7AF
        or 0xF900 <= code <= 0xFAFF
        or 0xFE30 <= code <= 0xFE4F
        or 0xFF00 <= code <= 0xFFEF
        or 0x20000 <= code <= 0x323AF
    )


def is_han(char: str) -> bool:
    """True for Han ideographs alone."""
    code = ord(char)
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x323AF


def language_of(text: str) -> Literal["en", "zh", "other"]:
    """Which of our two languages a text is in.

    Chinese when at least a fifth of its letters are Han and none is kana or hangul: Chinese questions about
    technology are often half Latin ('RAG 和 fine-tuning 有什么区别?'). English when all letters are ASCII
    or Latin-1 typography; anything else ('other') is answered in its own language.
    """
    letters = [c for c in text if unicodedata.category(c).startswith("L")]
    if not letters:
        return language()
    han = sum(map(is_han, letters))
    if any(0x3040 <= ord(c) <= 0x30FF or 0xAC00 <= ord(c) <= 0xD7AF for c in letters):
        return "other"
    if han * 5 >= len(letters):
        return "zh"
    ascii_letters = sum(c.isascii() for c in letters)
    return "en" if ascii_letters + han >= 0.97 * len(letters) else "other"


def side(text: str) -> Literal["zh", "en"]:
    """By which of the two that embedders are measured with `text` is judged. Other languages have the English yardstick: e5's
    cosines lie there most nearly alike."""
    return "zh" if language_of(text) == "zh" else "en"


_NAMES = {
    "en": "English",
    "zh": "中文",
    "zh-hant": "繁體中文",
    "ja": "Japanese",
    "ko": "Korean",
    "ru": "Russian",
    "ar": "Arabic",
}
_NAMES |= {"fr": "French", "de": "German", "es": "Spanish", "it": "Italian", "pt": "Portuguese"}
_MARKS: dict[str, str] = {
    "fr": r"\b(?:le|la|les|des|est|quel|quelle|quels|combien|où|comment|pourquoi|qui|une|du|dans|quand)\b|[çœêèà]",
    "de": r"\b(?:der|die|das|ist|wie|was|wer|wann|wo|warum|welche|welcher|viele|und|ein|eine|nicht|gibt)\b|[äöüß]",
    "es": r"\b(?:el|los|las|es|qué|cuál|cuántos|cuántas|cuándo|dónde|cómo|por|una|quién|del)\b|[¿¡ñ]",
    "it": r"\b(?:il|gli|è|che|quale|quanti|quante|quando|dove|come|perché|chi|della|di|sono)\b",
    "pt": r"\b(?:o|os|as|é|qual|quantos|quantas|quando|onde|como|uma|quem|são|não|do|da)\b|[ãõ]",
}
_TRADITIONAL = re.compile("[個們這來時會對說國過還樣開關從問無沒幾麼為與點後當經長門間電實應現學業資體]")


def language_code(question: str) -> str:
    """The language of a question, as far as it is worth telling: script first, then the little words."""
    kind: Literal["en", "zh", "other"] = language_of(question)
    if kind == "zh":
        return "zh-hant" if _TRADITIONAL.search(question) else "zh"
    for code, first, last in (
        ("ja", "\u3040", "\u30ff"),
        ("ko", "\uac00", "\ud7af"),
        ("ru", "\u0400", "\u04ff"),
        ("ar", "\u0600", "\u06ff"),
    ):
        if any(first <= char <= last for char in question):
            return code
    folded = question.lower()
    counts = {code: len(re.findall(pattern, folded)) for code, pattern in _MARKS.items()}
    best = max(counts, key=lambda code: counts[code])
    english = len(re.findall(r"\b(?:the|is|are|what|who|how|when|where|why|which|of|does|do|in|to)\b", folded))
    return best if counts[best] > max(english, 1 if kind == "en" else 0) else "en"


def language_name(code: str) -> str:
    """What the prompt calls the language."""
    return _NAMES.get(code, "the language of the question")


@lru_cache(maxsize=4096)
def columns(text: str) -> int:
    """Width of the text where a CJK character takes two columns."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))
