"""Work that outlives the run of a page: an answer being written, a task being carried out, files being added.

Streamlit ends a page's run whenever somebody clicks; the work must not end with it. So each has a thread of its own,
which takes in what comes of it, and the page looks at that as often as it likes.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from agents import (
    Answer,
    Answered,
    Citation,
    Event,
    Found,
    Quoted,
    RunEvent,
    RunView,
    Standalone,
    Thought,
    Token,
    Withdrawn,
    view_of,
)
from ingest import (
    Hit,
    Library,
    Progress,
    Report,
    Synced,
    Text,
    UsageError,
    ZhikuError,
    forget_refused,
    hearing,
    is_upload,
    say,
)

if TYPE_CHECKING:  # rights, which a home without users has nothing of
    from agents import Agent, AgentView


class Chat(Protocol):
    """What a turn needs of a chat."""

    def stream(self, question: str, *, cancel: threading.Event) -> Iterator[Event]:
        """The events of an answer, `Answered` last; until `cancel` is set."""


class Read(Protocol):
    """What reads files."""

    def __call__(self, *, progress: Callable[[Progress], None], stop: threading.Event) -> Report:
        """What came of them; until `stop` is set."""


E = TypeVar("E")
log = logging.getLogger(__name__)


class Background(Generic[E]):
    """One thing at work. What comes of it is only ever appended, by its own thread, so any other may read it."""

    what: ClassVar[Text]
    """What it is called where an error that is not ours ends it."""
    todo: ClassVar[Text] = Text("", "")
    """What a person can do then."""

    def __init__(self, earlier: Iterable[E] = ()) -> None:
        """Begins at once, after what came `earlier`."""
        self.error: ZhikuError | None = None
        self.preparing = ""
        """What takes long before it can go on, such as a model's first use."""
        self._events = list(earlier)
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._done = threading.Event()
        # The thread speaks the language of the tab that asked.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run,), name=type(self).__name__, daemon=True).start()

    @property
    def running(self) -> bool:
        """True until it has ended, or pauses."""
        return not self._done.is_set()

    @property
    def stopping(self) -> bool:
        """True once it was asked to stop; what is finished by then stays."""
        return self._stop.is_set()

    @property
    def seconds(self) -> float:
        """Since it began or went on."""
        return time.monotonic() - self._began

    @property
    def count(self) -> int:
        """Events so far: whether there is anything new to draw."""
        return len(self._events)

    def stop(self) -> None:
        """End it in good order."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Up to `seconds`, or until it has ended; True when it has."""
        return self._done.wait(seconds)

    def _work(self) -> None:
        """Do it, giving `_take` what comes of it, until there is no more or `_stop` is set."""
        raise AssertionError

    def _take(self, event: E) -> None:
        self._events.append(event)

    def _run(self) -> None:
        try:
            with hearing(partial(setattr, self, "preparing")):
                self._work()
        except ZhikuError as error:
            self.error = error
        except Exception as error:
            log.exception("%s failed", type(self).__name__)
            self.error = ZhikuError(
                Text(
                    f"{self.what.en} ended with an unexpected error: {error}.",
                    f"{self.what.zh}因意外错误而中断：{error}。",
                ),
                Text(
                    f"{self.todo.en}The terminal that runs the application shows the details.",
                    f"{self.todo.zh}详情见运行本应用的终端。",
                ),
            )
        finally:
            self._done.set()


class Turn(Background[Event]):
    """One question being answered."""

    what = Text("The answer", "回答")
    todo = Text("Ask again. ", "请重新提问。")

    def __init__(self, chat: Chat, question: str, read: Read | None = None) -> None:
        """`read`: what reads files that came with the `question`, which waits for it; '' where they came alone."""
        self.question = question
        self.report: Report | None = None
        """What came of the files."""
        self._chat, self._read = chat, read
        super().__init__()

    @property
    def reading(self) -> bool:
        """Whether files are being read."""
        return self._read is not None and self.report is None

    @property
    def standalone(self) -> str:
        """The question as it is searched for, where it differs from what was typed."""
        return "".join(event.text for event in self._events if isinstance(event, Standalone))

    @property
    def hits(self) -> tuple[Hit, ...] | None:
        """What was found; None while it is searched for."""
        return next((event.hits for event in self._events if isinstance(event, Found)), None)

    @property
    def quotes(self) -> tuple[Citation, ...]:
        """The sentences nearest to the question."""
        return next((event.citations for event in self._events if isinstance(event, Quoted)), ())

    @property
    def thoughts(self) -> str:
        """Of a reasoning model, so far."""
        return "".join(event.text for event in self._events if isinstance(event, Thought))

    @property
    def text(self) -> str:
        """The answer's, as far as it is written; provisional until there is an answer."""
        written = ""
        for event in self._events[:]:
            if isinstance(event, Token):
                written += event.text
            elif isinstance(event, Withdrawn):  # it was a thought, and comes again as one
                written = ""
        return written

    @property
    def answer(self) -> Answer | None:
        """The whole answer, at the end."""
        return next((event.answer for event in self._events if isinstance(event, Answered)), None)

    def _work(self) -> None:
        if self._read is not None:
            self.report = self._read(progress=self._file, stop=self._stop)
            self.preparing = ""
            if not (self.report.added or self.report.updated or self.report.unchanged or self._stop.is_set()):
                raise UsageError(
                    Text("None of the files could be read.", "所有文件都未能读取。"),
                    Text("Ask again to have it answered without them.", "可重新提问，不使用这些文件作答。"),
                )
        for event in self._chat.stream(self.question, cancel=self._stop) if self.question else ():
            self._take(event)

    def _file(self, progress: Progress) -> None:
        if progress.path:
            self.preparing = f"{say('Reading', '正在读取')} {Path(progress.path).name}"


