"""A Chroma server beside a PostgreSQL server: gone, back again, and back with nothing in it."""

from __future__ import annotations

import shutil
from contextlib import closing

import pytest

from ingest import open_library
from ingest.language import speaking
from ingest.progress import hearing
from ingest.settings import Settings
from ingest.vectors.chroma import ChromaIndex
from ingest.vectors.exact import ExactSearch
from tests.services import answering, chroma_server


@pytest.fixture
def chroma(tmp_path):
    process, url = chroma_server(tmp_path / "chroma")
    yield process, url
    process.kill()


def levels(library):
    return {found.level for found in library.doctor()}


def test_without_it_everything_goes_on_and_it_is_told_later(tmp_path, postgres, chroma, monkeypatch):
    process, url = chroma
    monkeypatch.setattr(ExactSearch, "fits", lambda *_: False)  # as in a library too large for memory: ask the index
    settings = Settings(embedder="hashing", workers=1, store=postgres.url(), chroma_url=url)
    for name in ("leave", "pump", "lease"):
        (tmp_path / f"{name}.md").write_text(f"The {name} is described here.")
    with closing(open_library(tmp_path / "home", settings)) as library:
        library.add([tmp_path / "leave.md"])
        assert levels(library) == {"ok"}
        process.kill()
        heard: list[str] = []
        with speaking("zh"), hearing(heard.append):
            report = library.add([tmp_path / "pump.md"])
        assert (len(report.added), report.failed) == (1, ())
        assert {line.partition("：")[0] for line in heard if line} == {f"位于 {url} 的 Chroma 服务没有响应"}
        assert {hit.document for hit in library.search("described")} == {"leave", "pump"}
        [problem] = [found.what for found in library.doctor() if found.level != "ok"]
        assert f"The Chroma server at {url} doesn't answer" in problem

        process.start()
        answering(f"{url}/api/v2/heartbeat")
        library.add([tmp_path / "lease.md"])
        kb = library.kb()
        with closing(ChromaIndex(tmp_path / "none", url)) as index:
            assert len(index.ids(kb.id)) == kb.chunks == 3

        process.kill()
        shutil.rmtree(tmp_path / "chroma")
        process.start()
        answering(f"{url}/api/v2/heartbeat")
        (tmp_path / "pump.md").write_text("The pump is described elsewhere.")
        library.add([tmp_path / "pump.md"])
        with closing(ChromaIndex(tmp_path / "none", url)) as index:
            assert len(index.ids(kb.id)) == 3
        assert levels(library) == {"ok"}
        assert not (tmp_path / "home" / "index").exists()
