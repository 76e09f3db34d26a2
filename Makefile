# Two commands matter to a newcomer: `make run` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# The pages' translations are compiled from their sources, which alone are kept in git.
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po))

.PHONY: setup setup-test run test check review lock clean

setup: $(VENV)/.run-installed $(CATALOGUES)
setup-test: $(VENV)/.test-installed $(CATALOGUES)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Sluss needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Could not make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.run-installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Sluss into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test-installed: requirements-test.lock $(VENV)/.run-installed
	@echo "Installing the test tools into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

%.mo: %.po | $(VENV)/.run-installed
	@$(BIN)/pybabel -q compile -i $< -o $@

run: setup
	@$(BIN)/sluss demo

# Two at a time, because tests wait for disks and browsers. `make test WORKERS=0` runs one at a time.
WORKERS ?= 2
test: setup-test
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: setup-test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

# policies/REVIEW.md and REVIEW_EN.md, from the rules. After every change of a rule or a scenario.
review: setup
	@$(BIN)/python -m policies review --write

# Needs uv on the path. The lock files hold hashes and no addresses.
LOCK := uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock:
	$(LOCK) --extra build pyproject.toml -o requirements.lock
	$(LOCK) --extra build --extra test pyproject.toml -o requirements-test.lock

clean:
	rm -rf $(VENV) var build
