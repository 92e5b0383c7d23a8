"""Bad pages, cut-off and scribbled files of Chroma's: they end neither a search nor the doctor, and are mended."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest import open_library
from ingest.settings import Settings

HASHING = Settings(embedder="hashing")
PAGE = 4096
HOMES = 64 if os.environ.get("KILLS") == "all" else 8
"""`make kill` damages all of them."""
QUESTION = "the hotel of part 77"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with enough passages for Chroma to write its HNSW files."""
    root = tmp_path_factory.mktemp("damaged")
    parts = (f"## Part {p}\n\n" + f"The hotel of part {p} costs {p * 20} euros a night. " * 12 for p in range(1100))
    (root / "large.md").write_text("\n\n".join(parts), "utf-8")
    library = open_library(root / "home", HASHING)
    library.add([root / "large.md"])
    library.close()
    assert any(p.stat().st_size > PAGE for p in (root / "home" / "index").rglob("data_level0.bin"))
    return root / "home"


def damage(home: Path, seed: int) -> str:
    """One kind of damage to one of Chroma's files; what it was."""
    dice = random.Random(seed)
    files = [p for p in sorted((home / "index").rglob("*")) if p.is_file() and p.stat().st_size]
    path = next(p for p in files if p.name == "data_level0.bin") if seed % 2 else dice.choice(files)
    size = path.stat().st_size
    if seed % 5 == 4:
        os.truncate(path, dice.randrange(size))
        return f"{path.name} cut off"
    with path.open("r+b") as file:
        for _ in range(1 + seed % 3):
            file.seek(dice.randrange(max(1, size // PAGE)) * PAGE)
            file.write(dice.randbytes(min(PAGE, size)))
    return f"{path.name} with bad pages"


def lived_through(sound: Path, home: Path, seed: int, wanted: list[str]) -> str:
    """'' when a damaged home was searched and mended, or what went wrong."""
    shutil.copytree(sound, home)
    what = damage(home, seed)
    begun = time.monotonic()
    library = open_library(home, HASHING)
    try:
        if [hit.text for hit in library.search(QUESTION)] != wanted:
            return f"{what}: the answer differs"
        if left := [f.what for f in library.doctor(repair=True) if f.level == "problem" and not f.mended]:
            return f"{what}: {left}"
        kb = library.kb().id
        if library._mirror.compare(kb) != (set(), set()):
            return f"{what}: the index is not what the catalog says"
        return f"{what}: took {time.monotonic() - begun:.0f} s" if time.monotonic() - begun > 240 else ""
    finally:
        library.close()
        shutil.rmtree(home)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_no_damage_to_chromas_files_ends_a_search_or_the_doctor(sound: Path, tmp_path: Path) -> None:
    library = open_library(sound, HASHING)
    wanted = [hit.text for hit in library.search(QUESTION)]
    library.close()
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(
            pool.map(lambda seed: lived_through(sound, tmp_path / f"home{seed}", seed, wanted), range(HOMES))
        )
    assert [outcome for outcome in outcomes if outcome] == []


@pytest.mark.parametrize("seed", [1, 9])  # a bad page, a file cut off
def test_adding_to_a_damaged_index_mends_it(sound: Path, tmp_path: Path, seed: int) -> None:
    home = tmp_path / "home"
    shutil.copytree(sound, home)
    damage(home, seed)
    for path in (home / "index").rglob("data_level0.bin"):  # whatever else: every second page is gone
        with path.open("r+b") as file:
            for at in range(0, path.stat().st_size, 2 * PAGE):
                file.seek(at)
                file.write(random.Random(at).randbytes(PAGE))
    (tmp_path / "more.md").write_text("# More\n\nThe pump is serviced every spring.", "utf-8")
    library = open_library(home, HASHING)
    assert not library.add([tmp_path / "more.md"]).failed
    assert "pump" in library.search("when is the pump serviced?")[0].text
    assert not [f for f in library.doctor() if f.level == "problem"]
    library.close()


LOOK = """
import sys
from pathlib import Path
from ingest import open_library
from ingest.settings import Settings
library = open_library(Path(sys.argv[1]), Settings(embedder="hashing"))
print([f.what for f in library.doctor() if f.level == "problem"], len(library.search("the hotel of part 77")))
library.backup(Path(sys.argv[2]))
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="mounts a folder read-only, for itself alone")
def test_a_home_that_nobody_can_write_is_judged_rightly_and_backed_up(sound: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(sound, home)
    mounted = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && echo mounted && exec "$1" -c "$2" "$0" "$3"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mounted, str(home), sys.executable, LOOK, str(tmp_path / "all.zip")],
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    if not done.stdout.startswith("mounted"):
        pytest.skip("nothing can be mounted here")
    assert done.stdout.split("\n")[1] == "[] 8", done.stderr[-2000:]
    assert done.returncode == 0, done.stderr[-2000:]
    assert "catalog.sqlite3" in zipfile.ZipFile(tmp_path / "all.zip").namelist()
