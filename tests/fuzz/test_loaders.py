"""Documents of every format, broken: the reader says so in our words, in bounded time, or brings sound pages."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import strategies as st

from ingest.errors import LoadError
from ingest.parsing import Parser
from tests.fuzz.mutations import Change, broken, changes, fuzz

SEEDS = sorted(path for path in (Path(__file__).parents[2] / "data" / "documents").iterdir() if path.is_file())
PACKED = [path for path in SEEDS if path.suffix in {".docx", ".xlsx", ".pptx", ".epub"}]


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser(1, timeout_seconds=60, memory_bytes=1 << 30) as opened:
        yield opened


def read(parser: Parser, path: Path) -> None:
    ((_, parsed),) = parser.parse([path])
    if isinstance(parsed, LoadError):
        assert "Traceback" not in str(parsed)
        return
    for page in parsed.pages:
        assert "\0" not in page.text
        for block in page.blocks:
            assert 0 <= block.start <= block.end <= len(page.text)


def test_broken_files(parser: Parser, tmp_path: Path, time_left: Callable[[], bool]) -> None:
    def check(seed: Path, by: list[Change]) -> None:
        path = tmp_path / f"broken{seed.suffix}"
        path.write_bytes(broken(seed.read_bytes(), by))
        read(parser, path)

    fuzz(check, 60, time_left, seed=st.sampled_from(SEEDS), by=changes)


def test_whole_around_a_broken_part(parser: Parser, tmp_path: Path, time_left: Callable[[], bool]) -> None:
    """A package that is a sound ZIP gets past the first look, to the XML inside."""

    def check(seed: Path, member: float, by: list[Change]) -> None:
        out = BytesIO()
        with zipfile.ZipFile(seed) as good, zipfile.ZipFile(out, "w") as bad:
            names = good.namelist()
            for name in names:
                content = good.read(name)
                bad.writestr(name, broken(content, by) if name == names[int(member * len(names))] else content)
        path = tmp_path / f"packed{seed.suffix}"
        path.write_bytes(out.getvalue())
        read(parser, path)

    fuzz(check, 60, time_left, seed=st.sampled_from(PACKED), member=st.floats(0, 0.999), by=changes)
