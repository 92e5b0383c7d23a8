"""A conversation as one HTML file: it stands by itself, carries nothing out, and has every source."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from agents import Answer
from agents.chat.conversation import Feedback, StoredTurn
from agents.proof.checking import CheckedSentence
from agents.proof.sources import Citation
from app.sharing import conversation_html
from ingest import speaking

HOSTILE = '</style><script>alert(1)</script><img src=x onerror="alert(1)"> ![x](http://evil.example/p.png)'
QUOTE = "A hotel may cost 650 yuan per night."


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def turn(text, question=HOSTILE, **more):
    cited = Citation(7, HOSTILE, "/r.md", 2, 0, len(QUOTE), f"{QUOTE} {HOSTILE}", True, 1)
    given = {"abstained": False, "citations": (cited,)} | more
    return StoredTurn(1, "2026-11-29T10:00:00", Answer(question, question, text, **given), Feedback(None))


@pytest.mark.parametrize(("language", "word"), [("en", "Made by Zhiku"), ("zh", "由智库")])
def test_it_stands_by_itself(language, word):
    wrong = CheckedSentence("The moon is cheese.", (), "unsupported", "words", "")
    answers = [
        turn(f"{QUOTE[:-1]} [7]. The moon is cheese.", sentences=(wrong,)),
        turn(f"{HOSTILE} [7]", written=HOSTILE),
        turn("Nothing.", abstained=True),
    ]
    with speaking(language):
        page = conversation_html(HOSTILE, answers)
    tags = Tags()
    tags.feed(page)
    names = {tag for tag, _ in tags.seen}
    assert word in page
    assert not names & {"script", "img", "link", "iframe", "object", "form"}
    assert not [attrs for _, attrs in tags.seen if any(name.startswith("on") or name == "src" for name in attrs)]
    assert sum(tag == "details" for tag, _ in tags.seen) == 4, "a source each, and the model's own words"
    assert '<sup class="zk-n">1</sup>' in page
    assert "✓ 1 · " in page
    assert 'class="zk-unproven"' in page
