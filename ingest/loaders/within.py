"""What a file holds beside its own text: pictures, files, parts that nobody can read.

What is written in a picture goes where it stands, a file is a document of its own, and of everything else a note says how
much there is, where, and what to do.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import struct
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Literal

from ingest.documents import Attached, Parsed
from ingest.errors import LoadError
from ingest.language import Text, say
from ingest.loaders.encoding import decoded
from ingest.loaders.foreign import MereArchive
from ingest.loaders.layout import MAX_CHARACTERS, Composer, listed, one_line, too_long
from ingest.loaders.sniff import OLE_STREAMS, packed_kind
from ingest.recognition import Recogniser, RecognitionError
from ingest.zips import file_name, names

Kind = Literal["picture", "diagram", "chart", "embedded", "media", "part"]

_SAID: dict[Kind, tuple[Text, Text]] = {
    "picture": (
        Text("Pictures without an alternative text were not read", "没有替代文字的图片未读取"),
        Text(
            "If they show text, give them one or add what they show as a document.",
            "如果图中有文字，请添加替代文字，或将其内容另存为文档后添加。",
        ),
    ),
    "diagram": (
        Text("Diagrams whose text was not found", "未找到文本的图示"),
        Text("Save the file again in Office, or convert them to shapes.", "请在 Office 中重新保存，或将其转换为形状。"),
    ),
    "chart": (
        Text("Charts without stored figures", "没有存储数据的图表"),
        Text("Add the file with their figures.", "请添加含有其数据的文件。"),
    ),
    "embedded": (
        Text("Embedded objects were not read", "嵌入的对象未读取"),
        Text("Save them from the document and add them.", "请从文档中另存后添加。"),
    ),
    "media": (
        Text("Sound and video were not read", "音频和视频未读取"),
        Text("Add what is said as a text.", "请将其中的讲话内容另存为文本后添加。"),
    ),
    "part": (
        Text("Inserted documents of a kind that cannot be read", "插入了无法读取的文档"),
        Text("Save the file again in Word.", "请在 Word 中重新保存该文件。"),
    ),
}
_MOST_FILES = 10_000
"""Of one file, those within its files included."""


class Files:
    """Files within one file, each read as a document of its own."""

    def __init__(self, load: Callable[[Path], Parsed]) -> None:
        self.notes: list[str] = []
        """Which could not be read, why, and what to do."""
        self._load = load
        self._found: dict[str, Attached] = {}
        self._copies: Counter[str] = Counter()
        self._characters = 0

    @property
    def documents(self) -> tuple[Attached, ...]:
        """Those that could be read."""
        return tuple(self._found.values())

    def add(self, name: str, data: bytes, archive: str = "") -> None:
        """Read a file of that name, of an `archive` each of its files; a note says why one can't be, or would be too much."""
        with tempfile.TemporaryDirectory(prefix="zhiku-within-") as folder:
            file = Path(folder) / file_name(name)
            file.write_bytes(data)
            try:
                try:
                    self._keep(f"{archive}/{file.name}".lstrip("/"), data, self._load(file))
                except MereArchive:
                    if archive:
                        raise
                    self._unpack(file)
            except LoadError as error:
                self._refuse(name, str(error.message), str(error.hint or ""))
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - a library's surprise about one file costs only that
                how = type(error).__name__
                self._refuse(name, say(f"it is damaged or unusual ({how}).", f"文件损坏或特殊（{how}）。"))

    def _unpack(self, file: Path) -> None:
        """Read the files of an archive; those within another archive are not. Raises `LoadError` for one that may not be unpacked."""
        from ingest.loaders.archives import check_archive

        check_archive(file, dtd=True)
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            for member, name in zip(members, names(members), strict=True):
                if name:
                    self.add(name, archive.read(member), file.name)

    def _refuse(self, name: str, reason: str, todo: str = "") -> None:
        said = say(f"The attachment '{name}' was not read: {reason} {todo}", f"附件 “{name}” 未读取：{reason}{todo}")
        self.notes.append(said.strip())

    def _keep(self, name: str, data: bytes, parsed: Parsed) -> None:
        """A document, and those within it, under a name that no other has. Raises `LoadError` where it is too much."""
        own = Attached("", hashlib.sha256(data).hexdigest(), len(data), replace(parsed, attached=()))
        found = [own, *parsed.attached]
        self._characters += sum(len(page.text) for one in found for page in one.parsed.pages)
        if self._characters > MAX_CHARACTERS or len(self._found) + len(found) > _MOST_FILES:
            raise too_long()
        path, shown = PurePosixPath(name), name
        while shown.lower() in self._found:
            self._copies[name.lower()] += 1
            shown = str(path.with_name(f"{path.stem} ({self._copies[name.lower()] + 1}){path.suffix}"))
        for one in found:
            place = f"{shown}/{one.name}".rstrip("/")
            self._found[place.lower()] = replace(one, name=place)


