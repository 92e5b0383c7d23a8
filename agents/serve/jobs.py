"""Jobs as the API tells of them."""

from __future__ import annotations

from typing import Any

from agents.access.policy import NotFound
from agents.serve.problems import problem
from ingest import errors
from ingest.jobs import Job
from ingest.language import Text


def told(job: Job) -> dict[str, Any]:
    """As it stands now; an error as a problem in the asker's language."""
    return {
        "id": job.id,
        "kb": job.kb,
        "state": job.state,
        "created": job.created,
        "progress": job.progress,
        "report": job.report,
        "error": problem(_error(job.error)) if job.error else None,
    }


def _error(kept: dict[str, str]) -> Exception:
    kind = getattr(errors, kept["kind"], None)
    if kind is None or "en" not in kept:
        return RuntimeError(kept["kind"])
    hint = Text(kept["hint_en"], kept["hint_zh"]) if kept["hint_en"] else None
    return kind(Text(kept["en"], kept["zh"]), hint)  # type: ignore[no-any-return]


def no_job(identity: str) -> NotFound:
    """The same words for a job that is not there and for one on a knowledge base that is not the caller's."""
    return NotFound(
        Text(f"There is no job '{identity}'.", f"没有任务 “{identity}”。"),
        Text("Of those that have ended the latest 200 are kept.", "已结束的任务只保留最近 200 个。"),
    )
