"""Four layers, and errors that name the nearest key."""

import pytest

from ingest.errors import UsageError
from ingest.settings import Settings, load_settings


def test_each_layer_overrides_the_one_before(tmp_path, monkeypatch):
    (tmp_path / "settings.toml").write_text('k = 3\nalpha = 0.7\nmodel = "a.gguf"\ngpu_layers = 5\n', "utf-8")
    monkeypatch.setenv("ZHIKU_ALPHA", "0.2")
    monkeypatch.setenv("ZHIKU_GPU_LAYERS", "auto")
    settings = load_settings(tmp_path, k=9, model=None)
    assert (settings.k, settings.alpha, settings.model, settings.gpu_layers) == (9, 0.2, "a.gguf", "auto")
    assert settings.embedder == Settings().embedder


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modle = 'x'", "Did you mean 'model'"),
        ("k = 'many'", "'k' can't be 'many'"),
        ("embedder_backend = 'tensorflow'", "embedder_backend"),
        ("k = ", "not valid TOML"),
        ("[section]\nk = 1", "Unknown setting 'section'"),
    ],
)
def test_mistakes_are_explained(tmp_path, text, message):
    (tmp_path / "settings.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        load_settings(tmp_path)


def test_an_unknown_variable_is_an_error_too(tmp_path, monkeypatch):
    monkeypatch.setenv("ZHIKU_EMBEDER", "x")
    with pytest.raises(UsageError, match="Did you mean 'embedder'"):
        load_settings(tmp_path)


def test_another_file_must_exist(tmp_path):
    with pytest.raises(UsageError, match="no settings file"):
        load_settings(tmp_path, tmp_path / "none.toml")


def test_settings_that_may_not_be_read_come_with_what_to_do(tmp_path):
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(UsageError, match="can't be read") as caught:
        load_settings(tmp_path)
    assert caught.value.hint.en
    assert caught.value.hint.zh
