from __future__ import annotations

import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import app
from app.__main__ import EVERYONE, check_free, checked, main
from app.serving import options
from ingest import is_loopback
from ingest.errors import UsageError

FOLDER = Path(app.__file__).parent


SAFE = {
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.corsAllowedOrigins": [],
    "server.trustedUserHeaders": {},
    "server.baseUrlPath": "",
    "server.sslCertFile": "",
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    "browser.gatherUsageStats": False,
    "global.developmentMode": False,
    "secrets.files": [],
}
LOOSE = """
[server]
enableCORS = false
enableXsrfProtection = false
enableStaticServing = true
enableAgentApi = true
corsAllowedOrigins = ["http://evil.example"]
allowedHosts = ["*"]
trustedUserHeaders = {"X-User" = "email"}
sslCertFile = "mine.pem"
cookieSecret = "known"
[client]
showErrorDetails = "full"
allowedOrigins = ["http://evil.example"]
[browser]
gatherUsageStats = true
[global]
developmentMode = true
"""


def test_streamlit_is_told_every_option_that_matters():
    given = options("127.0.0.1", 8600, 512)
    assert {name: given[name] for name in SAFE} == SAFE
    assert (given["server.address"], given["server.port"], given["server.maxUploadSize"]) == ("127.0.0.1", 8600, 512)
    assert given["server.allowedHosts"] == ["localhost", "127.0.0.1", "::1"]
    assert options("0.0.0.0", 8600, 512)["server.allowedHosts"] == []


def test_a_config_file_where_one_stands_changes_nothing(tmp_path):
    """In a process of its own: Streamlit reads its files once, at the start."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(LOOSE)
    code = f"""
import json, sys
from streamlit import config
from app.serving import options
given = options("127.0.0.1", 8600, 512)
config.get_config_options(force_reparse=True, options_from_flags=given)
print(json.dumps({{name: config.get_option(name) for name in [*{list(SAFE)!r}, "server.allowedHosts"]}}))
"""
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(FOLDER.parent)}
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True)
    found = json.loads(ran.stdout)
    assert found.pop("server.allowedHosts") == ["localhost", "127.0.0.1", "::1"]
    assert found == SAFE


def test_beyond_this_machine_people_sign_in_or_it_is_told_so(capsys, tmp_path, monkeypatch):
    assert checked("127.0.0.1", signed_in=False, key=False, everyone=False) is None
    assert "passwords" in str(checked("0.0.0.0", signed_in=True, key=False, everyone=False))
    assert "has the key" in str(checked("0.0.0.0", signed_in=False, key=True, everyone=True))
    assert "everyone" in str(checked("0.0.0.0", signed_in=False, key=False, everyone=True))
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path))
    for protected in ("true", "false"):
        monkeypatch.setenv("ZHIKU_APP_PROTECTED", protected)
        assert main(["--host", "0.0.0.0", "--port", "8600"]) == 2
        assert EVERYONE in capsys.readouterr().err


def test_a_way_to_sign_in_that_lacks_something_is_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path))
    for text, word in (("[auth]\nredirect_uri = ''", "cookie_secret"), ("=", "can't be read")):
        (tmp_path / "sign-in.toml").write_text(text)
        assert main(["--port", "8600"]) == 2
        assert word in capsys.readouterr().err


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
