from __future__ import annotations

import contextlib
import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.llm import gguf
from agents.llm.names import bundled_file
from ingest.errors import ModelError


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def small(version: int = 3, pairs: int = 2, data: bytes = b"\0" * 64) -> bytes:
    """A whole file: two metadata pairs and one F32 tensor of 16 numbers."""
    head = b"GGUF" + struct.pack("<IQQ", version, 1, pairs)
    head += _text("general.architecture") + struct.pack("<I", 8) + _text("llama")
    head += _text("llama.block_count") + struct.pack("<II", 4, 2)
    head += _text("w") + struct.pack("<IQIQ", 1, 16, 0, 0)
    return head + b"\0" * (-len(head) % 32) + data


def test_reads_the_bundled_model() -> None:
    header = gguf.read(bundled_file())
    assert (header.architecture, header.quantisation, header.layers) == ("llama", "Q4_1", 30)
    assert (header.heads, header.kv_heads, header.context_length) == (9, 3, 8192)
    assert header.parameters == pytest.approx(134.5e6, rel=0.01)
    assert "im_start" in header.template
    assert header.licence == "apache-2.0"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "GGUF"),
        (b"PK\3\4" + b"x" * 100, "begin with"),
        (b"GGUF", "cut off"),
        (small(data=b"\0" * 63), "cut off"),
        (small()[:100], "cut off"),
        (small(version=9), "version 9"),
        (b"GGUF" + struct.pack(">I", 3) + b"\0" * 64, "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60), "lies"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63) + b"\0" * 64, "lies"),
    ],
)
def test_what_is_no_model_is_named(tmp_path: Path, data: bytes, says: str) -> None:
    file = tmp_path / "模型.gguf"
    file.write_bytes(data)
    with pytest.raises(ModelError, match=says):
        gguf.read(file)


def test_missing_file_and_whole_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model file"):
        gguf.read(tmp_path / "no.gguf")
    file = tmp_path / "m.gguf"
    file.write_bytes(small())
    assert gguf.read(file).parameters == 16


@settings(max_examples=200)
@given(st.integers(4, len(small()) - 65), st.binary(min_size=1, max_size=12))
def test_no_bytes_whatever_do_more_than_raise(at: int, junk: bytes) -> None:
    data = bytearray(small())
    data[at : at + len(junk)] = junk
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        file.write(data)
        file.flush()
        with contextlib.suppress(ModelError):
            gguf.read(Path(file.name))
