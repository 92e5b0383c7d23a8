"""`zhiku check`: any text of any model, held against passages or a knowledge base."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from agents.cli.opening import contents, opened
from agents.cli.proof import told
from agents.evaluation.jsonl import records
from agents.proof.checking import check_answer
from agents.proof.telling import of_passages, of_proof
from ingest.cli.drawing import harmless
from ingest.cli.shell import Common, emit
from ingest.errors import UsageError
from ingest.language import Text, say
from ingest.loaders.encoding import decode


def check(options: Common, answers: Sequence[str], passages: Sequence[str], question: str) -> int:
    """Exit status 1 when a sentence that claims something is not supported. Raises `UsageError`."""
    if passages and options.values.get("kb"):
        raise UsageError(
            Text("--passages and --kb exclude each other.", "--passages 与 --kb 不能同时使用。"),
            Text("Leave one of them out.", "请去掉其中一个。"),
        )
    texts = [_read(answer) for answer in answers]
    if passages:
        named = [one for file in passages for one in _passages(file)]
        shown = [passage for _, passage in named]
        found = [of_passages(check_answer(text, shown, question), [name for name, _ in named]) for text in texts]
    else:
        with opened(options) as platform:
            found = [of_proof(platform.check(text, options.kb, question)) for text in texts]
    if options.json:
        emit({"supported": all(one["supported"] for one in found), "answers": found})
    else:
        for one in found:
            _show(one)
    return 0 if all(one["supported"] for one in found) else 1


def _show(answer: dict[str, Any]) -> None:
    for said in answer["sentences"]:
        click.echo(harmless(told(said["text"], said["verdict"], said["why"])))
        for quote in said["quotes"]:
            page = quote["page"]
            place = say(f", p. {page}", f"，第 {page} 页") if page else f" {quote['start']}-{quote['end']}"
            click.echo(harmless(f"    [{quote['n']}] {quote['document']}{place}: “{' '.join(quote['text'].split())}”"))
    claims = [said for said in answer["sentences"] if said["verdict"] != "no claim"]
    proven = sum(said["supported"] for said in claims)
    click.echo(say(f"{proven} of {len(claims)} proven.", f"{len(claims)} 句中 {proven} 句有依据。"))


def _read(answer: str) -> str:
    """The text itself, or that of the file or stream it names. Raises `UsageError` for one without any."""
    text = _text(answer) if _is_file(answer) else answer
    text = sys.stdin.read() if answer == "-" else text
    if not text.strip():
        raise UsageError(
            Text("There is nothing to check.", "没有可核对的内容。"),
            Text("Give the answer as text, as a file, or on stdin as -.", "请以文本、文件或标准输入（-）给出回答。"),
        )
    return text


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file() or bool(re.fullmatch(r"\S+\.[a-z]{2,5}", name))  # a name, and no answer
    except (OSError, ValueError):  # too long for a name, or with a NUL in it
        return False


def _passages(file: str) -> list[tuple[str, str]]:
    """(Name, text) of each passage that a file holds. Raises `UsageError`."""
    text, name = _text(file), Path(file).name
    if not file.lower().endswith(".jsonl"):
        return [(name, text)]
    form = Text("Each line is a JSON string, or an object with 'text'.", "每行须为 JSON 字符串，或含 “text” 的对象。")
    names = [f"{name}:{number}" for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return list(zip(names, records(text, _passage, form, file), strict=True))


def _passage(record: Any) -> str:  # noqa: ANN401 - whatever stands there
    passage = record["text"] if isinstance(record, dict) else record
    if not isinstance(passage, str):
        raise TypeError(passage)
    return passage


def _text(file: str) -> str:
    return decode(contents(file))[0]
