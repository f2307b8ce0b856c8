# Each target does its own set-up first, so that two commands on a fresh machine are enough.
# What needs no compiler and no terminal runs the same for a person and for CI.

PYTHON := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup test check demo lock docs clean

help: ## Show these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: ## Install what is missing: system packages, .venv, the locked dependencies
	@scripts/setup

test: ## Set up and run the tests (ARGS="tests/cli -k read" runs some of them)
	@scripts/setup --tests
	$(PYTHON) -m pytest -n 2 $(ARGS)

check: ## The gate: lint, format, types, layers, tests
	@scripts/setup --tests
	@scripts/check

demo: ## Set up and run the main job on the bundled invoices (ARGS=--no-serve ends without the console)
	@scripts/setup
	$(PYTHON) runner.py demo $(ARGS)

docs: ## Write the generated pages of docs/ and workflows/schema.json
	@scripts/setup
	$(PYTHON) runner.py actions --write

lock: ## Resolve the dependencies of pyproject.toml into requirements.lock (ARGS=--upgrade takes new versions)
	@scripts/setup
	.venv/bin/uv pip compile --native-tls pyproject.toml --all-extras --universal --python-version 3.11 --no-annotate \
		--generate-hashes --custom-compile-command "make lock" --quiet --output-file requirements.lock $(ARGS)
	.venv/bin/uv pip compile --native-tls pyproject.toml --extra demo --extra s3 --extra traces --universal --python-version 3.11 \
		--no-annotate --generate-hashes --custom-compile-command "make lock" --quiet --constraint requirements.lock \
		--output-file deploy/requirements.lock

clean: ## Remove caches, the demo's folder and the environment; data/ stays
	rm -rf .venv .demo .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
