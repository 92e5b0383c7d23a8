from __future__ import annotations

import importlib
import pkgutil
import socket
import tomllib
from pathlib import Path

import pytest

import app
from app.__main__ import check_free, flags, is_loopback, main
from ingest.errors import UsageError

FOLDER = Path(app.__file__).parent


def test_flags_bind_to_the_address_and_refuse_other_host_names():
    given = flags("127.0.0.1", 8600, 512)
    assert "--server.address=127.0.0.1" in given
    assert "--server.port=8600" in given
    assert "--server.maxUploadSize=512" in given
    assert "--server.allowedHosts=localhost" in given
    assert not any("allowedHosts" in flag for flag in flags("0.0.0.0", 8600, 512))


def test_what_counts_as_loopback():
    assert all(map(is_loopback, ["127.0.0.1", "::1", "localhost", "127.1.2.3"]))
    assert not any(map(is_loopback, ["0.0.0.0", "192.168.1.2", "example.org"]))


def test_a_port_in_use_is_one_sentence_and_exit_status_2(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError):
            check_free("127.0.0.1", port)
        assert main(["--port", str(port)]) == 2
    told = capsys.readouterr()
    assert str(port) in told.err
    assert "--port" in told.err
    assert told.out == ""


def test_a_port_that_is_none_is_refused():
    with pytest.raises(UsageError):
        check_free("127.0.0.1", 99999)


def test_every_option_in_the_configuration_exists_in_this_streamlit():
    from streamlit import config

    known = set(config.get_config_options())
    told = tomllib.loads((FOLDER / ".streamlit" / "config.toml").read_text("utf-8"))

    def names(table: dict, prefix: str) -> list[str]:
        found = []
        for key, value in table.items():
            name = f"{prefix}{key}"
            found += names(value, f"{name}.") if isinstance(value, dict) else [name]
        return found

    assert set(names(told, "")) <= known


def test_no_file_of_ours_hides_a_package_streamlit_puts_us_in_front_of():
    taken = {"app", "ingest", "agents", "prompts", "tests", "streamlit"}
    for module in pkgutil.iter_modules([str(FOLDER)]):
        assert module.name not in taken
        if module.name not in {"__main__", "main"}:
            found = importlib.util.find_spec(module.name)
            assert found is None or Path(str(found.origin)).parent == FOLDER, f"{module.name} hides {found.origin}"


def test_no_page_renders_raw_html_or_reaches_out():
    for file in FOLDER.rglob("*.py"):
        text = file.read_text("utf-8")
        assert "unsafe_allow_html=True" not in text, file
        assert "unsafe_allow_javascript" not in text, file
        assert 'page_icon=":' not in text, file
    assert "url(" not in (FOLDER / "style.css").read_text("utf-8")
    assert "http" not in (FOLDER / "style.css").read_text("utf-8")
