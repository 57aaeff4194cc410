# Every command of the project. Nothing has to be installed first: each target makes
# its own virtual environment. Ports, folders and Python are chosen by variables.
PYTHON ?= python3
UV ?= uv
BOOTSTRAP = $(PYTHON) clevertap_bq/local/bootstrap.py
COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help run sign-in-link test check fix bench chaos live screenshots lock need-python

help:
	@echo 'make run           start everything here: PORT=8000 SANDBOX_PORT=8001 DATA_DIR=var'
	@echo 'make sign-in-link  print a fresh one-time link: EMAIL=you@example.com DATA_DIR=var'
	@echo 'make test          all checks and tests, with their own servers: JOBS=2'
	@echo 'make check         format, lint, types, layers, migrations, deploy check; changes nothing'
	@echo 'make fix           format and repair what can be repaired'
	@echo 'make bench         the benchmarks'
	@echo 'make chaos        kills, freezes, outages, for an hour and more: ARGS=crashes CHAOS_SEED=1'
	@echo 'make live          tests against real BigQuery: LIVE_KEY_FILE=key.json LIVE_DATASET=shop'
	@echo 'make screenshots   the pictures of README and docs, made anew: CHROMIUM=chromium'
	@echo 'make lock          compile requirements/*.txt from pyproject.toml (needs uv)'
	@echo 'make test ARGS="tests/web -x" and make bench ARGS=mapping run a part.'
	@echo 'Also: PYTHON=python3.12 chooses the Python, VENV=.venv the virtual environment.'

run sign-in-link test check fix bench chaos live screenshots: need-python
	@$(BOOTSTRAP) $@ $(ARGS)

need-python:
	@command -v '$(PYTHON)' >/dev/null 2>&1 || { \
	  echo 'There is no $(PYTHON) here. On Debian: apt-get install python3 python3-venv.' >&2; exit 2; }

lock:
	@command -v '$(UV)' >/dev/null 2>&1 || { \
	  echo 'make lock needs uv. Install it with `pipx install uv`, or name it: make lock UV=<path>.' >&2; exit 2; }
	$(COMPILE) --output-file requirements/production.txt
	$(COMPILE) --extra local --constraint requirements/production.txt --output-file requirements/local.txt
	$(COMPILE) --extra local --group dev --constraint requirements/local.txt --output-file requirements/test.txt
