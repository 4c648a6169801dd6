# The environment comes from plain Python: `make run` and `make test` work on a bare machine.
PYTHON ?= python3
VENV := .venv/bin
# One test process for each core; PARALLEL= runs them one after the other.
PARALLEL ?= --numprocesses auto --maxprocesses 4
# Production's settings with nothing behind them: enough for the checks that look at settings only.
SECRET = $$($(VENV)/python -c "import secrets; print(secrets.token_urlsafe(64))")
PRODUCTION = DJANGO_ENV=production SECRET_KEY="$(SECRET)" ALLOWED_HOSTS=peerwell.example.org EMAIL_HOST=smtp.example.org DEFAULT_FROM_EMAIL=peerwell@example.org API_ACCESS=protected \
	DATABASE_URL=postgresql://peerwell@localhost/peerwell REDIS_URL=redis://localhost/0

.DEFAULT_GOAL := help
.PHONY: help run test chaos bench day manage lint format check lock

help:  ## Show these lines
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run:  ## Start Peerwell with its demo on http://127.0.0.1:$PORT (8000), until Ctrl-C
	@$(PYTHON) config/local/bootstrap.py run
	@exec $(VENV)/python -m config.local.run

test:  ## Run the tests on throw-away servers; ARGS goes to pytest
	@$(PYTHON) config/local/bootstrap.py test
	@exec $(VENV)/python -m pytest $(PARALLEL) $(ARGS)

chaos:  ## Kill its parts, one fault a day, and count who heard what; N=200 SEED=7 MUTATE=no_lease
	@$(PYTHON) config/local/bootstrap.py test
	@exec $(VENV)/python -m tests.chaos $(or $(N),16) $(or $(SEED),1)

bench:  ## Measure the daily run against hand-written SQL; MENTORS=100000 for one size
	@$(PYTHON) config/local/bootstrap.py run
	@exec $(VENV)/python -m config.bench $(MENTORS)

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
	$(VENV)/lint-imports --no-logo

format:  ## Put the code into shape
	@$(PYTHON) config/local/bootstrap.py test
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

check: lint  ## What CI runs: lint, Django's own checks, the tests
	$(VENV)/python manage.py check
	@echo "manage.py check --deploy, as production"
	@$(PRODUCTION) $(VENV)/python manage.py check --deploy --fail-level WARNING
	$(VENV)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(VENV)/python -m config.local.lock check
	@exec $(VENV)/python -m pytest $(PARALLEL) $(ARGS)

lock:  ## Resolve the dependencies again and write the locks
	@$(PYTHON) config/local/bootstrap.py run
	$(VENV)/python -m config.local.lock
