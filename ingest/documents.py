"""What travels between the rooms of `ingest`: pages, blocks, chunks, documents, hits.

All of it is frozen. Character offsets are offsets into `Page.text` exactly as it is stored, counted in
Unicode code points, start inclusive, end exclusive: `page.text[start:end]` is always the thing meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal

from ingest.filters.names import kind_of

BlockKind = Literal["heading", "paragraph", "list", "table", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A structural unit of a page. Blocks are in order, do not overlap, and cover every non-blank character."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    """Depth of a heading, 1 for the highest; 0 for everything that is not a heading."""


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line that was recognised in a picture, and where it stands there."""

    text: str
    corners: tuple[float, ...]
    """x and y of four corners, from where the line begins above in its reading direction: shares (0 to 1) of the width
    and height of the picture, or of the page as it is shown."""


@dataclass(frozen=True, slots=True)
class Page:
    """A citable unit: a PDF page, a slide, a sheet, a chapter, or the whole of a plain text."""

    number: int
    """Counted from 1 in reading order."""
    text: str
    blocks: tuple[Block, ...] = ()
    """Empty when the loader knows no structure: the chunker then finds paragraphs by blank lines."""
    section: tuple[str, ...] = ()
    """Section path in force where the page begins, outermost first (PDF outline, chapter title, sheet name)."""
    label: str = ""
    """What a person calls the page when it is not its number: 'Sheet1', 'Chapter 2', 'iv'."""
    places: tuple[PlacedLine, ...] = ()
    """Of a page whose text was recognised: its lines in the order of `text`."""


How = Literal["recognised", "second", "unread", "nothing", "blank"]
"""How a page was read whose text is not simply the file's: by text recognition, by another reader than the usual one; or
why it is empty: nobody could recognise what it shows, there was nothing to recognise, it shows nothing."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How a document was read."""

    loader: str = ""
    """The kind of file that it was read as, such as 'pdf'."""
    library: str = ""
    """The package that opened it, with its version; '' where that was ours."""
    ocr: str = ""
    """The setting of text recognition: 'auto', 'off' or 'force'."""
    seconds: float = 0.0
    pages: tuple[tuple[int, How], ...] = ()
    """Pages of which there is something to say; the others were read as text."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file turned into text. `notes` are sentences for the user, such as 'page 3 has no text'."""

    title: str
    media_type: str
    pages: tuple[Page, ...]
    notes: tuple[str, ...] = ()
    needs_ocr: tuple[int, ...] = ()
    """Numbers of the pages that show something but hold no text."""
    recognition: bool = False
    """Whether text recognition had a part in this, or would have had one if it were there."""
    details: tuple[tuple[str, str], ...] = ()
    """What the file says of itself, as (name, value): 'author', 'date', 'language', 'tag', own fields by folded name."""
    attached: tuple[Attached, ...] = ()
    """Files within this one that are documents of their own."""
    how: tuple[tuple[int, How], ...] = ()
    """What its loader knows of single pages; `trace` has it of all."""
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file within another, such as an attachment of a mail: its name there, no two alike, and what it was read as."""

    name: str
    sha256: str
    size: int
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of one page. `text == page.text[start:end]`; `context` is embedded with it but never quoted."""

    page: int
    start: int
    end: int
    text: str
    section: tuple[str, ...] = ()
    context: str = ""
    """Section path, and the header row where a table was split: lines put before the text for the embedder."""
    tokens: int = 0
    """Length of `embedded_text` in the embedder's own tokens."""

    @property
    def embedded_text(self) -> str:
        """What the embedder reads."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Correction:
    """Something that a person has put right in a stored page."""

    id: int
    """0 for one that is not kept yet."""
    page: int
    start: int
    """Where it stood when it was made."""
    former: str
    text: str
    """What stands there instead."""
    made: str = ""
    """UTC, ISO 8601."""
    who: str = ""
    """The user's name; '' for whoever sits at the machine."""
    undone: str = ""
    """When it was taken back; '' where it was not."""
    stands: bool = True
    """Whether the page has it: not where the file has changed since so that it does not fit."""

    def place(self, page: str) -> int:
        """Where `text` stands in a page's text, as near as can be to where it was put; -1 where it does not."""
        return nearest(page, self.text, self.start)


