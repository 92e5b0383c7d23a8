"""How a document was read, told from what its loader gives: "why is page 7 empty?"."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from ingest.documents import How, Parsed, Trace


def trace_of(parsed: Parsed, kind: str, package: str, ocr: str, seconds: float) -> Trace:
    """The trace of a document read as `kind` with `package`, `ocr` being how text recognition was set. One that another
    loader has read in the end (a converted file) keeps that one's pages."""
    known = dict(parsed.how or parsed.trace.pages)
    pages: list[tuple[int, How]] = []
    for page in parsed.pages:
        how = known.get(page.number)
        if how is None and not page.text.strip():
            how = "unread" if page.number in parsed.needs_ocr else "blank"
        if how is None and page.places:
            how = "recognised"
        if how is not None:
            pages.append((page.number, how))
    library = _named(package) or parsed.trace.library
    return Trace(kind, library, ocr, round(seconds, 3), tuple(pages))


def _named(package: str) -> str:
    """'pypdfium2 5.15.2'."""
    try:
        return f"{package} {version(package)}" if package else ""
    except PackageNotFoundError:
        return package
