# Every target sets up its own environment: Python 3.11 or newer and make are all that must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.ready

# Compiled Python is kept, whatever the shell says: a process then starts in half the time, and the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup chat test check types imports tests eval bench bench-telegram docs lock

setup: $(STAMP)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "statagent needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(STAMP): requirements.lock pyproject.toml | $(UV)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

chat: setup
	@$(BIN)/statagent chat

# Everything that the build machine checks. Types and imports keep one core busy, and the tests wait now and then.
test: setup check

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory --jobs 3 types imports tests

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

tests: setup
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist worksteal

# Conversations replayed against the real tools: a table.
eval: setup
	@$(BIN)/statagent eval

# What the docs show, measured anew: load, statistics, the check of numbers, many chats at once, then crashes (an hour).
bench: setup
	$(BIN)/python -m evals.bench.load
	$(BIN)/python -m evals.bench.stats
	$(BIN)/python -m evals.bench.number_check
	$(BIN)/python -m evals.bench.ml
	$(BIN)/python -m evals.bench.telegram
	$(BIN)/python -m evals.bench.crash
	$(BIN)/python -m evals.bench.cloud_crash 250 --with-care
	$(BIN)/python -m evals.bench.cloud_crash 20
	$(BIN)/python -m evals.bench.telegram_crash

# The bot alone: many chats at once, then kill -9 at its commits.
bench-telegram: setup
	$(BIN)/python -m evals.bench.telegram
	$(BIN)/python -m evals.bench.telegram_crash

# docs/tools.md and README's table of tools, of the tools themselves.
docs: setup
	$(BIN)/python -m runtime.tool_docs

lock: | $(UV)
	$(UV) pip compile pyproject.toml --group dev --extra serverless --extra cluster --extra onnx --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements.lock
