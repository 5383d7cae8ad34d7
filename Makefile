# The one recipe file: needs Python 3.11 or newer, make and a package index, nothing else.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv-peers/.ready
MADE := first_look

.PHONY: help setup study repro test jobs browser docs lint soak audit bench schema stages lock

help: ## Show this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(READY) ## Create .venv with the locked packages

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "harness needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

# Under a name of its own, which git ignores: the results of indian_pines_small that git holds stay.
study: $(READY) ## Run the main job on Indian Pines: search, confirm, frontier, report, recommend
	$(BIN)/harness launch studies/indian_pines_small.yaml --set name=$(MADE) --workers 2 --confirm --restart --yes
	$(BIN)/harness frontier $(MADE)
	$(BIN)/harness report $(MADE)
	$(BIN)/harness recommend $(MADE) --cost 0.5

repro: $(READY) ## Bring data, studies, frontiers and reports up to date (DVC)
	PATH="$(CURDIR)/$(BIN):$$PATH" dvc repro

test: $(READY) ## Pass the tests
	$(BIN)/pytest --numprocesses auto --dist worksteal --ignore tests/browser -m 'not job'

jobs: $(READY) ## Pass the slow tests: all studies end to end, MLflow's server, a model without harness
	$(BIN)/pytest tests --numprocesses auto --dist worksteal --durations 20 -m job --ignore tests/browser

browser: $(READY) ## Open the report and MLflow in a real browser (needs Chromium)
	$(BIN)/pytest tests/browser

docs: $(READY) ## Build the documentation into docs/_build/html; a warning is an error
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet --builder html docs docs/_build/html

soak: $(READY) ## Inject faults by the dozen, and mutate 20,000 files of every kind (or HARNESS_FUZZ_CASES)
	HARNESS_SOAK=1 $(BIN)/pytest -rP --timeout 0 tests/faults
	$(BIN)/python -m tests.faults.fuzz $(or $(HARNESS_FUZZ_CASES),20000)

audit: $(READY) ## Look the locked packages up among known vulnerabilities (asks pypi.org about each)
	$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict

lint: $(READY) ## Format, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## Measure harness against what people would use instead: benchmarks/RESULTS.md (QUICK=1: in small, to benchmarks/quick)
	@$(MAKE) --silent $(PEERS) || echo "No environment for Ray Tune: it is left out"
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

# Ray Tune has no place among harness's own packages.
$(PEERS): benchmarks/peers/requirements.lock
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	$(BIN)/uv pip install --quiet --python .venv-peers/bin/python --require-hashes -r $<
	touch $@

schema: $(READY) ## Write the JSON Schema of study files
	$(BIN)/harness schema > studies/study.schema.json

stages: $(READY) ## List the data sets and studies that DVC has stages for
	$(BIN)/harness stages

lock: $(READY) ## Pin all packages by version and hash
	$(BIN)/uv pip compile --universal --generate-hashes --no-annotate --no-header --group dev --extra graph --extra cluster --extra onnx --extra postgres pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -c requirements.lock benchmarks/peers/requirements.in -o benchmarks/peers/requirements.lock
