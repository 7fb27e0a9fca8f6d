# Everything a person needs runs from here, on a machine with Python 3.11 or later, venv and make.
.DEFAULT_GOAL := help
.PHONY: help demo test check format image bench pictures lock audit clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
IMAGE ?= qatech-ci:dev
BASE_IMAGE ?=
FORGE ?= github

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The lock pins every package by hash; --no-deps keeps pip from looking further than the lock.
$(READY): requirements/dev.txt pyproject.toml
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "qatech-ci needs Python 3.11 or later, set PYTHON=…")'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r requirements/dev.txt
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## show a passing and a failing review, without a token; FORGE=gitlab: there
	@$(BIN)/python -m tools.demo $(FORGE)

check: $(READY) ## formatting, lint, types, layers and the fast tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	HYPOTHESIS_PROFILE=quick $(BIN)/pytest -q -n 2 -m "not slow and not container"

# Containers one after the other: runs of act side by side take each other's containers down.
test: $(READY) ## all tests; those in containers where an engine answers
	$(BIN)/pytest -q -n 2 -m "not container"
	$(BIN)/pytest -q -m container

format: $(READY) ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

image: ## build the image; BASE_IMAGE=… builds on another base
	docker build $(if $(BASE_IMAGE),--build-arg PYTHON_IMAGE=$(BASE_IMAGE)) -t $(IMAGE) .

bench: $(READY) ## measure what a run costs, into docs/benchmarks.md
	$(BIN)/python -m benchmarks

pictures: $(READY) ## draw the documents' pictures anew, with Chromium
	$(BIN)/python -m tools.pictures

lock: $(READY) ## resolve the dependencies anew, with hashes
	$(BIN)/python -m tools.lock

audit: $(READY) ## ask PyPI about known vulnerabilities of what is locked
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements/runtime.txt

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist
