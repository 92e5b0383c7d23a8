"""`zhiku run`: a task carried out before one's eyes: its plan, its calls, its findings, the result with its proof."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from agents.cli.keeping import forget_old
from agents.cli.opening import opened
from agents.cli.proof import cited
from agents.tasks.codec import contract
from agents.tasks.events import (
    ApprovalWanted,
    Call,
    Called,
    Finished,
    Noted,
    Observed,
    Planned,
    PlanStep,
    Result,
    Revised,
    RunEvent,
    StepEnded,
    StepStarted,
)
from agents.tasks.export import MARKS
from agents.tools.tool import ToolError
from ingest.cli.drawing import harmless
from ingest.cli.shell import Common, echo, emit, wanted
from ingest.errors import UsageError
from ingest.language import Text, say
from ingest.pages import shorten

if TYPE_CHECKING:
    from agents.platform import Platform
    from agents.tasks.agent import Agent
    from agents.tasks.effort import Level

_WIDTH = 200
"""Characters of an observation that are shown; the trace has it whole."""


def run(
    options: Common,
    task: str | None,
    resume: str | None,
    approve: str | None,
    reject: str | None,
    reason: str,
    effort: Level | None,
    model: str | None,
    gpu_layers: int | None = None,
    tags: tuple[str, ...] = (),
    where: tuple[str, ...] = (),
    assistant: str | None = None,
    *,
    edit_plan: bool = False,
) -> int:
    """Exit status 0 when the task is done, 130 when Ctrl-C stopped it, 1 for every other end."""
    _check(task, resume, approve, reject)
    fitting, several = wanted(tags, where), len(options.kbs) > 1
    if task == "-":
        task = sys.stdin.read()
    if task is not None and not task.strip():
        raise UsageError(
            Text("The task is empty.", "任务为空。"), Text("Say what is to be done.", "请说明要完成什么。")
        )
    forget_old(options)
    with opened(options, model=model, gpu_layers=gpu_layers) as platform:
        agent = (
            platform.agent_of(resume, effort=effort)
            if resume
            else platform.agent(
                kb=_there(platform, options.kbs), where=fitting, effort=effort, assistant=assistant, review=edit_plan
            )
        )
        servers = platform.mcp()
        for note in servers.notes if servers and not options.quiet else ():
            click.echo(harmless(note), err=True)
        if resume and approve:
            agent.approve(resume, approve)
        if resume and reject:
            agent.reject(resume, reject, reason)
        if task and not (options.json or options.quiet or platform.extractive):
            most = agent.questions(task)
            click.echo(say(f"At most {most} questions to the model.", f"最多向模型提问 {most} 次。"), err=True)
        with _interruptible(agent) as interrupted:
            result = _driven(agent, task or "", resume or "", options)
    if options.json:
        emit(contract(result))
    else:
        print_result(result, bases=several)
    if result.status == "done":
        return 0
    return 130 if interrupted and result.status == "cancelled" else 1


def _check(task: str | None, resume: str | None, approve: str | None, reject: str | None) -> None:
    if (task is None) == (resume is None):
        raise UsageError(
            Text("Give either a task or --resume ID.", "请给出任务，或使用 --resume ID。"),
            Text('For example: zhiku run "Compare …"', "例如：zhiku run “比较……”"),
        )
    if (approve or reject) and not resume:
        raise UsageError(
            Text("--approve and --reject need --resume ID.", "--approve 和 --reject 需要 --resume ID。"),
            Text("`zhiku runs list` shows the ids.", "`zhiku runs list` 会列出编号。"),
        )
    if approve and reject:
        raise UsageError(Text("A call is either approved or rejected.", "调用只能批准或拒绝其一。"))


def _there(platform: Platform, kbs: tuple[str, ...]) -> tuple[str, ...]:
    """The knowledge bases, which must be there; a sum needs none, so an empty library has its default one. Raises
    `UsageError`."""
    for kb in kbs:
        if platform.library.kbs() or kb != "default":
            platform.library.kb(kb)
    return kbs


def _driven(agent: Agent, task: str, resume: str, options: Common) -> Result:
    """Events drawn as they come; on a terminal a call that wants approval is asked about at once."""
    shows = not (options.json or options.quiet)
    while True:
        events = agent.resume_stream(resume) if resume else agent.stream(task)
        result = _shown(events, draws=shows)
        asks = shows and sys.stdin.isatty() and sys.stderr.isatty()
        if result.status != "needs_approval" or not asks or not _decided(agent, result):
            return result
        resume = result.run_id


def _shown(events: Iterator[RunEvent], *, draws: bool) -> Result:
    for event in events:
        if isinstance(event, Finished):
            return event.result
        if draws:
            for line in lines_of(event):
                click.echo(harmless(line), err=True)
    raise AssertionError("a run ends with its result")


def _decided(agent: Agent, result: Result) -> bool:
    """Ask the person about the pending call; False leaves it pending."""
    for call in result.pending:
        click.echo(err=True)
        click.echo(harmless(say(f"May '{call.tool}' be called?", f"允许调用 “{call.tool}” 吗？")), err=True)
        click.echo(harmless(_written(call.arguments)), err=True)
        while not (settled := _settled(agent, result.run_id, call)):
            if settled is None:
                return False
    return True


def _settled(agent: Agent, run_id: str, call: Call) -> bool | None:
    """One question about a call: True when it is approved or rejected, None for later, False to ask again."""
    answer = click.prompt(
        say("[y]es, [n]o, [e]dit, [l]ater", "[y] 允许，[n] 拒绝，[e] 修改，[l] 稍后"),
        type=click.Choice(["y", "n", "e", "l"], case_sensitive=False),
        default="l",
        show_choices=False,
        err=True,
    )
    if answer == "l":
        return None
    if answer == "n":
        why = click.prompt(
            say("Why (the model is told)", "原因（会告诉模型）"), default="", show_default=False, err=True
        )
        agent.reject(run_id, call.id, why)
        return True
    try:
        if answer == "e" and (changed := _edited(call)) is None:
            return False
        agent.approve(run_id, call.id, changed if answer == "e" else None)
    except (UsageError, ToolError) as error:
        click.echo(harmless(str(error)), err=True)
        return False
    return True


def _edited(call: Call) -> dict[str, Any] | None:
    """The arguments as the person left them in the editor; None when nothing was saved. Raises `UsageError`."""
    text = click.edit(_written(call.arguments), extension=".json")
    if text is None:
        echo(en="Nothing was changed.", zh="没有修改。", err=True)
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(Text(f"That is no valid JSON: {error}.", f"不是合法的 JSON：{error}。")) from error
    if not isinstance(found, dict):
        raise UsageError(Text("Arguments are a JSON object.", "参数应为 JSON 对象。"))
    return found


def _written(arguments: Mapping[str, Any]) -> str:
    return json.dumps(dict(arguments), ensure_ascii=False, indent=2)


@contextmanager
def _interruptible(agent: Agent) -> Iterator[list[int]]:
    """Ctrl-C stops the run in good order, so that it can be resumed; a second one ends the program. Gives a list that
    holds something once it was pressed."""
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        pressed.append(number)
        agent.cancel()

    signal.signal(signal.SIGINT, stop)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def lines_of(event: RunEvent) -> list[str]:
    """An event for the terminal; tokens of the result are left out, since it is printed whole once it is checked."""
    match event:
        case Planned(plan):
            return [say("Plan", "计划"), *_rows(plan), ""]
        case StepStarted(step):
            return [f"▸ {step.id}. {step.goal}"]
        case Called(call):
            return [f"    {call.tool}({shorten(_arguments(call), _WIDTH)})"]
        case Observed(record):
            seen = record.observation
            return [f"    {'✗' if seen.error else '→'} {shorten(seen.error or seen.text, _WIDTH)}"]
        case StepEnded(step):
            return [f"  {MARKS[step.state]} {shorten(step.finding, _WIDTH)}", ""]
        case Revised(_, reason, plan):
            return [say(f"Plan changed: {reason}", f"计划已修改：{reason}"), *_rows(plan), ""]
        case ApprovalWanted(call):
            return [f"    ? {call.tool}({_arguments(call)})"]  # whole: nobody should approve what they have not seen
        case Noted(_, text):
            return [f"    · {shorten(text, _WIDTH)}"]
        case _:
            return []


def print_result(result: Result, *, bases: bool = False) -> None:
    """The result with its proof on stdout, quotes with their knowledge bases where there are several `bases`; how it ended and what to do about it on stderr."""
    if result.text:
        click.echo(harmless(result.text))
    if result.abstained and result.citations:
        click.echo("\n" + say("Nearest quotes:", "最接近的原文："))
    for line in cited(result.citations, result.unsupported_sentences, quoted=result.abstained, bases=bases):
        click.echo(harmless(line))
    if result.status != "done":
        click.echo(err=True)
        click.echo(harmless(_end(result.status, result.reason)), err=True)
        for line in _next(result):
            click.echo(harmless(line), err=True)


def _end(status: str, reason: str) -> str:
    """How it ended and why, in one line: a reason that is a clause is joined on, a sentence stands for itself."""
    how = ended(status)
    if not reason:
        return say(f"{how}.", f"{how}。")
    if reason.endswith((".", "。", "?", "？")):
        return reason if status in ("cancelled", "needs_approval") else say(f"{how}. {reason}", f"{how}。{reason}")
    return say(f"{how}: {reason}", f"{how}：{reason}")


def ended(status: str) -> str:
    """How a run stands, in two or three words."""
    return {
        "done": say("Done", "已完成"),
        "gave_up": say("Gave up", "未能完成"),
        "limit": say("Stopped at a limit", "已达上限，停止"),
        "cancelled": say("Stopped", "已停止"),
        "needs_approval": say("Waiting", "等待批准"),
        "error": say("Failed", "出错"),
        "running": say("Running", "进行中"),
        "interrupted": say("Interrupted", "已中断"),
    }.get(status, status)


def _next(result: Result) -> list[str]:
    again = f"zhiku run --resume {result.run_id}"
    if result.pending:
        call = result.pending[0]
        return [
            f"{say('Approve', '批准')}: {again} --approve {call.id}",
            f"{say('Reject', '拒绝')}: {again} --reject {call.id}",
        ]
    if result.status in ("cancelled", "error", "limit"):
        return [f"{say('Go on', '继续')}: {again}"]
    return []


def _rows(plan: Sequence[PlanStep]) -> list[str]:
    return [f"  {MARKS[step.state]} {step.id}. {step.goal}" for step in plan]


def _arguments(call: Call) -> str:
    return ", ".join(f"{name}={json.dumps(v, ensure_ascii=False)}" for name, v in call.arguments.items())
