# The commands of the README and of CI. `make help` lists them.
# The distribution's own Python first: it is built with optimisations that one compiled by hand often lacks.
PYTHON ?= $(shell for python in /usr/bin/python3.11 python3.11 python3; do \
	$$python -c 'import ensurepip, venv' 2>/dev/null && echo $$python && break; done)
PORT ?= 5000
BIN := .venv/bin
PARALLEL := --numprocesses 2 --dist worksteal
# Tests with servers wait more than they compute. Those that share a server are one group, which one process has. Their
# instances lie on the disk, as others do.
GROUPED := --numprocesses 3 --dist loadgroup --no-loadscope-reorder
# Tests make thousands of databases that reach the disk at every commit: in memory, where there are 4 GB free, they do
# not wait for it. What a test that passed has left is removed at once.
MEMORY := $(shell test "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 4000000 2>/dev/null && echo /dev/shm)
QUICKLY := $(if $(MEMORY),PYTEST_DEBUG_TEMPROOT=$(MEMORY)) $(BIN)/python -m pytest $(PARALLEL)
STAMP := .venv/.installed

# Where modules are compiled at every start, a command takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo check test lint format bench screenshots clean

help: ## List the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## Make the environment .venv with the package and its development tools

$(STAMP): pyproject.toml
	@echo "== environment: .venv with $$($(PYTHON) --version)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	@$(BIN)/python -m uv pip install --python $(BIN)/python --editable '.[dev]'
	@touch $(STAMP)

demo: install ## Load sample records, build the site, serve everything on PORT (5000)
	@COLOPHON_SITE_OUTPUT=$(CURDIR)/static-build $(BIN)/colophon demo --port $(PORT)

check: install ## The quick tests: no services beyond the PostgreSQL wheel, at most 5 minutes
	@$(QUICKLY) -m "not service and not long"

test: install ## All tests; servers are installed where missing (as root), started where needed and stopped
	@$(BIN)/python -m tests.servers.installed
	@$(QUICKLY) -m "not service"
	@$(BIN)/python -m pytest $(GROUPED) -m service

lint: install ## Style, types, import contracts, docs checks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/docs -m "not service"

format: install ## Put the code in its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: install ## Measurements, side by side with a peer; the tables go to docs/benchmarks.md
	@$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --editable '.[dev,bench]'
	@for file in benchmarks/imports.py benchmarks/rest.py benchmarks/load.py benchmarks/files.py benchmarks/demo.py benchmarks/oai.py benchmarks/search.py benchmarks/scale.py benchmarks/site.py benchmarks/linked_data.py benchmarks/sparql.py benchmarks/memory.py benchmarks/lighthouse.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

screenshots: install ## Pictures of every kind of page, three widths, both themes, in build/screenshots
	@$(BIN)/python -m tests.browser.screenshots

clean: ## Remove what was made here: environment, caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
