"""The file of vectors beside the catalog: another process answers from it alone, and nothing wrong in it is believed."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ingest.vectors.exact import ExactSearch
from ingest.vectors.kept import KeptVectors
from tests.ingest.conftest import matrix
from tests.ingest.test_mirror import DIMENSIONS, House

MANY = 900


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    dice = np.random.default_rng(3)
    rows = dice.normal(size=(MANY, DIMENSIONS)).astype(np.float32)
    made.put_vectors(made.kb(), "first", rows / np.linalg.norm(rows, axis=1, keepdims=True))
    yield made
    made.close()


def searching(house):
    """As another process does: with nothing in memory."""
    return ExactSearch(house.catalog, house.home / "vectors")


def file_of(house):
    return house.home / "vectors" / f"{house.kb()}.vectors"


def asked(house, exact, k=20):
    """What is found for the first vectors, and whether it is right."""
    ids, stored = matrix(house.catalog, house.kb())
    for query in stored[:5]:
        truth = sorted(zip(-(stored @ query), ids.tolist(), strict=True))[:k]
        found = exact.query(house.kb(), query, k)
        assert [score for _, score in found] == pytest.approx([-score for score, _ in truth], abs=1e-6)
        assert exact.cosines([house.kb()], query, [i for i, _ in found]) == pytest.approx(dict(found), abs=1e-6)


def unread(monkeypatch, house):
    def refused(*_):
        raise AssertionError("the catalog was read through")

    monkeypatch.setattr(house.catalog.vectors, "parts", refused)


def test_another_process_answers_from_the_file(house, monkeypatch):
    asked(house, searching(house))
    assert KeptVectors.opened(file_of(house)).whole.shape == (MANY, DIMENSIONS)
    unread(monkeypatch, house)
    monkeypatch.setattr(house.catalog.vectors, "of", lambda ids: {} if not ids else pytest.fail("they are in the file"))
    monkeypatch.setattr(random, "randrange", lambda _: 1)
    searching(house).query(house.kb(), np.eye(DIMENSIONS, dtype=np.float32)[0], 20)


def test_a_few_that_came_and_went_are_looked_up_and_many_make_another_file(house, monkeypatch):
    asked(house, searching(house))
    house.put(house.kb(), "more", chunks=7)
    with monkeypatch.context() as patched:
        patched.setattr(house.catalog.vectors, "parts", None)
        exact = searching(house)
        exact.query(house.kb(), np.eye(DIMENSIONS, dtype=np.float32)[0], 20)
    asked(house, exact)
    assert len(KeptVectors.opened(file_of(house)).ids) == MANY
    house.put(house.kb(), "many", chunks=60)
    asked(house, searching(house))
    assert len(KeptVectors.opened(file_of(house)).ids) == MANY + 67
    house.catalog.documents.remove(house.kb(), [house.catalog.documents.all(house.kb())[-1].id])
    asked(house, searching(house))


@pytest.mark.parametrize("at", [3, 40, -1, -MANY * DIMENSIONS - 5])
def test_a_damaged_file_is_as_none_and_made_anew(house, at):
    asked(house, searching(house))
    sound = file_of(house).read_bytes()
    spoilt = bytearray(sound)
    spoilt[at] ^= 4
    for data in (spoilt, sound[:-9], b""):
        file_of(house).write_bytes(data)
        assert KeptVectors.opened(file_of(house)) is None
        asked(house, searching(house))
        assert file_of(house).read_bytes() == sound


def test_whole_vectors_that_are_not_the_catalogs_are_noticed(house, monkeypatch):
    asked(house, searching(house))
    sound = file_of(house).read_bytes()
    rows = np.frombuffer(sound[4096 : 4096 + 4 * MANY * DIMENSIONS], "<f4")
    file_of(house).write_bytes(sound[:4096] + (0 * rows).tobytes() + sound[4096 + rows.nbytes :])
    asked(house, searching(house))  # of no length: the catalog's are taken
    file_of(house).write_bytes(sound[:4096] + (-rows).tobytes() + sound[4096 + rows.nbytes :])
    monkeypatch.setattr(random, "randrange", lambda _: 0)
    asked(house, searching(house))
    assert file_of(house).read_bytes() == sound


def test_where_it_cant_be_written_the_catalog_answers(house):
    (house.home / "vectors").write_text("a file is in the way")
    asked(house, searching(house))


def test_a_knowledge_base_that_is_gone_leaves_no_file(house):
    exact = searching(house)
    asked(house, exact)
    exact.forget(house.kb())
    assert not list((house.home / "vectors").iterdir())
    asked(house, exact)
