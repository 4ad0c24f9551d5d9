# Everything a person needs: `make run` and `make test` set themselves up on a machine with Python 3.11+, git and make.
PYTHON ?= python3
# Two a core: the tests wait for the offline Discord as long as they compute.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(2 * (os.cpu_count() or 1))")
BIN := .venv/bin
SEEDS := $(shell find data/seed -type f) $(wildcard data/*.py) $(wildcard knowledge/*.py)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard bot/languages/*/LC_MESSAGES/ledger.po))

.PHONY: run test soak check bench store languages lock clean

run: .venv/ready data/facts.db $(CATALOGUES)
	@exec $(BIN)/python -m bot run $(if $(wildcard .env),--env-file .env)

test: .venv/ready data/facts.db $(CATALOGUES)
	$(BIN)/python -m pytest -n $(WORKERS)

# The same tests with larger numbers.
soak: .venv/ready data/facts.db $(CATALOGUES)
	LEDGER_SOAK=1 $(BIN)/python -m pytest -n auto -m soak

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m data check

bench: .venv/ready data/facts.db $(CATALOGUES)
	$(BIN)/python -m tests.bench

store: data/facts.db $(CATALOGUES)

data/facts.db: .venv/ready $(SEEDS)
	$(BIN)/python -m data build

%.mo: %.po .venv/ready
	$(BIN)/python -m tools.catalogues compile $<

# Brings the translations up to date with the code; `make languages NEW=nl` begins another.
languages: .venv/ready
	$(BIN)/python -m tools.catalogues update $(NEW)

# The offline channel and the tests come with the first run; the image takes requirements.txt alone.
.venv/ready: requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	touch $@

# Needs uv; no package host is written into the files.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv data/facts.db $(CATALOGUES) .mypy_cache .ruff_cache .hypothesis
