"""Pictures inside documents: what is written in them goes where they stand."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from ingest.errors import LoadError
from ingest.loaders.drawings import A
from ingest.loaders.package import R
from ingest.loaders.pdf_pages import add_leaf
from ingest.loaders.pictures import open_picture, read_picture
from ingest.recognition.errors import RecognitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ingest.loaders.layout import Composer
    from ingest.loaders.package import Package
    from ingest.recognition import Recogniser

_IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"


def shown_in(package: Package, part: str, drawing: Any) -> Iterator[str]:  # noqa: ANN401 - lxml elements are untyped
    """Names of the pictures that a drawing of an Office file shows."""
    for blip in drawing.iter(f"{A}blip", _IMAGE):
        if relation := blip.get(f"{R}embed") or blip.get(f"{R}id"):
            yield package.target(part, relation)


class Pictures:
    """Recognises the pictures of one file, each once however often it is shown."""

    def __init__(self, open_part: Callable[[str], IO[bytes]], recogniser: Recogniser) -> None:
        """`open_part` gives the bytes of a picture by its name in the file, or raises KeyError."""
        self._open, self._recogniser = open_part, recogniser
        self._read: dict[str, bool] = {}
        self._failed = self._why = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Why pictures that nothing else tells of were not read, and what to do."""
        return (self._why,) if self._why else ()

    def add(self, names: Iterable[str], page: Composer, said: str = "") -> bool:
        """Add what is written in pictures that belong together. False where one could not be looked at and nothing is
        `said` of it (its alternative text)."""
        known = [self._add(name, page) for name in names]
        if said or (known and all(known)):
            return True
        self._why = self._failed
        return False

    def _add(self, name: str, page: Composer) -> bool:
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
