"""Documents: sent, listed, read, tagged, removed; and the jobs that read them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from starlette.responses import Response

from agents.access.policy import NotFound
from agents.access.rights import Verb
from agents.serve.api.forms import CorrectionForm, Labels
from agents.serve.problems import Refused, problem
from agents.serve.visit import Base, Here, Visit, plain
from agents.serve.waiting import events
from ingest import errors
from ingest.documents import Correction, Document
from ingest.errors import UsageError
from ingest.jobs import Job, TooManyJobs
from ingest.language import Text
from ingest.places import is_url
from ingest.uploads import forget_refused, forget_uploads, keep_upload

router = APIRouter(prefix="/api", tags=["Documents"])
Number = Annotated[int, Path(ge=0, lt=2**62)]


@router.get("/documents")
def list_documents(
    visit: Here,
    kb: Base = "default",
    where: Annotated[str, Query(max_length=2000)] = "",
    first: Annotated[int, Query(ge=0, lt=2**62)] = 0,
    most: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Those of a knowledge base, by path, that fit a filter; `most` of them from number `first` on."""
    visit.base("read", kb)
    found = visit.library.documents(kb, where=where)
    return {"total": len(found), "documents": [_told(one) for one in found[first : first + most]]}


@router.post("/documents", status_code=202)
def send_documents(
    visit: Here,
    kb: Base = "default",
    files: Annotated[list[UploadFile] | None, File(description="As multipart/form-data.")] = None,
    url: Annotated[list[str] | None, Form(description="Pages of the web to fetch instead, or as well.")] = None,
    tag: Annotated[list[str] | None, Form(description="Tags and fields for all of them.")] = None,
) -> dict[str, Any]:
    """Send files, or addresses of pages; they are read by a job, whose progress `GET /api/jobs/{id}/events` tells."""
    base = visit.base("write", kb)
    addresses = url or []
    if not files and not addresses:
        raise UsageError(
            Text("There is neither a file nor an address.", "既没有文件，也没有网址。"),
            Text("Send 'files' or 'url'.", "请发送 “files” 或 “url”。"),
        )
    if strange := next((one for one in addresses if not is_url(one)), ""):
        raise UsageError(
            Text(f"'{strange[:100]}' is no address.", f"“{strange[:100]}” 不是网址。"),
            Text("Addresses begin with http:// or https://.", "网址须以 http:// 或 https:// 开头。"),
        )
    try:
        kept = [keep_upload(visit.library.home, base.id, file.filename or "file", file.file) for file in files or ()]
    except OSError as error:
        raise Refused(
            507,
            "no-room",
            Text(f"The file can't be kept: {error.strerror}.", f"无法保存文件：{error.strerror}。"),
            Text("The server's disk may be full.", "服务器磁盘可能已满。"),
        ) from error
    try:
        return told(visit.desk.jobs.start(kb, [*map(str, kept), *addresses], tag or ()))
    except TooManyJobs as error:
        forget_refused(visit.library.home, kept, [one.path for one in visit.library.documents(kb)])
        raise Refused(503, "busy", error.message, error.hint, Retry_After="30") from error


@router.get("/documents/{document}")
def show_document(visit: Here, document: Number, kb: Base | None = None) -> dict[str, Any]:
    """One, with what was not read of it (`notes`), its pages and passages."""
    found = _found(visit, document, kb)
    return {
        **_told(found),
        "page_list": [
            {"number": page.number, "label": page.label, "section": page.section, "characters": len(page.text)}
            for page in visit.library.pages(found.id)
        ],
    }


@router.get("/documents/{document}/pages/{page}")
def read_page(visit: Here, document: Number, page: Number, kb: Base | None = None) -> dict[str, Any]:
    """The stored text of a page: citations' `start` and `end` count its characters."""
    found = _found(visit, document, kb)
    for one in visit.library.pages(found.id):
        if one.number == page:
            place = {"page": page, "label": one.label, "section": list(one.section)}
            return {"document": found.id, "kb": found.kb, "title": found.title, **place, "text": one.text}
    raise NotFound(
        Text(f"This document has no page {page}.", f"该文档没有第 {page} 页。"),
        Text(f"It has {found.pages}.", f"共 {found.pages} 页。"),
    )


