"""What an Office file holds and its text does not: collected while reading, told in notes with what to do about it."""

from __future__ import annotations

from typing import Literal

from ingest.language import Text

Kind = Literal["picture", "diagram", "chart", "embedded", "media", "part"]

_SAID: dict[Kind, tuple[Text, Text]] = {
    "picture": (
        Text(en="Pictures without an alternative text were not read", zh="没有替代文字的图片未读取"),
        Text(
            en="If they show text, give them one or add what they show as a document.",
            zh="如果图中有文字，请添加替代文字，或将其内容另存为文档后添加。",
        ),
    ),
    "diagram": (
        Text(en="Diagrams whose text was not found", zh="未找到文本的图示"),
        Text(
            en="Save the file again in Office, or convert them to shapes.",
            zh="请在 Office 中重新保存，或将其转换为形状。",
        ),
    ),
    "chart": (
        Text(en="Charts without stored figures", zh="没有存储数据的图表"),
        Text(en="Add the file with their figures.", zh="请添加含有其数据的文件。"),
    ),
    "embedded": (
        Text(en="Embedded files were not read", zh="嵌入的文件未读取"),
        Text(en="Save them from the document and add them.", zh="请从文档中另存后添加。"),
    ),
    "media": (
        Text(en="Sound and video were not read", zh="音频和视频未读取"),
        Text(en="Add what is said as a text.", zh="请将其中的讲话内容另存为文本后添加。"),
    ),
    "part": (
        Text(en="Inserted documents of a kind that cannot be read", zh="插入了无法读取的文档"),
        Text(en="Save the file again in Word.", zh="请在 Word 中重新保存该文件。"),
    ),
}
_SHOWN = 12
"""Places named in a note."""


class Unread:
    """Counts what was not read, by kind and by place."""

    def __init__(self) -> None:
        self._found: dict[Kind, dict[str, int]] = {}

    def add(self, kind: Kind, place: str = "") -> None:
        """One more, at `place` ('slide 3'; '' where the file has no places that can be named)."""
        places = self._found.setdefault(kind, {})
        places[place] = places.get(place, 0) + 1

    def notes(self) -> tuple[str, ...]:
        """A sentence for each kind: how many, where, and what to do."""
        return tuple(self._note(kind, places) for kind, places in self._found.items())

    def _note(self, kind: Kind, places: dict[str, int]) -> str:
        what, advice = _SAID[kind]
        named = [place for place in places if place]
        total = sum(places.values())
        more = "…" if len(named) > _SHOWN else ""
        where_en = f" ({', '.join(named[:_SHOWN])}{more})" if named else ""
        where_zh = f"（{'、'.join(named[:_SHOWN])}{more}）" if named else ""
        return str(
            Text(en=f"{what.en}: {total}{where_en}. {advice.en}", zh=f"{what.zh}：{total} 个{where_zh}。{advice.zh}")
        )
