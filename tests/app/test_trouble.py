"""When the library cannot be opened the page says why and what to do, and nothing else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import opening


@pytest.fixture
def tab(tmp_path, monkeypatch):
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path))
    opening.reload()
    tab = AppTest.from_file(str(Path(opening.__file__).with_name("main.py")), default_timeout=60)
    tab.session_state["language"] = "zh"
    yield tab
    opening.reload()


def test_a_home_of_a_later_version(tab, tmp_path):
    with sqlite3.connect(tmp_path / "catalog.sqlite3") as db:
        db.execute("pragma user_version = 999")
    db.close()
    tab.run()
    assert not tab.exception
    assert "999" in tab.error[0].value
    assert tab.button[0].label == "重试"
    (tmp_path / "catalog.sqlite3").unlink()
    tab.button[0].click().run()
    assert not tab.error
    assert tab.title[0].value == "向您的文档提问"


def test_a_setting_that_does_not_exist(tab, tmp_path):
    (tmp_path / "settings.toml").write_text("modell = 'x'\n", "utf-8")
    tab.run()
    assert not tab.exception
    assert "modell" in tab.error[0].value.replace("\\", "")
    assert "model" in tab.error[0].value
