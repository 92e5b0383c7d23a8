"""`ingest worker`: carries out what servers were sent."""

from __future__ import annotations

import signal
from contextlib import closing

from ingest.cli.shell import Common, note
from ingest.jobs import Jobs
from ingest.language import say
from ingest.working import Worker


def work(common: Common) -> None:
    """Until it is told to end (Ctrl-C, SIGTERM); then a job under way is left to others after the file at hand."""
    with closing(common.library()) as library, closing(Jobs(library.home, library.settings.store)) as jobs:
        worker = Worker(library, jobs)
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, lambda *_: worker.stop())
        note(common, say("Waiting for jobs; Ctrl-C ends it.", "正在等待任务；按 Ctrl-C 结束。"))
        worker.run()
