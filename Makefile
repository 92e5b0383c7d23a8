# What people do here. `make setup` runs once; a second run takes a second.
SHELL := /bin/bash
PY := .venv/bin/python

.PHONY: setup setup-dev setup-browser setup-services demo test bench lint lock audit fuzz kill pictures docs clean

setup:            ## install into .venv what users need
	@bash install.sh

setup-dev:        ## and what developers need
	@bash install.sh dev

setup-browser:    ## a headless browser for the one test that wants a real one
	@bash install.sh browser

setup-services:   ## PostgreSQL, for the tests of a library that several machines share
	@bash install.sh services

# In the home that every other command uses; ZHIKU_HOME=FOLDER make demo keeps it apart. MODEL=recommended, or a name on a
# hub, fetches that one and lets it answer.
demo: setup       ## ingest the sample corpus into the knowledge base "sample" and open the chat
	@.venv/bin/ingest add data/documents --kb sample || [ $$? -eq 1 ]
	@$(if $(MODEL),.venv/bin/zhiku models pull "$(MODEL)" --from auto --yes && .venv/bin/zhiku models use "$(MODEL)",true)
	@.venv/bin/zhiku app

WORKERS = 2
test: setup-dev     ## lint, types, contracts and every test; each file's tests in one process of two (WORKERS=0: in this one)
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

OPTIONS = model questions sets chains name compare place
bench: setup-dev      ## speed and quality as a Markdown table; compare=OLD.json shows what changed; only=real model=FILE asks a real model
	@$(PY) -m tests.benchmarks $(only) $(foreach o,$(OPTIONS),$(if $($(o)),$(o)="$($(o))"))

lint: setup-dev
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

lock: setup       ## resolve both locks anew from pyproject.toml
	@bash install.sh lock

audit: setup-dev  ## what is installed (build/sbom.cdx.json) and which known holes apply; needs no network
	@$(PY) -m tests.supply

fuzz: setup-dev   ## five minutes of broken archives and documents, half of it each (minutes=N)
	@FUZZ_MINUTES=$(or $(minutes),5) $(PY) -m pytest tests/fuzz --timeout=0

kill: setup-dev   ## kill -9 at more than a hundred points of update, remove, rename, rebuild and restore; 64 damaged indexes; 40 of servers, workers and PostgreSQL
	@$(PY) -m tests.faults.services_driver --kills 40
	@KILLS=all $(PY) -m pytest tests/faults/test_kill_upkeep.py tests/faults/test_damaged_index.py tests/ingest/test_proofs.py --timeout=0 -s

pictures: setup-dev ## those of the READMEs, taken anew of the real application (needs `make setup-browser`)
	@$(PY) -m tests.app.pictures

docs: setup-dev   ## the documentation as a site, in both languages, into build/site; a warning ends it
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build -q
	@echo "build/site/index.html; with its search: $(PY) -m http.server -d build/site 8000"

clean:            ## remove what the tools leave behind; .venv and knowledge bases stay
	@rm -rf bench build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
