"""What every test has around it: an empty home of its own, English, and no way out of this machine."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import Server

GUARD = Path(__file__).parent / "guard"
ROOT = str(Path(__file__).parents[1])
_SESSION = Path(tempfile.mkdtemp(prefix="zhiku-tests-"))
_ATTEMPTS = _SESSION / "attempts"


def _one_certificate() -> Path:
    """A bundle of one certificate. Every HTTP client reads its bundle when it is made, also one that speaks plain HTTP: 40 ms
    for all that certifi has, and here nobody is spoken to who has any of them."""
    import certifi

    end = "-----END CERTIFICATE-----\n"
    file = _SESSION / "certificate.pem"
    file.write_text(certifi.contents().partition(end)[0] + end, "ascii", errors="ignore")
    return file


def _surround() -> None:
    """Set the environment before anything of ours, or any library that reads it once, is imported."""
    for name in list(os.environ):
        if name.startswith(("ZHIKU_", "XDG_", "LC_", "STREAMLIT_", "OPENAI_", "LANGCHAIN_", "LANGSMITH_")):
            del os.environ[name]
    for name in ("http_proxy", "https_proxy", "all_proxy", "LANGUAGE"):
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    os.environ.update(
        HOME=str(_SESSION),
        LANG="en_US.UTF-8",
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        ANONYMIZED_TELEMETRY="False",
        TOKENIZERS_PARALLELISM="false",
        OFFLINE_GUARD_LOG=str(_ATTEMPTS),
        SSL_CERT_FILE=str(_one_certificate()),
        PYTHONPATH=os.pathsep.join(filter(None, [str(GUARD), ROOT, os.environ.get("PYTHONPATH")])),
    )
    # Python has loaded a module of this name long ago (the system's own), so the file is run by its path.
    namespace: dict[str, object] = {"__name__": "offline_guard"}
    exec(compile((GUARD / "sitecustomize.py").read_text("utf-8"), str(GUARD / "sitecustomize.py"), "exec"), namespace)


_surround()
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # how long an example takes says how busy the machine is

TOGETHER = (
    ("embedders/test_sentence_transformers.py", "ingest/test_reranker.py", "verifying/test_verifier.py"),
    ("app/test_browser.py", "app/test_first_hour.py"),
)
"""Files of which each group goes to one process: those that load torch, which takes long and 600 MB, and those that mostly wait
for a browser, while another process computes."""
LONG = (
    "faults/",
    "fuzz/",
    "house/test_style",
    "engine/test_soak",
    "contract/test_chat_models",
    "mcp/test_client",
    "ingest/test_cli",
    *(file for files in TOGETHER for file in files),
)
"""Files that take half a minute and more: begun first, so that no process is left with one when the others have ended."""


gc.disable()


def pytest_collection_finish() -> None:
    """What was made until here stays to the end (libraries, a million objects of them): looking for rings among it, each time there
    is as much again as a quarter of it, took a tenth of collecting."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not any(part in item.path.as_posix() for part in LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """`--dist loadfile`, with the files of `TOGETHER` as one."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((files[0] for files in TOGETHER if file.endswith(files)), file)

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that no other test has seen. Not one of pytest's own, which are numbered: it looks through all that there
    are for the next number, a millisecond a test by the thousandth."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=_SESSION))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ZHIKU_HOME", str(home / "zhiku"))
    for name, folder in (
        ("DATA", ".local/share"),
        ("CONFIG", ".config"),
        ("CACHE", ".cache"),
        ("STATE", ".local/state"),
    ):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / folder))
    return home


@pytest.fixture(autouse=True)
def language_of_the_locale() -> None:
    """A command run within the test process with `--lang zh` would go on speaking Chinese to the next test."""
    from ingest.language import speak

    speak(None)


@pytest.fixture(autouse=True)
def stays_on_this_machine() -> Iterator[None]:
    """Fail the test during which anything, in a subprocess too, tried to reach another machine."""
    _ATTEMPTS.unlink(missing_ok=True)
    yield
    if _ATTEMPTS.exists():
        attempts = _ATTEMPTS.read_text("utf-8")
        _ATTEMPTS.unlink()
        pytest.fail(f"The test tried to reach another machine:\n{attempts}", pytrace=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server for all tests of this process."""
    from tests.postgres import Server

    server = Server()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> str:
    """The setting `store`: files in the home, and a new place at a server. What holds for one holds for the other."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres").url()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared_store(request: pytest.FixtureRequest) -> str:
    """The same for all tests of a file."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres").url()


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    import shutil

    shutil.rmtree(_SESSION, ignore_errors=True)


def pytest_report_header() -> str:
    """The interpreter at the top of the report: most questions about a failure start there."""
    return f"python {sys.version.split()[0]}, {sys.executable}"
