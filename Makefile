# The project's commands. A bare machine needs Python 3.11 or newer (with venv and pip) and make;
# everything else goes into .venv, from locks that pin each package to its hashes. Stamps in .venv
# record what was installed, so a second run starts at once.

PYTHON ?= python3
WORKERS ?= 2
ARGS ?=
UV ?= uv

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --require-hashes --no-deps
RUNTIME := .venv/.installed-runtime
DEVELOPMENT := .venv/.installed-development
CLIENTS := $(patsubst requirements/%.lock,.venv/%/.installed,$(wildcard requirements/clients/*.lock))
JAVASCRIPT := .venv/javascript/.installed

unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help demo test lint types imports tests format bench soak docs lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 16

demo: $(RUNTIME) ## start the server with invented people (ARGS="--port 9000" is passed on)
	@$(BIN)/coterie demo $(ARGS)

test: lint types imports tests ## everything that must pass: lint, types, import order, all tests

lint: $(DEVELOPMENT) ## ruff: faults and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEVELOPMENT) ## mypy, strict
	$(BIN)/mypy

imports: $(DEVELOPMENT) ## the import order of ARCHITECTURE.md
	$(BIN)/lint-imports --no-cache --no-logo

tests: $(DEVELOPMENT) ## the tests alone (ARGS="tests/unit -k text" is passed on)
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

format: $(DEVELOPMENT) ## format the code and fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: $(DEVELOPMENT) ## the longer forms of the tests, such as 300 rounds of kill -9
	$(BIN)/python -m pytest -m soak $(ARGS)

bench: $(DEVELOPMENT) ## the benchmarks, one after another; bench/README.md says how to choose sizes
	$(BIN)/python -m bench.preview
	$(BIN)/python -m bench.events
	$(BIN)/python -m bench.live.upserts
	$(BIN)/python -m bench.live.http_upserts
	$(BIN)/python -m bench.live.events --profiles 100000 --segments 100 1000 10000
	$(BIN)/python -m bench.live.expiry
	$(BIN)/python -m bench.startup --events 5000000

docs: $(RUNTIME) ## generate docs/reference from the code
	$(BIN)/python docs/generate.py

lock: ## choose the newest versions and write requirements/*.lock (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=path/to/uv"; exit 1; }
	./requirements/lock.sh $(UV)

clean: ## remove the environment and every cache
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.made: requirements/python_is_new_enough.py
	@$(PYTHON) requirements/python_is_new_enough.py
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@touch $@

$(RUNTIME): .venv/.made requirements/build.lock requirements/runtime.lock pyproject.toml
	@echo "Installing what Coterie needs to run (once; about a minute)"
	@$(INSTALL) -r requirements/build.lock -r requirements/runtime.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

# Official clients for the tests. Two versions of one cannot share an environment, so each has a
# folder for PYTHONPATH to name.
.venv/clients/%/.installed: requirements/clients/%.lock .venv/.made
	@rm -rf $(@D)
	@$(INSTALL) --target $(@D) -r $<
	@touch $@

# The JavaScript library that receivers verify webhooks with, if npm can install it; otherwise a test
# is skipped and says so.
$(JAVASCRIPT): requirements/javascript/package.json requirements/javascript/package-lock.json .venv/.made
	@rm -rf $(@D) && mkdir -p $(@D) && cp requirements/javascript/package*.json $(@D)
	@! command -v npm >/dev/null || npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent --fetch-retries=0 --fetch-timeout=20000 \
		|| { rm -rf $(@D)/node_modules; echo "npm could not install the webhook library; the test that uses it will be skipped"; }
	@touch $@

$(DEVELOPMENT): $(RUNTIME) $(CLIENTS) $(JAVASCRIPT) requirements/dev.lock requirements/data.lock
	@echo "Installing what the tests need (once; about a minute)"
	@$(INSTALL) -r requirements/dev.lock
	@$(INSTALL) -r requirements/data.lock
	@touch $@
