# Every task of a contributor, as one word. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.helmont-installed
CATALOGUES := $(wildcard src/helmont/locale/*/LC_MESSAGES/django.po)
COMPILED := $(CATALOGUES:.po=.mo)

.PHONY: help setup run test check format messages compile-messages bench lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) $(COMPILED) ## make .venv with the pinned dependencies and the helmont command
	@:

$(STAMP): requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) tools/setup $(VENV)
	@touch $@

%.mo: %.po $(STAMP)
	@$(BIN)/python -m tools.messages compile $<

run: setup ## load the demonstration trial and serve it on this machine
	@$(BIN)/helmont demo

test: setup ## run all tests, on SQLite and on PostgreSQL (PYTEST="-k word" narrows them)
	@tools/debian-packages
	@$(BIN)/python -m tools.test $(PYTEST)

# Settings make keys in the state folder; checking must not make one in the working folder.
check messages: export HELMONT_HOME := $(VENV)/state
check: setup ## style, types, floors, docs, templates and translations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.check_docs
	$(BIN)/python -m tools.check_repository
	$(BIN)/python -m tools.check_templates
	$(BIN)/python -m tools.check_translations

format: setup ## rewrite the code in the house's layout
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

messages: setup ## collect the texts shown to people into the catalogues of src/helmont/locale
	$(BIN)/python -m tools.messages extract

compile-messages: $(COMPILED) ## compile the catalogues (setup does this too)

bench: setup ## measure saves, page loads and exports on this machine
	$(BIN)/python -m helmont.bench

lock: setup ## choose dependency versions anew and pin them by hash
	$(BIN)/uv pip compile --upgrade --universal --generate-hashes --no-header --python-version 3.11 \
		--group pyproject.toml:dev pyproject.toml -o requirements.lock --quiet

clean: ## remove the environment, caches and compiled catalogues; keeps var/
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache test-results
	rm -f src/helmont/locale/*/LC_MESSAGES/*.mo
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
