# What a contributor can do here; `make` lists it. Nothing is installed outside this folder.

PYTHONS ?= python3.11 python3.12 python3.13 python3.14 python3
PYTEST_ARGS ?=
CAMPAIGN_ARGS ?= --episodes 40
SOAK_ARGS ?=
HOSTILE_ARGS ?=
CHAOS_ARGS ?= --days 60 --jobs 2

bin := .venv/bin
pip := $(bin)/python -m pip --disable-pip-version-check -q
installed := .venv/.installed
tested := .venv/.installed-test
pyright := tests/type_checkers/node_modules/.installed
typescript := clients/typescript
node_modules := $(typescript)/node_modules/.installed
compiled := $(typescript)/dist/.compiled
codegen := tests/codegen
codegen_modules := $(codegen)/node/node_modules/.installed
datamodel_codegen := .venv-codegen/bin/datamodel-codegen
pip_compile := .venv-lock/bin/pip-compile

# The tests start Python some thousand times. Each start would compile the whole project again.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help install demo test deep check format fuzz campaign chaos bench soak hostile schemas codegen-check lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(installed)  ## make .venv and install the bridge into it, by locked versions and hashes

demo: $(installed)  ## 30 seconds: eight claims about the bridge, with a simulated TWS and real processes, each checked
	$(bin)/tws-bridge demo

test: $(tested) $(compiled) $(pyright)  ## run all tests, a file to a core; PYTEST_ARGS="-k name" narrows them
	$(bin)/python -m tests.clients.cpp_build
	$(bin)/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

deep: export TEST_DEPTH = full
deep: test  ## run all tests, with all seeds of all campaigns: before a release, and after a change of a state machine

check: $(tested)  ## formatting, lint, types, and whether the generated schemas are up to date
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy --strict
	$(bin)/tws-bridge schemas --check

format: $(tested)  ## put every file into the form that `make check` asks for
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

fuzz: $(tested)  ## look for longer than the tests do for bytes, and for turns of orders, that break something
	HYPOTHESIS_PROFILE=deep $(bin)/python -m pytest --timeout 1800 tests/tws/test_fuzz.py tests/tws/test_framing.py \
		tests/conformance/test_roundtrip.py tests/session/test_order_machine.py

campaign: $(tested)  ## real processes, killed and stopped, against a TWS at its worst; CAMPAIGN_ARGS="--seed N --episodes N"
	$(bin)/python -m tests.campaign $(CAMPAIGN_ARGS)

chaos: $(tested)  ## days of bridge, TWS, network, disk and clients on one virtual clock; CHAOS_ARGS="--seed N --days N --jobs N"
	$(bin)/python -m tests.simulation $(CHAOS_ARGS)

bench: $(tested)  ## the bridge beside an undecoded relay, ib_async and ibapi, on one stream of ticks; what the ledger costs orders
	$(bin)/python -m benchmarks

soak: $(tested)  ## two hours under a steady load, with what goes wrong in a day; SOAK_ARGS="--seconds N" for others
	$(bin)/python -m benchmarks.soak $(SOAK_ARGS)

hostile: $(tested)  ## a mad crowd against a real bridge while others trade; HOSTILE_ARGS="COUNT SEED"
	$(bin)/python -m tests.hostile $(HOSTILE_ARGS)

schemas: $(installed)  ## write schemas/generated/ anew from the declarations
	$(bin)/tws-bridge schemas

codegen-check: $(tested) $(codegen_modules) $(datamodel_codegen)  ## code generators over schemas/generated, and their types over a recording
	$(bin)/python -m tests.codegen $(datamodel_codegen)

lock: $(pip_compile)  ## resolve the dependencies anew into requirements/*.txt
	$(pip_compile) $(lock_options) --output-file requirements/runtime.txt pyproject.toml
	$(pip_compile) $(lock_options) --extra test --constraint requirements/runtime.txt \
		--output-file requirements/test.txt pyproject.toml
	$(pip_compile) $(lock_options) --constraint requirements/test.txt \
		--output-file requirements/build.txt requirements/build.in
	$(pip_compile) $(lock_options) --output-file $(codegen)/requirements.txt $(codegen)/requirements.in

clean:  ## remove what make and the tools have made
	rm -rf .venv .venv-lock .venv-codegen $(typescript)/node_modules $(typescript)/dist tests/type_checkers/node_modules $(codegen)/node/node_modules tests/http/node/node_modules dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Versions and hashes are locked, the address of the registry is not: that is the machine's affair (pip.conf, .npmrc).
lock: export CUSTOM_COMPILE_COMMAND = make lock
lock_options = --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-emit-options \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

$(bin)/python:
	@for python in $(PYTHONS); do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "making .venv with $$python"; \
			exec $$python -m venv .venv; \
		fi; \
	done; \
	echo "tws-bridge needs Python 3.11 or newer, with its venv module (Debian, Ubuntu: apt-get install python3-venv)." >&2; \
	echo "None of these is one: $(PYTHONS). Name yours with: make PYTHONS=/path/to/python3" >&2; \
	exit 1

# The project is installed with --no-index: all it needs is there by then, so nothing unlocked can come in.
$(installed): pyproject.toml requirements/runtime.txt requirements/build.txt | $(bin)/python
	$(pip) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(pip) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(tested): requirements/test.txt $(installed)
	$(pip) install --require-hashes -r requirements/test.txt
	@touch $@

# --ignore-scripts: the native part of zeromq travels in its package; without it there is nothing to build or download.
$(node_modules): $(typescript)/package.json $(typescript)/package-lock.json
	@command -v npm >/dev/null || { \
		echo "The TypeScript client and its tests need Node.js 18 or newer with npm (Debian, Ubuntu: apt-get install nodejs npm)." >&2; \
		exit 1; }
	cd $(typescript) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(compiled): $(node_modules) $(typescript)/tsconfig.json $(wildcard $(typescript)/src/*.ts $(typescript)/src/*/*.ts)
	rm -rf $(typescript)/dist
	cd $(typescript) && npx --no-install tsc
	@touch $@

$(pyright): tests/type_checkers/package.json tests/type_checkers/package-lock.json
	cd tests/type_checkers && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(codegen_modules): $(codegen)/node/package.json $(codegen)/node/package-lock.json
	cd $(codegen)/node && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# An environment of its own: what the generator depends on is not for the bridge's.
$(datamodel_codegen): $(codegen)/requirements.txt | $(bin)/python
	$(bin)/python -m venv .venv-codegen
	.venv-codegen/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r $<
	@touch $@

$(pip_compile):
	$(MAKE) $(bin)/python
	$(bin)/python -m venv .venv-lock
	.venv-lock/bin/python -m pip --disable-pip-version-check -q install 'pip-tools>=7.5,<8'
