"""A model that would take the process with it takes only its trial."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents.llm.engine import trial
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.trial import load
from agents.llm.names import bundled_file
from agents.llm.placing.choice import Wish
from ingest.errors import ModelError
from tests.agents.llm.placing.make_gguf import qwen3moe, write


def model(path: Path, *, used: int = 2) -> Path:
    """A small mixture of experts; without any in use llama.cpp's GGML_ASSERT(n_expert_used_max > 0) ends its process."""
    recipe = qwen3moe(layers=1, vocabulary=256, experts=4)
    recipe.key("expert_used_count", used)
    return write(recipe, path)


def options(path: Path) -> EngineOptions:
    return EngineOptions.of(path, Wish(256), threads=1)


def notes() -> list[Path]:
    folder = trial._note(options(bundled_file())).parent
    return sorted(folder.iterdir()) if folder.exists() else []


def test_it_really_ends_the_process_without_a_trial(tmp_path) -> None:
    path = model(tmp_path / "killer.gguf", used=0)
    code = f"from tests.agents.llm.engine.test_trial import *; from pathlib import Path; from agents.llm.engine import loading; loading.load(options(Path({str(path)!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, env={**os.environ, "GGML_NO_BACKTRACE": "1"}
    )
    assert done.returncode < 0


def test_a_file_that_kills_llama_is_an_error_each_time_and_tried_once(tmp_path, monkeypatch) -> None:
    path = model(tmp_path / "killer.gguf", used=0)
    for again in (False, True):
        if again:
            monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it was tried again"))
        with pytest.raises(ModelError, match=r"broke down in a trial run .*GGML_ASSERT") as caught:
            load(options(path))
    assert "gpu_layers = 0" in caught.value.hint.en
    assert "试运行" in caught.value.message.zh
    assert notes() == []


def test_a_good_load_is_tried_once(tmp_path) -> None:
    path = model(tmp_path / "good.gguf")
    loaded = load(options(path))
    loaded.context.close()
    loaded.weights.close()
    (note,) = notes()
    assert note.suffix == ".ok"
    before = note.stat().st_ctime_ns
    with trial.guarded(options(path)):
        assert [one.suffix for one in notes()] == [f".{os.getpid()}", ".ok"]  # says that a load is under way
    assert notes() == [note]
    assert note.stat().st_ctime_ns >= before


def test_after_a_load_that_died_the_next_is_tried_again(tmp_path) -> None:
    path = model(tmp_path / "good.gguf")
    trial.try_out(options(path))
    (note,) = notes()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    marker = note.with_suffix(f".{dead.pid}")
    marker.touch()
    # The same name, size and time, other contents: only a trial finds out.
    status = path.stat()
    model(path, used=0)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(ModelError, match="trial run"), trial.guarded(options(path)):
        pytest.fail("it would have been loaded")
    assert not marker.exists()


def test_errors_of_the_trial_are_those_of_a_load(tmp_path) -> None:
    raw = bundled_file().read_bytes()
    path = tmp_path / "new.gguf"
    path.write_bytes(raw[:4096].replace(b"llama", b"lmx99") + raw[4096:])
    with pytest.raises(ModelError, match="architecture 'lmx99'") as caught:
        load(options(path))
    assert "不支持模型架构" in caught.value.message.zh
    assert "llama-cpp-python" in caught.value.hint.en


def test_the_bundled_model_needs_none() -> None:
    with trial.guarded(options(bundled_file())):
        assert notes() == []


def test_what_killed_a_trial_is_told(tmp_path) -> None:
    assert "not enough memory" in str(trial._killed(tmp_path, 9, ""))
    assert "SIGSEGV" in str(trial._killed(tmp_path, 11, ""))
