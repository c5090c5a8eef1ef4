# Two commands do everything on a machine that has Python (3.11 or newer) and make:
#   make demo   environment, model, 200 synthetic letters indexed, three searches
#   make test   environment, all tests
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed

.PHONY: demo test lint format lock accuracy relevance bench-letters mappings clean

demo: $(STAMP)
	$(VENV)/bin/imr demo

test: $(STAMP) lint
	$(VENV)/bin/pytest

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(STAMP)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# Needs the real letters in ../shared, or: make accuracy LETTERS=DIR
LETTERS ?= ../shared/determinations/pdf
accuracy: $(STAMP)
	$(VENV)/bin/python -m evaluation.accuracy --letters $(LETTERS)

# Writes docs/relevance.md and the figures that a test holds search to
relevance: $(STAMP)
	$(VENV)/bin/python -m evaluation.relevance --letters $(LETTERS)

# Writes its section of docs/performance.md
bench-letters: $(STAMP)
	$(VENV)/bin/python -m benchmarks.letters --letters $(LETTERS)

mappings: $(STAMP)
	$(VENV)/bin/imr mappings render

# The environment is made again whenever the locked versions change.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "imr-precedents needs Python 3.11 or newer; choose one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	uv pip compile --universal --generate-hashes --no-annotate --no-header \
	  --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .pytest_tmp .hypothesis
