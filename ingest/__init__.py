"""Files in, hits out.

    from ingest import open_library
    library = open_library()
    library.add(["docs/"], kb="handbook")
    hits = library.search("年假有几天?", kb="handbook", k=8)

Importing this loads nothing heavy; a name is resolved when it is first used. What is offered stands in the imports for type
checkers, and nowhere else.
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.attached import attached_to as attached_to
    from ingest.catalog import KnowledgeBase as KnowledgeBase
    from ingest.catalog import Synced as Synced
    from ingest.documents import Added as Added
    from ingest.documents import Chunk as Chunk
    from ingest.documents import Correction as Correction
    from ingest.documents import Document as Document
    from ingest.documents import Failure as Failure
    from ingest.documents import Hit as Hit
    from ingest.documents import LegScore as LegScore
    from ingest.documents import Page as Page
    from ingest.documents import PlacedLine as PlacedLine
    from ingest.documents import Report as Report
    from ingest.documents import Trace as Trace
    from ingest.embedders.factory import check_embedder as check_embedder
    from ingest.errors import DamagedLibrary as DamagedLibrary
    from ingest.errors import LibraryLocked as LibraryLocked
    from ingest.errors import LibraryUnavailable as LibraryUnavailable
    from ingest.errors import LoadError as LoadError
    from ingest.errors import ModelError as ModelError
    from ingest.errors import NewerLibrary as NewerLibrary
    from ingest.errors import PruneDoubtful as PruneDoubtful
    from ingest.errors import Skipped as Skipped
    from ingest.errors import UsageError as UsageError
    from ingest.errors import ZhikuError as ZhikuError
    from ingest.filters import Filter as Filter
    from ingest.filters import filter_of as filter_of
    from ingest.health import Finding as Finding
    from ingest.language import Language as Language
    from ingest.language import Text as Text
    from ingest.language import is_cjk as is_cjk
    from ingest.language import say as say
    from ingest.language import speak as speak
    from ingest.language import speaking as speaking
    from ingest.lexical import terms_in as terms_in
    from ingest.library import Library as Library
    from ingest.pages import counted as counted
    from ingest.pages import local_time as local_time
    from ingest.pages import page_name as page_name
    from ingest.pages import shorten as shorten
    from ingest.pages import shown_size as shown_size
    from ingest.private import exposed_keys as exposed_keys
    from ingest.private import private_files as private_files
    from ingest.progress import Progress as Progress
    from ingest.progress import hearing as hearing
    from ingest.selection import Scope as Scope
    from ingest.settings import Settings as Settings
    from ingest.settings import default_home as default_home
    from ingest.settings import load_settings as load_settings
    from ingest.settings import setting_meaning as setting_meaning
    from ingest.settings_file import change_settings as change_settings
    from ingest.settings_file import overridden as overridden
    from ingest.settings_file import settings_path as settings_path
    from ingest.stores import SIGN_IN as SIGN_IN
    from ingest.stores import people_kept as people_kept
    from ingest.tracing import told_page as told_page
    from ingest.tracing import told_trace as told_trace
    from ingest.uploads import forget_refused as forget_refused
    from ingest.uploads import forget_uploads as forget_uploads
    from ingest.uploads import is_upload as is_upload
    from ingest.uploads import keep_upload as keep_upload
    from ingest.uploads import safe_name as safe_name
    from ingest.web.addresses import bound as bound
    from ingest.web.addresses import host_name as host_name
    from ingest.web.addresses import is_loopback as is_loopback
    from ingest.wiring import open_library as open_library


def _offered() -> dict[str, str]:
    """By name the module that defines it: of the imports above each `NAME as NAME`; the rest is for signatures here."""
    block = next(node for node in ast.parse(Path(__file__).read_text("utf-8")).body if isinstance(node, ast.If))
    lines = [line for line in block.body if isinstance(line, ast.ImportFrom)]
    return {alias.name: str(line.module) for line in lines for alias in line.names if alias.asname}


_MODULES = dict(sorted(_offered().items()))
__all__ = list(_MODULES)

if not TYPE_CHECKING:  # a type checker is to know every name, not to believe any

    def __getattr__(name: str) -> object:
        """A name's module is imported when the name is first used (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return found

    def __dir__() -> list[str]:
        """What is offered, imported yet or not."""
        return [*globals(), *__all__]
