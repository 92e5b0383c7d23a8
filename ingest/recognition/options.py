"""How pictures are to be read, as it travels to the process that reads."""

from __future__ import annotations

import importlib.util
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ingest.conversing import address
from ingest.errors import UsageError
from ingest.language import Text
from ingest.settings import Settings

Mode = Literal["auto", "off", "force"]
LANGUAGES = frozenset(("zh", "en"))
"""What the models in rapidocr's wheel are measured with here (tests/benchmarks/recognition.py)."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """`mode` 'auto': what holds no usable text is recognised; 'force': every page of a PDF; 'off': nothing."""

    mode: Mode = "auto"
    languages: str = "zh+en"
    server: str = ""
    """URL#model of an OpenAI-compatible server that takes pictures; '': recognised here."""
    api_key: str = ""
    kept: str = ""
    """Folder for what was recognised; '': nothing is kept."""
    threads: int = 1

    @classmethod
    def of(cls, settings: Settings, kept: Path | None, threads: int = 1) -> Recognition:
        """As the user has set it. Raises `UsageError` for languages or an address that make no sense."""
        if not settings.ocr_model and not set(settings.ocr_languages.split("+")) <= LANGUAGES:
            raise UsageError(
                Text(
                    f"The setting 'ocr_languages' can't be '{settings.ocr_languages}': texts in Chinese and English "
                    "are recognised.",
                    f"设置项 ocr_languages 不能是 “{settings.ocr_languages}”：只能识别中文和英文。",
                ),
                Text(
                    "Write zh+en, zh or en; for other languages name a server that reads pictures in 'ocr_model'.",
                    "请写 zh+en、zh 或 en；其他语言请在 ocr_model 中指定能读图片的服务。",
                ),
            )
        if settings.ocr_model:
            address(settings.ocr_model, "PaddleOCR-VL")
        return cls(
            settings.ocr, settings.ocr_languages, settings.ocr_model, settings.ocr_api_key, str(kept or ""), threads
        )

    @property
    def reader(self) -> str:
        """Who would read, in which version; '' where nobody can: off, or not installed."""
        if self.mode == "off":
            return ""
        if self.server:
            return f"{self.server} {self.languages}"
        version = installed()
        return f"rapidocr {version} {self.languages}" if version else ""

    def packed(self) -> tuple[Any, ...]:
        """As plain values; `Recognition(*packed)` is this one."""
        return astuple(self)

    def why_not(self) -> tuple[Text, Text]:
        """Why there is no `reader`, and what to do."""
        if self.mode == "off":
            return (
                Text("Text recognition (OCR) is off.", "文字识别（OCR）已关闭。"),
                Text('Set ocr = "auto" and add it again.', '请设置 ocr = "auto" 后重新添加。'),
            )
        return (
            Text("Text recognition (OCR) is not installed.", "尚未安装文字识别（OCR）。"),
            Text(
                "Run make setup, or pip install 'zhiku[ocr]', and add it again.",
                "请运行 make setup 或 pip install 'zhiku[ocr]' 后重新添加。",
            ),
        )


@cache
def installed() -> str:
    """The version of rapidocr, '' where it is not installed. It is not imported: that takes a second."""
    if importlib.util.find_spec("rapidocr") is None:
        return ""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("rapidocr")
    except PackageNotFoundError:
        return ""
