"""A conversation as one HTML file that stands by itself: answers with their marks, sources folded, no script, nothing fetched."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path

from agents import Answer, StoredTurn
from app.markup import answer_html
from app.passages import page_html
from app.proof_drawing import by_sentence, proven_html, written_html
from ingest import local_time, page_name, say

_LOOK = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; }
h1 { font-size: 1.5rem; }
h2 { margin: 2.4rem 0 .4rem; font-size: 1.1rem; }
.when { margin: 0 0 .8rem; }
footer { margin-top: 2.4rem; }
details { margin: .4rem 0; padding: .3rem .8rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent);
  border-radius: .6rem; }
summary { cursor: pointer; }
footer, .when { opacity: .75; font-size: .875rem; }
"""


def conversation_html(title: str, turns: Sequence[StoredTurn]) -> str:
    """The whole page, in the language spoken now."""
    look = Path(__file__).with_name("style.css").read_text("utf-8") + _LOOK
    language = say("en", "zh-CN")
    said = say(
        "Made by Zhiku from the documents quoted. What is underlined is not proven by them.",
        "由智库根据所引文档生成。带下划线的内容未经文档证实。",
    )
    body = "".join(part for turn in turns for part in _turn(turn))
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{look}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n{body}<footer>{html.escape(said)}</footer>\n</body>\n</html>\n"
    )


def _turn(turn: StoredTurn) -> Iterator[str]:
    answer = turn.answer
    yield f'<h2>{html.escape(answer.question)}</h2>\n<p class="when">{local_time(turn.asked)}</p>\n'
    text, order = (answer_html(answer.text), {}) if answer.abstained else proven_html(answer)[:2]
    yield f"{text}\n"
    for note in (*answer.notes, *filter(None, [answer.error])):
        yield f"<p>{html.escape(note)}</p>\n"
    yield from _sources(answer, order)
    if answer.written:
        told = say("What the model wrote; it is not the answer", "模型写的内容（不作为回答）")
        yield f"<details><summary>{told}</summary>{written_html(answer)}</details>\n"


def _sources(answer: Answer, order: dict[int, int]) -> Iterator[str]:
    """One to unfold for each citation that has a quote; where nothing was cited for a refusal, for what comes nearest."""
    for quotes in by_sentence([one for one in answer.citations if one.quote]):
        cited = quotes[-1]
        number = f"{order[cited.n]} · " if cited.n in order else ""
        sign = "!" if not cited.verified else "○" if answer.extractive or answer.abstained else "✓"
        yield _folded(
            f"{sign} {number}{cited.document}{say(', ', '，')}{cited.source}", "\n".join(one.quote for one in quotes)
        )
    if answer.nearest:
        yield f"<p>{say('Nearest in the documents:', '文档中最接近的内容：')}</p>\n"
    for hit in answer.nearest:
        yield _folded(f"{hit.document}{say(', ', '，')}{page_name(hit.page, hit.label)}", hit.text)


def _folded(summary: str, text: str) -> str:
    return f"<details><summary>{html.escape(summary)}</summary>{page_html(text)}</details>\n"