class Within:
    """Collects what one file holds while it is read."""

    def __init__(
        self, load: Callable[[Path], Parsed], recogniser: Recogniser, open_part: Callable[[str], IO[bytes]]
    ) -> None:
        """`load` reads a file within this one; `open_part` gives the bytes of a part by its name, or raises KeyError."""
        self._recogniser, self._open = recogniser, open_part
        self._files = Files(load)
        self._missed: list[tuple[Kind, str]] = []
        self._read: dict[str, bool] = {}
        self._failed = self._why = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each kind of thing that was not read: how many, where, and what to do."""
        return (*missed(self._missed), *self._files.notes, *filter(None, [self._why]))

    @property
    def documents(self) -> tuple[Attached, ...]:
        """The files within that are documents of their own."""
        return self._files.documents

    def miss(self, kind: Kind, place: str = "", count: int = 1) -> None:
        """So many more that nobody reads, at `place` ('slide 3'; '' where the file has no places that can be named)."""
        self._missed += [(kind, place)] * count

    def picture(self, names: Iterable[str], page: Composer, said: str = "", place: str | None = "") -> bool:
        """Add what is written in pictures that belong together, each once however often it is shown.

        False where one could not be looked at and nothing is `said` of it (its alternative text); that is missed at
        `place`, unless it is None.
        """
        known = [self._picture(name, page) for name in names]
        if said or (known and all(known)):
            return True
        self._why = self._failed
        if place is not None:
            self.miss("picture", place)
        return False

    def file(self, name: str, place: str = "") -> None:
        """Read an embedded file, whose part has that name ('' for one that isn't there)."""
        try:
            with self._open(name) as file:
                found = unpacked(Path(name).name, file.read())
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - libraries raise anything on damaged files
            found = None
        if found is None:
            self.miss("embedded", place)
        else:
            self._files.add(*found)

    def _picture(self, name: str, page: Composer) -> bool:
        from ingest.loaders.pdf_pages import add_leaf
        from ingest.loaders.pictures import open_picture, read_picture

        if name in self._read:
            return self._read[name]
        self._read[name] = False
        if not name:
            return False
        try:
            with self._open(name) as file, open_picture(file) as picture:
                add_leaf(page, read_picture(picture, self._recogniser))
        except RecognitionError as error:
            self._failed = str(error)
        except (LoadError, OSError, KeyError, ValueError, SyntaxError):
            pass  # a drawing of vectors, or a damaged one: said as one that was not read
        else:
            self._read[name] = True
        return self._read[name]


def missed(found: Iterable[tuple[Kind, str]]) -> tuple[str, ...]:
    """A sentence for each kind of thing that nobody reads, given each with its place ('' for none)."""
    kinds: dict[Kind, list[str]] = {}
    for kind, place in found:
        kinds.setdefault(kind, []).append(place)
    return tuple(_note(kind, places) for kind, places in kinds.items())


def _note(kind: Kind, places: Sequence[str]) -> str:
    what, advice = _SAID[kind]
    named, count = listed(list(dict.fromkeys(filter(None, places)))), len(places)
    en, zh = (f" ({named})", f"（{named}）") if named else ("", "")
    return say(f"{what.en}: {count}{en}. {advice.en}", f"{what.zh}：{count} 个{zh}。{advice.zh}")


_NATIVE = "\x01Ole10Native"
"""The stream of Windows' packager, [MS-OLEDS] 2.3.6, which takes any file."""
_WHOLE = ("Package", "CONTENTS")
"""Streams that are the file: of Office since 2007, and of PDF."""


def unpacked(name: str, data: bytes) -> tuple[str, bytes] | None:
    """Name and content of an embedded file; None for an object that is no file, such as an equation."""
    import olefile

    if not olefile.isOleFile(io.BytesIO(data)):
        return (_called(name, data), data) if data else None
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        if ole.exists(_NATIVE):
            return _native(ole.openstream(_NATIVE).read())
        for stream in filter(ole.exists, _WHOLE):
            content = ole.openstream(stream).read()
            return _called(name, content), content
        kind = next((kind for stream, kind in OLE_STREAMS.items() if ole.exists(stream)), None)
    return (str(Path(name).with_suffix(f".{kind}")), data) if kind else None


def _called(name: str, data: bytes) -> str:
    """The name with the ending of what the bytes are, where they tell it."""
    kind: str | None = "pdf" if data.startswith(b"%PDF-") else None
    if data.startswith(b"PK"):
        with contextlib.suppress(LoadError, zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            kind = packed_kind(archive, "")
    return str(Path(name).with_suffix(f".{kind}")) if kind in ("pdf", "docx", "xlsx", "pptx") else name


def _native(data: bytes) -> tuple[str, bytes] | None:
    """A label, the path it came from, a path for unpacking, the bytes: each string ends in NUL, each size is before."""
    try:
        label, _, rest = data[6:].partition(b"\0")
        path, _, rest = rest.partition(b"\0")
        (length,) = struct.unpack_from("<I", rest, 4)
        (size,) = struct.unpack_from("<I", rest, 8 + length)
    except struct.error:
        return None
    content = rest[12 + length : 12 + length + size]
    named = next((text for raw in (label, path) if (text := decoded(raw))), "")
    return (one_line(PureWindowsPath(named).name) or "object.bin", content) if content else None
