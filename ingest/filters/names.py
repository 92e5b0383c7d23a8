"""What a filter may ask about, in both languages, and the families of files."""

from __future__ import annotations

import re
import unicodedata

from ingest.folding import fold

NAMES = {
    "tag": "标签",
    "kind": "类型",
    "folder": "文件夹",
    "path": "路径",
    "title": "标题",
    "author": "作者",
    "language": "语言",
    "date": "日期",
    "after": "晚于",
    "before": "早于",
    "modified": "修改日期",
    "added": "添加日期",
    "size": "大小",
}
"""Every name but those of own fields."""
FIELD, FIELD_ZH = "field:", "字段:"
ORDERED = {"date", "modified", "added", "size"}
"""Those that can be larger or smaller, beside own fields."""
DATES = {"date", "modified", "added", "after", "before"}
SAID = {"tag", "title", "author", "language", "date"}
"""What a document, its sidecar or a person says, beside own fields."""

FAMILIES = {
    "word": "docx docm dotx doc odt rtf wps",
    "excel": "xlsx xlsm xls ods csv tsv et",
    "powerpoint": "pptx pptm ppsx ppt odp dps",
    "web": "html htm xhtml mht mhtml",
    "mail": "eml mbox msg",
    "markdown": "md markdown mdx",
    "text": "txt text",
    "book": "epub fb2",
    "image": "png jpg jpeg tif tiff webp bmp gif",
    "subtitles": "srt vtt ass ssa",
}
_ENDINGS = set(" ".join((*FAMILIES.values(), "pdf json jsonl ipynb ics vcf")).split()) - {"text"}
_ALIASES = {
    "tag": "tags keyword keywords 关键词 关键字",
    "author": "authors creator",
    "date": "created published",
    "language": "lang",
}
_SPOKEN = {"中文": "zh", "汉语": "zh", "chinese": "zh", "英文": "en", "英语": "en", "english": "en"}
_KNOWN = {zh: name for name, zh in NAMES.items()} | {a: name for name, said in _ALIASES.items() for a in said.split()}
_BLANKS = re.compile(r"\s+")


def folded(text: str) -> str:
    """As values and names are compared: `fold`, blanks counted once."""
    return _BLANKS.sub(" ", fold(text)).strip()


def known_name(name: str) -> str:
    """Our name for what `name` means ('标签' and 'keywords' are 'tag'); others come back folded."""
    plain = folded(name)
    return _KNOWN.get(plain, plain)


def language_tag(value: str) -> str:
    """'zh' for 'Chinese', '中文', 'zh'; a subtag stays ('zh-cn')."""
    plain = folded(value).replace("_", "-")
    return _SPOKEN.get(plain, plain)


def kind_of(path: str) -> str:
    """The ending of a file's name in small letters; 'text' for what has none or is no file."""
    ending = path.replace("\\", "/").rpartition("/")[2].rpartition(".")
    kind = unicodedata.normalize("NFKC", ending[2]).lower() if ending[0] else ""
    return kind if kind.isalnum() and not path.startswith("text:") else "text"


def is_file_name(word: str) -> bool:
    """Whether a word ends as the name of a file of ours does."""
    return "=" not in word and kind_of(word) in _ENDINGS
