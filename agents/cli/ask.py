"""`zhiku ask`: one question, streamed, its quotes listed below."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from rich.text import Text

from agents.chat.answers import Answer, Answered, Found, Standalone, Thought, Token, Withdrawn
from agents.chat.chat import Chat
from agents.cli.opening import opened
from agents.cli.proof import cited, written
from ingest.cli.drawing import harmless, in_lines
from ingest.cli.shell import Common, emit, note, wanted
from ingest.documents import Hit
from ingest.language import say
from ingest.pages import counted, page_name


def ask(
    options: Common,
    question: str,
    k: int | None,
    model: str | None,
    gpu_layers: int | None = None,
    lora: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    where: tuple[str, ...] = (),
    assistant: str | None = None,
) -> int:
    """Exit status 1 when the model failed; what was found is printed all the same."""
    if question == "-":
        question = sys.stdin.read()
    fitting, several = wanted(tags, where), len(options.kbs) > 1
    with opened(options, model=model, gpu_layers=gpu_layers, lora=",".join(lora) or None) as platform:
        chat = platform.chat(options.kbs, k=k, where=fitting, assistant=assistant)
        answer = chat.ask(question) if options.json else _streamed(chat, question, options)
    if options.json:
        emit(answer.contract(bases=several))
    if answer.error:
        click.echo(answer.error, err=True)
    return 1 if answer.error else 0


def _streamed(chat: Chat, question: str, options: Common) -> Answer:
    """Tokens as they come on a terminal; into a file or a pipe, the checked text alone."""
    live = sys.stdout.isatty()
    shown = ""
    thinking = False
    for event in chat.stream(question):
        match event:
            case Standalone(text):
                note(options, say(f"Searching for: {text}", f"检索：{text}"))
            case Found(hits) if hits:
                note(options, say(f"{counted(len(hits), 'passage')} found.", f"找到 {len(hits)} 个段落。"))
            case Thought() if not thinking:
                thinking = True
                note(options, say("Thinking …", "思考中……"))
            case Token(text) if live:
                click.echo(harmless(text), nl=False)
                shown += text
            case Withdrawn() if shown:
                click.echo("\n\n" + say("That was a thought. The answer:", "以上是思考过程。回答："))
                shown = ""
            case Answered(answer):
                _finish(answer, shown, bases=len(options.kbs) > 1)
                return answer
    raise AssertionError("a stream ends with its answer")


def _finish(answer: Answer, shown: str, *, bases: bool = False) -> None:
    if shown:
        click.echo()
    if answer.text.strip() != shown.strip():
        if shown:
            click.echo("\n" + say("Held against the documents:", "与文档核对后："))
        click.echo(harmless(answer.text))
    quotes = answer.extractive or answer.abstained
    if answer.extractive:
        click.echo("\n" + say("Closest quotes – judge for yourself:", "最接近的原文，请自行判断："))
    elif answer.abstained and answer.citations:
        click.echo("\n" + say("Nearest quotes:", "最接近的原文："))
    judged = () if answer.written or quotes else answer.sentences
    unproven, shown = answer.unsupported_sentences, answer.text
    for line in cited(answer.citations, unproven, judged, shown=shown, quoted=quotes, bases=bases):
        click.echo(harmless(line))
    _nearest(answer.nearest)
    for line in answer.notes:
        click.echo(f"\n{line}")
    if lines := written(answer):
        click.echo()
    for line in lines:
        click.secho(harmless(line), dim=True)


def _nearest(hits: Sequence[Hit]) -> None:
    """The passages that come nearest where no quote does."""
    if hits:
        click.echo("\n" + say("Nearest passages:", "最接近的段落："))
    for hit in hits:
        page = page_name(hit.page, hit.label, hit.corrected)
        click.echo(harmless(f"  {hit.rank}. {hit.document}, {page}:"))
        click.echo(in_lines(Text(harmless(hit.text[:160])), after=len(hit.text) > 160).plain)
