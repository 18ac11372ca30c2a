# `make run` runs the service, `make test` every test and check. Both bring what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The tests, shared by processes that take from each other what is left; files that are thrown away lie in memory where there is room.
SCRATCH := $(shell test -w /dev/shm && test "$$(df --output=avail -m /dev/shm | tail -n 1)" -gt 4000 && echo /dev/shm || echo /tmp)
PYTEST := TMPDIR=$(SCRATCH) $(BIN)/python -m pytest -n 2 --dist worksteal
export PYTHONDONTWRITEBYTECODE := # a test begins many processes

.PHONY: run test check fast explore bench language audit lock clean services

run: $(VENV)/run.stamp
	$(BIN)/xueshi run

test: $(VENV)/test.stamp services
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/xueshi policy check --cases tests/cases
	. ./.services.env && $(PYTEST)

# What needs neither PostgreSQL nor Chromium nor LibreOffice, begins no process and takes no time by itself.
fast: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST) -m "not postgres and not chromium and not libreoffice and not slow"

# Properties and stateful conversations with examples not tried before; what is found becomes a test of its own.
explore: $(VENV)/test.stamp
	XUESHI_TEST_EXAMPLES=explore $(PYTEST) tests/rules tests/interview tests/language tests/simulation tests/test_fuzz.py

services: $(VENV)/test.stamp
	bash tests/services.sh > .services.env.new && mv .services.env.new .services.env

bench: $(VENV)/test.stamp services
	. ./.services.env && $(BIN)/python -m tests.benchmarks

language: $(VENV)/test.stamp
	$(BIN)/python -m tests.language.report
	$(BIN)/python -m tests.faq.report

# Known holes in what we depend on; where the list of advisories cannot be asked it says so.
audit: $(VENV)/test.stamp
	$(BIN)/python -m tests.audit

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group dev pyproject.toml -o requirements-dev.lock

$(VENV)/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %d.%d" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

clean:
	rm -rf $(VENV) .services.env .mypy_cache .ruff_cache .pytest_cache .hypothesis