class TaskWork(Background[RunEvent]):
    """A new task being carried out, or a run that goes on."""

    what = Text("The task", "任务")
    todo = Text("Resume it. ", "请继续运行。")

    def __init__(self, agent: Agent | AgentView, task: str, resume: str = "", earlier: Iterable[RunEvent] = ()) -> None:
        """A new `task`, or the run `resume` of that task with its `earlier` events."""
        self.task, self._agent, self._resume = task, agent, resume
        self._begun = threading.Event()
        super().__init__(earlier)

    @property
    def questions(self) -> int:
        """The most questions that the model will be asked; 0 for a run that goes on."""
        return 0 if self._resume else self._agent.questions(self.task)

    @property
    def run_id(self) -> str:
        """Of the run; '' for the moment before it begins."""
        return self._agent.run_id

    def begun_as(self) -> str:
        """The run's id, as soon as it has one. Raises what kept it from being begun."""
        self._begun.wait()
        if not self.run_id:
            self.wait()
            raise self.error or ZhikuError(self.what)
        return self.run_id

    @property
    def view(self) -> RunView:
        """What its events come to."""
        return view_of(self._events[:])

    def _work(self) -> None:
        agent, resume = self._agent, self._resume
        try:
            events = agent.resume_stream(resume, self._stop) if resume else agent.stream(self.task, self._stop)
        finally:
            self._begun.set()
        for event in events:
            self._take(event)


class AddJob(Background[Progress]):
    """Files being added to a knowledge base. A stop comes after the file at hand."""

    what = Text("Adding", "添加")
    todo = Text("What was finished is kept. ", "已完成的部分会保留。")

    def __init__(
        self,
        library: Library,
        kb: str,
        paths: Sequence[str | Path],
        *,
        follow: Synced | None = None,
        sure: bool = False,
        ocr: Literal["auto", "off", "force"] | None = None,
    ) -> None:
        """`follow`: the folder of `paths`, to be kept in step; `sure`: whatever has to go for that; `ocr`: read them anew
        with text recognition so set."""
        self.report: Report | None = None
        self.paths = tuple(map(Path, paths))
        self.kb, self.follow, self._library = kb, follow, library
        self._add = (
            partial(library.syncing.sync, follow.place, kb, keep=follow.keep, depth=follow.depth, sure=sure)
            if follow is not None
            else partial(library.add, list(map(str, paths)), kb, ocr=ocr)
        )
        super().__init__()

    @property
    def progress(self) -> Progress | None:
        """As it was last heard of."""
        return self._events[-1] if self._events else None

    def _work(self) -> None:
        try:
            self.report = self._add(progress=self._take, stop=self._stop)
        finally:
            self._forget_refused()

    def _forget_refused(self) -> None:
        """An upload lives as long as its document. One that was refused in place of an earlier of the same name is not what
        that document was read from, and goes as well."""
        copies = [path for path in self.paths if is_upload(self._library.home, str(path))]
        if not copies:
            return
        with suppress(ZhikuError):  # what can't be looked up stays
            kept = {document.path for document in self._library.documents(self.kb)}
            refused = (self.report.failed + self.report.skipped) if self.report else ()
            forget_refused(self._library.home, copies, kept - {one.path for one in refused})

    def _take(self, event: Progress) -> None:
        self._events = [event]  # the last alone: a folder can hold a hundred thousand files


W = TypeVar("W", bound=Background[Any])


class Slot(Generic[W]):
    """At most one work of a kind at a time, shared by all tabs: the library has one writer, the line one download."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: W | None = None

    @property
    def latest(self) -> W | None:
        """What runs, or the last that ran until it is dismissed."""
        return self._work

    @property
    def busy(self) -> bool:
        """Whether one is running."""
        return (work := self._work) is not None and work.running

    def start(self, make: Callable[[], W]) -> bool:
        """Make and begin it. False, and nothing happens, while another runs."""
        with self._lock:
            if self.busy:
                return False
            self._work = make()
            return True

    def dismiss(self) -> None:
        """Forget one that has ended."""
        with self._lock:
            if self._work is not None and not self._work.running:
                self._work = None
