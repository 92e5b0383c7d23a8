"""Pictures inside Office files: what is written in them goes where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import LoadError
from ingest.loaders.drawings import A
from ingest.loaders.package import R
from ingest.loaders.pdf_pages import add_leaf
from ingest.loaders.pictures import open_picture, read_picture
from ingest.recognition.errors import RecognitionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.loaders.layout import Composer
    from ingest.loaders.package import Package
    from ingest.recognition import Recogniser

_IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"


class Pictures:
    """Recognises the pictures of one file, each once however often it is shown."""

    def __init__(self, package: Package, recogniser: Recogniser) -> None:
        self._package, self._recogniser = package, recogniser
        self._read: dict[str, bool] = {}
        self._failed = self._why = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Why pictures that nothing else tells of were not read, and what to do."""
        return (self._why,) if self._why else ()

    def add(self, part: str, drawing: Any, page: Composer, said: str) -> bool:  # noqa: ANN401 - lxml elements are untyped
        """Add what is written in the pictures of a drawing. False where one could not be looked at and nothing is
        `said` of it (its alternative text)."""
        known = [self._add(name, page) for name in self._parts(part, drawing)]
        if said or (known and all(known)):
            return True
        self._why = self._failed
        return False

    def _parts(self, part: str, drawing: Any) -> Iterator[str]:  # noqa: ANN401
        for blip in drawing.iter(f"{A}blip", _IMAGE):
            if relation := blip.get(f"{R}embed") or blip.get(f"{R}id"):
                yield self._package.target(part, relation)

    def _add(self, name: str, page: Composer) -> bool:
        if name in self._read:
            return self._read[name]
        self._read[name] = False
        if not name:
            return False
        try:
            with self._package.open(name) as file, open_picture(file) as picture:
                add_leaf(page, read_picture(picture, self._recogniser))
        except RecognitionError as error:
            self._failed = str(error)
        except (LoadError, OSError, ValueError, SyntaxError):
            pass  # a drawing of vectors, or a damaged one: said as one that was not read
        else:
            self._read[name] = True
        return self._read[name]
