# The environment comes from plain Python: `make run` and `make test` work on a bare machine.
PYTHON ?= python3
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test day manage lint format check lock

help:  ## Show these lines
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run:  ## Start Peerwell with its demo on http://127.0.0.1:$PORT (8000), until Ctrl-C
	@$(PYTHON) config/local/bootstrap.py run
	@exec $(VENV)/python -m config.local.run

test:  ## Run the tests on throw-away servers; ARGS goes to pytest
	@$(PYTHON) config/local/bootstrap.py test
	@exec $(VENV)/python -m pytest $(ARGS)

day:  ## Run one day over the demo, here in the terminal
	@$(PYTHON) config/local/bootstrap.py run
	@exec $(VENV)/python -m config.local.manage day $(ARGS)

manage:  ## Run a management command on the demo's servers: make manage ARGS="shell"
	@$(PYTHON) config/local/bootstrap.py run
	@exec $(VENV)/python -m config.local.manage $(ARGS)

lint:  ## Style, types, and who imports whom
	@$(PYTHON) config/local/bootstrap.py test
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	DJANGO_ENV=local $(VENV)/mypy
	$(VENV)/lint-imports

format:  ## Put the code into shape
	@$(PYTHON) config/local/bootstrap.py test
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

check: lint  ## What CI runs: lint, Django's own checks, the tests
	$(VENV)/python -m config.local.checks
	@exec $(VENV)/python -m pytest $(ARGS)

lock:  ## Resolve the dependencies again and write the locks
	@$(PYTHON) config/local/bootstrap.py run
	$(PYTHON) config/local/lock.py