def nearest(text: str, wanted: str, start: int) -> int:
    """Where `wanted` begins in `text`, of several places the one nearest to `start`; -1 where it does not stand there."""
    after, before = text.find(wanted, start), text.rfind(wanted, 0, start + len(wanted))
    found = [place for place in (before, after) if place >= 0]
    return min(found, key=lambda place: abs(place - start), default=-1)


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a knowledge base as the catalog knows it."""

    id: int
    kb: str
    path: str
    title: str
    media_type: str
    sha256: str
    pages: int
    chunks: int
    bytes: int
    added: str
    """UTC time of the last change, ISO 8601."""
    notes: tuple[str, ...] = ()
    modified: str = ""
    """Day of the file's own time, UTC; '' for what is no file."""
    author: tuple[str, ...] = ()
    language: str = ""
    date: str = ""
    """The document's own: a day, month or year, ISO 8601; '' where it says none."""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Own fields by their folded names."""

    @property
    def folder(self) -> str:
        """The folder it lies in; '' for what is no file."""
        return "" if self.path.startswith("text:") else str(PurePath(self.path).parent)

    @property
    def kind(self) -> str:
        """The ending of its name, such as 'pdf'; 'text' where it has none."""
        return kind_of(self.path)

    @property
    def metadata(self) -> dict[str, Any]:
        """What it carries beside its size and counts, as JSON."""
        return {
            "folder": self.folder,
            "kind": self.kind,
            "author": list(self.author),
            "language": self.language,
            "date": self.date,
            "modified": self.modified,
            "tags": list(self.tags),
            "fields": {name: list(values) for name, values in self.fields.items()},
        }


@dataclass(frozen=True, slots=True)
class LegScore:
    """Place (from 1) and raw score of a hit in one leg of the search."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. `text` is exactly `page_text[start:end]` of page `page` of document `document`."""

    rank: int
    score: float
    """Fused score in 0..1, or the reranker's; comparable within one search."""
    document: str
    """The document's title."""
    path: str
    page: int
    section: tuple[str, ...]
    start: int
    end: int
    text: str
    document_id: int
    chunk_id: int
    dense: LegScore | None = None
    """Cosine similarity, when the passage was among the dense leg's candidates."""
    lexical: LegScore | None = None
    """BM25 divided by its upper bound for the query (0..1), when among the lexical leg's candidates."""
    label: str = ""
    copies: tuple[str, ...] = ()
    """Paths of other documents in which the very same passage was found; it counts once."""
    kb: str = ""
    """The knowledge base it was found in; '' in what was stored before bases were named."""
    fused: LegScore | None = None
    """Place and score in the fusion, where a reranker has changed the order since."""
    reranked: LegScore | None = None
    """The reranker's own, where it has read the passage."""
    corrected: str = ""
    """The day on which a person last changed something in it, ISO 8601; '' where nobody did."""

    @property
    def headings(self) -> tuple[str, ...]:
        """What it stands under: the document's title and the sections, the outermost first."""
        return (self.document, *self.section)

    @property
    def under(self) -> str:
        """Its headings in one line."""
        return " ".join(self.headings)


HIT_FIELDS = ("rank", "score", "document", "path", "page", "section", "start", "end", "text", "dense", "lexical")
"""Those that `--json` prints, in this order."""


@dataclass(frozen=True, slots=True)
class Added:
    """A document that `add` stored."""

    document: str
    pages: int
    chunks: int
    sha256: str
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, why, and what to do about it, in the user's language."""

    path: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What one `add` did."""

    kb: str
    added: tuple[Added, ...] = ()
    updated: tuple[Added, ...] = ()
    unchanged: int = 0
    removed: int = 0
    failed: tuple[Failure, ...] = ()
    skipped: tuple[Failure, ...] = ()
    seconds: float = 0.0
    pages: int = 0
    embedded_chunks: int = 0
    interrupted: bool = field(default=False)
    gone: tuple[str, ...] = ()
    """Paths of documents whose files are no longer there: `removed` of them went, the others were kept."""

    @property
    def pages_per_second(self) -> float:
        """Pages stored per second of wall time."""
        return self.pages / self.seconds if self.seconds else 0.0
