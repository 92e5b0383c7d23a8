# The five things people do here. `make setup` runs once; a second run takes a second.
SHELL := /bin/bash
PY := .venv/bin/python

.PHONY: setup setup-browser demo test bench lint lock clean

setup:            ## install everything into .venv
	@bash install.sh

setup-browser:    ## a headless browser for the one test that wants a real one
	@bash install.sh browser

demo: setup       ## ingest the sample corpus and open the chat
	@ZHIKU_HOME="$${ZHIKU_HOME:-$(CURDIR)/.zhiku}" .venv/bin/ingest add data/documents || [ $$? -eq 1 ]
	@ZHIKU_HOME="$${ZHIKU_HOME:-$(CURDIR)/.zhiku}" .venv/bin/zhiku app

test: setup       ## lint, types, contracts and every test
	@$(PY) -m pytest

OPTIONS = model questions sets chains name compare
bench: setup      ## speed and quality as a Markdown table; only=real model=FILE asks a real model (tests/benchmarks/real)
	@$(PY) -m tests.benchmarks $(only) $(foreach o,$(OPTIONS),$(if $($(o)),$(o)="$($(o))"))

lint: setup
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

lock: setup       ## resolve requirements.lock anew from pyproject.toml
	@bash install.sh lock

clean:            ## remove what the tools leave behind; .venv and knowledge bases stay
	@rm -rf bench build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
