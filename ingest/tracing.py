"""How a document was read, in words: by what, how long it took, which pages are not simply the file's text and why."""

from __future__ import annotations

from ingest.documents import How, Trace
from ingest.language import Text, say
from ingest.pages import ranges

_PAGES: dict[How, Text] = {
    "recognised": Text("text recognised (OCR)", "文本来自文字识别（OCR）"),
    "second": Text("text by the second reader (pypdf)", "文本由备用读取程序（pypdf）提供"),
    "unread": Text("empty: it shows something, which was not recognised", "为空：页面有内容，但未进行文字识别"),
    "nothing": Text("empty: no text was found in what it shows", "为空：页面内容中未识别到文字"),
    "blank": Text("empty: nothing is written on it", "为空：页面上没有文字"),
}


def told_page(how: How) -> str:
    """What there is to say of a page."""
    return str(_PAGES[how])


def told_trace(trace: Trace) -> str:
    """The whole in one line."""
    parts = [
        say(f"read as {trace.loader}", f"按 {trace.loader} 读取"),
        trace.library,
        f"OCR {trace.ocr}",
        say(f"{trace.seconds:.1f} s", f"{trace.seconds:.1f} 秒"),
        *(
            say(f"page {run}: {_PAGES[how].en}", f"第 {run} 页：{_PAGES[how].zh}")
            for how in _PAGES
            if (run := ", ".join(ranges([number for number, known in trace.pages if known == how])))
        ),
    ]
    return " · ".join(filter(None, parts))