@router.patch("/documents/{document}")
def tag_document(visit: Here, document: Number, form: Labels, kb: Base | None = None) -> dict[str, Any]:
    """Give it tags and fields, or take them away."""
    found = _found(visit, document, kb, write=True)
    for names, remove in ((form.remove, True), (form.add, False)):
        if names:
            visit.library.tag([str(found.id)], names, found.kb, remove=remove)
    return _told(_found(visit, document, found.kb))


@router.get("/documents/{document}/corrections")
def list_corrections(visit: Here, document: Number, kb: Base | None = None) -> list[Correction]:
    """What people have put right in it, the first one first, with what was taken back."""
    found = _found(visit, document, kb, write=True)
    return visit.library.corrections(str(found.id), found.kb)


@router.post("/documents/{document}/corrections", status_code=201)
def correct_document(visit: Here, document: Number, form: CorrectionForm, kb: Base | None = None) -> list[Correction]:
    """Put something right, which whoever cites it says; its file stays as it is. Returns all its corrections."""
    found = _found(visit, document, kb, write=True)
    return visit.library.correct(str(found.id), **form.model_dump(), kb=found.kb, who=visit.who.user)


@router.delete("/documents/{document}/corrections/{correction}")
def revert_correction(visit: Here, document: Number, correction: Number, kb: Base | None = None) -> list[Correction]:
    """Take one back. Returns all its corrections."""
    found = _found(visit, document, kb, write=True)
    return visit.library.revert(str(found.id), correction, found.kb)


@router.delete("/documents/{document}", status_code=204)
def remove_document(visit: Here, document: Number, kb: Base | None = None) -> None:
    """Delete it everywhere, and the copy that was sent of it."""
    found = _found(visit, document, kb, write=True)
    visit.library.remove([str(found.id)], found.kb)
    forget_uploads(visit.library.home, [found.path], [one.path for one in visit.library.documents(found.kb)])


# -- jobs -------------------------------------------------------------------------------------------------------------


@router.get("/jobs")
def list_jobs(visit: Here) -> list[dict[str, Any]]:
    """Those on knowledge bases that you may read, the latest first."""
    return [told(job) for job in visit.desk.jobs.all() if visit.who.may("read", job.kb)]


@router.get("/jobs/{job}")
def show_job(visit: Here, job: str) -> dict[str, Any]:
    """How far it is; `report` says at the end what became of each file."""
    return told(_job(visit, job))


@router.get("/jobs/{job}/events", response_model=None)
async def follow_job(visit: Here, job: str) -> Response:
    """The same as server-sent events called `job`, until it has ended."""
    found = _job(visit, job)

    def work(cancel: threading.Event) -> Iterator[tuple[str, str, Any]]:
        for now in visit.desk.jobs.follow(found.id, cancel):
            yield "", "job", told(now)

    return await events(visit.request, work)


@router.delete("/jobs/{job}", status_code=202)
def cancel_job(visit: Here, job: str) -> dict[str, Any]:
    """Stop it after the file at hand."""
    found = _job(visit, job)
    visit.require("write", found.kb)
    visit.desk.jobs.cancel(found.id)
    return told(found)


def _job(visit: Visit, identity: str) -> Job:
    """Raises `NotFound`."""
    found = visit.desk.jobs.get(identity)
    if found is None or not visit.who.may("read", found.kb):
        raise no_job(identity)
    return found


def _found(visit: Visit, document: int, kb: str | None, *, write: bool = False) -> Document:
    """The document of that number: in `kb`, or in any base that the caller may read. Raises `NotFound`."""
    verb: Verb = "write" if write else "read"
    base = visit.library.base_of(document) if kb is None else visit.base(verb, kb).name
    if base and visit.who.may("read", base):
        if kb is None:
            visit.require(verb, base)
        for found in visit.library.documents(base):
            if found.id == document:
                return found
    raise NotFound(
        Text(f"There is no document {document}.", f"没有文档 {document}。"),
        Text("GET /api/documents lists those there are.", "GET /api/documents 可列出全部文档。"),
    )


def _told(document: Document) -> dict[str, Any]:
    return {**plain(document), "kind": document.kind}


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
