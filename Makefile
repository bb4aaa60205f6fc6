# Needs only make and Python 3.11 or newer; everything else is fetched into .venv.
# `python3` is used unless PYTHON names another; JISHI_DATABASE_URL is passed on to every command.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
ROOMS := $(wildcard plugins/*/pyproject.toml themes/*/pyproject.toml)
GENERATED = $(shell grep -rlF --include='*.md' --exclude-dir=.venv '[[[cog' . 2>/dev/null)

# Another project's activated environment is none of our business.
unexport VIRTUAL_ENV
export UV_PROJECT_ENVIRONMENT := .venv

.DEFAULT_GOAL := help
.PHONY: help setup check format test coverage bench demo docs site build clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## fetch everything into .venv

$(BIN)/uv:
	@echo "setup: making .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "Jishi needs Python 3.11 or newer; this is " + sys.version.split()[0] + \
	  ". Name another: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv || { echo "setup: on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(READY): pyproject.toml uv.lock $(ROOMS) | $(BIN)/uv
	@echo "setup: fetching what uv.lock names"
	@$(BIN)/uv sync --quiet
	@touch $@

check: setup ## format, lint, types, floors, generated pages
	@$(BIN)/ruff format --check --quiet --output-format concise || { echo "format: run 'make format'"; exit 1; }
	@$(BIN)/ruff check --quiet --output-format concise
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo
	@$(if $(GENERATED),$(BIN)/cog --check --check-fail-msg="run 'make docs'" $(GENERATED))
	@echo "check: all good"

format: setup ## lay the code out and repair what a tool can
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --quiet --fix

test: setup ## run the tests, on SQLite and on PostgreSQL; ARGS are pytest's
	@$(BIN)/pytest -q -n auto --dist worksteal $(ARGS)

coverage: setup ## run the tests and show the lines they never reach
	@$(BIN)/coverage run -m pytest -q $(ARGS)
	@$(BIN)/coverage report

bench: setup ## measure against the limits of this machine, writes bench/RESULTS.md; ARGS name a part
	@$(BIN)/python -m bench $(ARGS)

demo: setup ## a shop to click through; ONCE=1 places one order and ends
	@$(BIN)/jishi demo $(if $(ONCE),--once)

docs: setup ## write the generated pages again
	@$(if $(GENERATED),$(BIN)/cog -r $(GENERATED),:)

site: setup ## the documentation as a static site, in site/
	@$(BIN)/zensical build --strict --clean

build: setup ## wheels and sdists of every room into dist/
	@$(BIN)/uv build --quiet --all-packages --out-dir dist
	@ls dist

clean: ## remove what tools made, .venv as well
	@rm -rf .venv dist build site .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
