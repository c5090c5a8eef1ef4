# Two commands do everything on a machine that has Python (3.11 or newer) and make:
#   make demo   environment, model, 200 synthetic letters indexed, three searches
#   make test   environment, all tests
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
TORCH := .venv-torch
TORCH_STAMP := $(TORCH)/.installed

.PHONY: demo test test-torch lint format lock accuracy relevance bench bench-recall bench-letters bench-embedding bench-precedents mappings clean

demo: $(STAMP)
	$(VENV)/bin/imr demo

test: $(STAMP) lint
	$(VENV)/bin/pytest

# Needs some 6 GB: sentence-transformers brings PyTorch and the CUDA libraries it is linked to.
test-torch: $(TORCH_STAMP)
	$(TORCH)/bin/pytest tests/torch

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
	$(VENV)/bin/python -m evaluation.reasons --letters $(LETTERS) --half seen
	$(VENV)/bin/python -m evaluation.reasons --letters $(LETTERS) --half held

# Writes docs/relevance.md and the figures that a test holds search to
relevance: $(STAMP)
	$(VENV)/bin/python -m evaluation.relevance --letters $(LETTERS)

# Writes its sections of docs/performance.md; a million decisions take 6 GB and half an hour
SIZES ?= 10000,100000,1000000
bench: $(STAMP)
	$(VENV)/bin/python -m benchmarks.bench --folder bench --sizes $(SIZES)

# Recall over passages that are really embedded, which takes ten minutes
bench-recall: $(STAMP)
	$(VENV)/bin/python -m benchmarks.recall

# Writes its section of docs/performance.md
bench-letters: $(STAMP)
	$(VENV)/bin/python -m benchmarks.letters --letters $(LETTERS)

# Writes its section of docs/performance.md; another model on the other backend with
# .venv-torch/bin/python -m benchmarks.embedding --model NAME_OR_FOLDER
bench-embedding: $(STAMP)
	$(VENV)/bin/python -m benchmarks.embedding

# Writes its section of docs/performance.md; the index is made by
# .venv/bin/python -m benchmarks.corpus DIR
INDEX ?= bench
bench-precedents: $(STAMP)
	$(VENV)/bin/python -m benchmarks.precedents $(INDEX)

mappings: $(STAMP)
	$(VENV)/bin/imr mappings render

# An environment is made again whenever its locked versions change.
$(STAMP): requirements.lock pyproject.toml
	$(call environment,$(VENV),requirements.lock)

$(TORCH_STAMP): requirements-torch.lock pyproject.toml
	$(call environment,$(TORCH),requirements-torch.lock)

define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "imr-precedents needs Python 3.11 or newer; choose one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear $(1)
	$(1)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(2)
	$(1)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
endef

COMPILE := uv pip compile --universal --generate-hashes --no-annotate --no-header --python-version 3.11
lock:
	$(COMPILE) --extra dev pyproject.toml -o requirements.lock
	$(COMPILE) -c requirements.lock pyproject.toml -o requirements-service.lock
	$(COMPILE) --extra dev --extra torch --extra test-torch -c requirements.lock pyproject.toml \
	  -o requirements-torch.lock

clean:
	rm -rf $(VENV) $(TORCH) demo .mypy_cache .ruff_cache .pytest_cache .pytest_tmp .hypothesis
