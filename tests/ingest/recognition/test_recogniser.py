from __future__ import annotations

import hashlib

import numpy as np
import pytest

from ingest.errors import UsageError
from ingest.language import speaking
from ingest.recognition import Frame, Recognition, RecognitionError, opened
from ingest.recognition.recogniser import forget
from ingest.settings import Settings
from tests.ingest.recognition.conftest import lines_of, page_of

PICTURE = np.full((20, 30, 3), 200, np.uint8)


def test_what_was_read_is_kept_by_what_the_picture_holds(tmp_path, scripted) -> None:
    found = page_of(*lines_of("one", "two"), frames=(Frame((0.0, 50.5), (1.0, 20.25), ((0, 0, 0, 0),)),))
    file = tmp_path / "a.pdf"
    file.write_bytes(b"one file")
    for _ in range(2):
        recogniser, reader = scripted(found, kept=tmp_path / "ocr")
        recogniser.begin(file)
        assert recogniser.recognise(PICTURE) == found
        assert recogniser.asked
        recogniser.recognise(PICTURE)
        recogniser.recognise(PICTURE + 1)
        assert len(reader.seen) == 2
        for kept in (tmp_path / "ocr").rglob("*.json"):
            assert kept.stat().st_mode & 0o077 == 0
            kept.write_text('["damaged"')  # is read anew
    sha = hashlib.sha256(b"one file").hexdigest()
    assert [folder.name for folder in (tmp_path / "ocr").iterdir()] == [sha]
    forget(tmp_path / "ocr", {sha})
    assert (tmp_path / "ocr" / sha).is_dir()
    forget(tmp_path / "ocr", ())
    assert not list((tmp_path / "ocr").iterdir())


@pytest.mark.parametrize("mode", ["off", "auto"])
def test_where_nobody_can_read_it_is_said_what_to_do(monkeypatch, mode) -> None:
    monkeypatch.setattr("ingest.recognition.options.installed", lambda: "")
    recogniser = opened(Recognition(mode))
    assert not recogniser.able
    todo = {"off": "ocr", "auto": "make setup"}[mode]
    with pytest.raises(RecognitionError) as caught:
        recogniser.recognise(PICTURE)
    assert todo in caught.value.hint.en
    with speaking("zh"):
        assert "文字识别" in str(caught.value)


def test_settings_that_make_no_sense_are_refused(tmp_path) -> None:
    for wrong in (Settings(ocr_languages="zh+klingon"), Settings(ocr_model="http://127.0.0.1:8080/v1")):
        with pytest.raises(UsageError):
            Recognition.of(wrong, tmp_path)
    served = Recognition.of(Settings(ocr_languages="ja", ocr_model="http://127.0.0.1:1/v1#vl"), tmp_path)
    assert served.reader == "http://127.0.0.1:1/v1#vl ja"
    assert Recognition(*served.packed()) == served


def test_nothing_is_imported_before_a_picture_needs_it() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom ingest.recognition import Recognition, opened\nopened(Recognition())\n"
        "sys.exit(bool({'cv2', 'rapidocr', 'onnxruntime', 'openai'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
