# Needs Python 3.11 or newer, make, git and a package index. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet
PIN := $(BIN)/pip-compile --quiet --generate-hashes --no-header --no-annotate --strip-extras --allow-unsafe \
       --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
# Tests wait for sockets, disks and pauses nearly half of their time: three of them fill two processors.
WORKERS := 3
PYTEST := $(BIN)/pytest --dist loadfile


# The first of these that runs and is new enough; `make PYTHON=/a/python test` chooses another.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3 python,\
          $(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))

.PHONY: help demo test soak lint check fix bench docs openapi pins clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */  make \1\t/' | expand -t 18

demo: $(VENV)/.run  ## open the console on a fictional city; ARGS="--network slow" for its options
	@$(BIN)/csr-console demo $(ARGS)

test: $(VENV)/.test  ## run every test but the long ones; ARGS="-k outage" for a part
	@$(PYTEST) --numprocesses $(WORKERS) --no-loadscope-reorder -m 'not soak' $(ARGS)

soak: $(VENV)/.test  ## run the tests that take longer than a minute each
	@$(PYTEST) --numprocesses 2 --dist worksteal -m soak --override-ini faulthandler_timeout=1200 $(ARGS)

lint: $(VENV)/.dev  ## style, types and the direction of imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "run: make fix"; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache | tail -n 30

check: lint test  ## what a change has to pass: lint and test

fix: $(VENV)/.dev  ## put the style right
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

bench: $(VENV)/.test  ## measure, each figure beside its floor; ARGS="--quick" leaves out the million
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.run  ## write the generated pages of docs/reference again
	@$(BIN)/python docs/generate.py

openapi: $(VENV)/.run  ## write docs/reference/openapi.json again
	@$(BIN)/csr-console central export-openapi docs/reference/openapi.json

pins: $(VENV)/.dev  ## choose the newest versions that fit and pin them; commit what changes
	@$(PIN) --upgrade --output-file requirements/build.txt requirements/build.in
	@$(PIN) --upgrade --output-file requirements/run.txt pyproject.toml
	@$(PIN) --upgrade --output-file requirements/test.txt requirements/test.in
	@$(PIN) --upgrade --output-file requirements/dev.txt requirements/dev.in

clean:  ## remove the environment and what tools left behind
	@rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .ruff_cache .hypothesis

# A stamp is newer than the pins it was installed from; a second run touches nothing.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "csr-console needs Python 3.11 or newer, and none was found. Install it \
	(on Debian and Ubuntu: apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment: \
	install its venv module (on Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }

$(VENV)/.run: requirements/build.txt requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the console needs ..."
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes -r requirements/run.txt -r requirements/test.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.test
	@echo "Installing what the checks need ..."
	@$(PIP) install --require-hashes -r requirements/run.txt -r requirements/test.txt -r requirements/dev.txt
	@touch $@
