"""Truncated, corrupt, lying and future files: one clear line each, from every command that reads them."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from agents.cli import main
from agents.llm import gguf
from agents.llm.listing import check_writes
from agents.llm.names import bundled_file
from agents.llm.placing import shape
from agents.llm.placing.choice import Wish, choose
from agents.llm.placing.plan import Planner
from ingest.errors import ModelError
from tests.agents.llm.placing.make_gguf import SHAPES, write

COMMANDS = ("show", "plan", "use")


def told(capsys: pytest.CaptureFixture[str], home: Path, command: str, path: Path) -> str:
    status = main(["--home", str(home), "models", command, str(path)])
    out = capsys.readouterr()
    assert status == 1, (command, out)
    assert "Traceback" not in out.err
    assert "bug of ours" not in out.err
    return out.err


def test_truncated_anywhere(tmp_path, capsys) -> None:
    raw = bundled_file().read_bytes()
    start = gguf.read(bundled_file()).data_start
    path = tmp_path / "cut.gguf"
    for length in (0, 3, 4, 7, 8, 20, 24, 1000, start // 2, start - 1, start, start + 1, len(raw) // 2, len(raw) - 1):
        path.write_bytes(raw[:length])
        for command in COMMANDS:
            assert "not a usable GGUF" in told(capsys, tmp_path, command, path), length


@pytest.mark.parametrize(
    ("at", "form", "value", "says"),
    [
        (4, "<I", 99, "version 99"),
        (4, "<I", 0, "not a usable GGUF"),
        (8, "<Q", 2**62, "not a usable GGUF"),
        (8, "<Q", 100_000, "not a usable GGUF"),
        (16, "<Q", 2**63, "not a usable GGUF"),
        (16, "<Q", 5_000, "not a usable GGUF"),
        (24, "<Q", 2**40, "not a usable GGUF"),
    ],
)
def test_a_future_version_and_absurd_counts(tmp_path, capsys, at, form, value, says) -> None:
    raw = bytearray(bundled_file().read_bytes()[:3_000_000])
    struct.pack_into(form, raw, at, value)
    path = tmp_path / "odd.gguf"
    path.write_bytes(raw)
    for command in COMMANDS:
        assert says in told(capsys, tmp_path, command, path)


@pytest.mark.parametrize("name", ["bundled", "qwen3moe", "qwen35"])
def test_whatever_the_header_says_reading_and_planning_only_ever_raise_a_model_error(tmp_path, name) -> None:
    source = bundled_file() if name == "bundled" else write(SHAPES[name](), tmp_path / "whole.gguf")
    header = gguf.read(source)
    with source.open("rb") as file:
        head = file.read(header.data_start)
    table = header.data_start - 60 * len(header.tensors)
    generator = random.Random(f"{name}-7")
    path = tmp_path / "odd.gguf"
    with path.open("wb") as file:
        file.truncate(header.file_bytes)  # what follows the header is never read
    refused = 0
    for _ in range(150 if name == "bundled" else 400):
        odd = bytearray(head)
        for _ in range(generator.choice((1, 1, 2, 4))):
            at = generator.choice(
                (generator.randrange(4, min(6000, len(odd)) - 8), generator.randrange(table, len(odd) - 8))
            )
            kind = generator.random()
            if kind < 0.5:
                odd[at] ^= 1 << generator.randrange(8)
            elif kind < 0.75:
                struct.pack_into("<I", odd, at, generator.choice((0, 1, 99, 2**31 - 1, 2**32 - 1)))
            else:
                struct.pack_into("<Q", odd, at, generator.choice((0, 1, 31, 2**40, 2**63 - 1, 2**64 - 1)))
        with path.open("r+b") as file:
            file.write(odd)
        try:
            read = gguf.read(path)
            check_writes(read)
            choose(Planner(shape.read(path), (), 2**33), Wish())
            assert str(read.name) is not None
        except ModelError:
            refused += 1
    assert refused > 50


def metadata(**pairs: object) -> bytes:
    """A file with no tensors and these pairs: int as u32, float as f32, text."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs))
    for name, value in pairs.items():
        key = name.replace("__", ".").encode()
        head += struct.pack("<Q", len(key)) + key
        if isinstance(value, str):
            head += struct.pack("<IQ", 8, len(value)) + value.encode()
        else:
            head += struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<Ii", 5, value)
    return head + bytes(64)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("llama__block_count", 2**31 - 1),
        ("split__count", 2**31 - 1),
        ("llama__block_count", float("nan")),
        ("llama__context_length", -5),
        ("llama__attention__head_count", float("inf")),
        ("llama__embedding_length", "wide"),
        ("split__count", "many"),
        ("general__name", 7),
        ("general__file_type", "Q4"),
        ("tokenizer__chat_template", 3.5),
    ],
)
def test_values_of_the_wrong_kind_and_size(tmp_path, capsys, key, value) -> None:
    path = tmp_path / "odd.gguf"
    path.write_bytes(metadata(general__architecture="llama", **{key: value}))
    for command in COMMANDS[:2]:
        main(["--home", str(tmp_path), "models", command, str(path)])
        assert "bug of ours" not in capsys.readouterr().err
