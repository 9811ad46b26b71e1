# Every command of the house. Python 3.11 or later, make and git are all it needs: the rest is installed from requirements/*.lock.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# The first interpreter here that is new enough; `make run PYTHON=/path/to/python3.12` chooses another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
TOOLS := .venv/project.stamp .venv/dev.stamp
PIP_INSTALL := python -m pip install --disable-pip-version-check --no-input --no-deps
# --no-deps, because a lock is whole: pip has nothing to resolve, and a name that the lock forgot would be a bug to see.

# Suites that keep one core busy run two at a time, the longest first; the others share their tests out over both cores.
IN_PAIRS := deployed sam check policies clients security local domain doors conformance house
ALONE := storage services transports walls faults browser

.PHONY: help
help: ## Print this list
	@awk -F ' ## ' '/^[a-z-]+:.* ## / { sub(/:.*/, "", $$1); printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- The product ---------------------------------------------------------------------------------------------------

.PHONY: run reset import-cdnow
run: .venv/project.stamp ## Start the whole stack on 127.0.0.1:8765 (PORT=... for another port)
	@exec $(BIN)/merchant-mcp local up

reset: .venv/project.stamp ## Empty the local stack: its workspaces, tokens, figures and trail
	@$(BIN)/merchant-mcp local reset

import-cdnow: .venv/project.stamp .venv/data.stamp ## Import the CDNOW purchase history into the running stack's second workspace
	@$(BIN)/python -m tests.data.cdnow | $(BIN)/merchant-mcp import - --workspace wks_second

# --- The promises --------------------------------------------------------------------------------------------------

.PHONY: test bench soak
test: $(TOOLS) ## Run the checks and every suite, and print the minutes of each
	-@$(MAKE) --no-print-directory --keep-going needed-by-several
	@$(BIN)/python -m tests --in-pairs $(IN_PAIRS) --alone $(ALONE)

# Made once, before suites that run beside each other would make it twice.
.PHONY: needed-by-several
needed-by-several: .venv/data.stamp .venv-ministack/stamp .venv-lambda/stamp .build/artefacts/template.yaml

# Parts by name, as in `make bench PARTS="life kills"`, need nothing built but for some; `PARTS=all` is every part.
# WRITE=1 writes what they say into their blocks of docs.
PARTS ?=
WRITE ?=
BUILT = .build/artefacts/template.yaml .venv-lambda/stamp .venv-ministack/stamp .venv-bench/stamp
OF_THE_BUILT := all cold faults growth load starts warm
bench: $(TOOLS) $(if $(PARTS),$(if $(filter $(OF_THE_BUILT),$(PARTS)),$(BUILT)),$(BUILT)) ## Measure calls, starts, load, growth, money (20 min; WRITE=1: into the docs)
	@$(BIN)/python -m tests.bench $(PARTS) $(if $(WRITE),--write)

soak: $(TOOLS) .venv-ministack/stamp ## Try the rules, the walls, races, faults at the wire and attacks on many more examples than a test run
	$(BIN)/python -m pytest tests/domain tests/walls tests/services/folds tests/services/test_races.py \
		tests/services/grants/test_chain_of_pairs.py tests/services/restore/test_any_history.py tests/security \
		--hypothesis-profile=soak
	$(BIN)/python -m tests.faults.table

.PHONY: check check-lint check-format check-types check-imports check-template
check: check-lint check-format check-types check-imports check-template ## Lint, format, types, floors, template (-k: all of them)

check-lint: $(TOOLS)
	$(BIN)/ruff check

check-format: $(TOOLS)
	$(BIN)/ruff format --check

check-types: $(TOOLS)
	$(BIN)/basedpyright --pythonpath $(BIN)/python

check-imports: $(TOOLS)
	$(BIN)/lint-imports --no-logo

check-template: $(TOOLS)
	$(BIN)/cfn-lint template.yaml

# A suite is a target `test-NAME`: it installs what it needs beyond the dev lock. `make test-domain` runs one alone.
PYTEST_SUITES := $(addprefix test-,$(filter-out check house,$(IN_PAIRS) $(ALONE)))
.PHONY: test-check test-house $(PYTEST_SUITES)
test-check:
	@$(MAKE) --no-print-directory --keep-going check

test-house: $(TOOLS)
	$(BIN)/python -m pytest tests/test_*.py

$(PYTEST_SUITES): test-%: $(TOOLS) .venv/data.stamp
	$(BIN)/python -m pytest tests/$* $(PYTEST_FLAGS)

$(addprefix test-,$(ALONE)): PYTEST_FLAGS = -n 2 --dist worksteal # none of them measures time
test-storage test-faults: .venv-ministack/stamp
test-deployed: .build/artefacts/template.yaml .venv-ministack/stamp
test-sam: .build/artefacts/template.yaml .venv-lambda/stamp

# --- What is installed ---------------------------------------------------------------------------------------------

.PHONY: setup lock clean
setup: $(TOOLS) .venv/data.stamp ## Install everything that development needs into .venv
	@echo "Ready: .venv has the product, the tools and the purchase history."

# Each stamp is a copy of the lock that was installed. A changed run lock begins a new .venv, so that nothing stays in it
# that the lock no longer names.
.venv/run.stamp: requirements/run.lock
	@cmp -s $< $@ || { \
	  test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed, and none was found on PATH."; exit 1; }; \
	  echo "Installing $$(grep -c == $<) locked packages into .venv (once for each lock; about half a minute) ..."; \
	  $(PYTHON) -m venv --clear .venv || { echo "Debian and Ubuntu keep venv apart: apt-get install python3-venv"; exit 1; }; \
	  $(BIN)/$(PIP_INSTALL) --quiet --require-hashes -r $< && cp $< $@; }
	@touch $@

.venv/project.stamp: .venv/run.stamp pyproject.toml
	@$(BIN)/$(PIP_INSTALL) --quiet --no-build-isolation -e .
	@touch $@

.venv/dev.stamp .venv/data.stamp: .venv/%.stamp: requirements/%.lock .venv/run.stamp
	@cmp -s $< $@ || { $(BIN)/$(PIP_INSTALL) --require-hashes -r $< && cp $< $@; }
	@touch $@

# Artefacts are tried on the runtime's Python where one is at hand, else on the one of the suites, and built for it.
LAMBDA_PYTHON = $(shell $(PYTHON) -I infra/build/artefact.py interpreter)
.venv-ministack/stamp .venv-lambda/stamp .venv-bench/stamp: VENV_PYTHON = $(LAMBDA_PYTHON)
.venv-sam/stamp: VENV_PYTHON = $(PYTHON)

.venv-sam/stamp .venv-ministack/stamp .venv-lambda/stamp .venv-bench/stamp: .venv-%/stamp: requirements/%.lock
	@cmp -s $< $@ || { $(VENV_PYTHON) -m venv --clear .venv-$* && \
	  .venv-$*/bin/$(PIP_INSTALL) --require-hashes -r $< && cp $< $@; }
	@touch $@

# What pins a package is the lock that is there already: `make lock UPGRADE=--upgrade` takes newer ones.
UPGRADE ?=
COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --no-annotate --no-emit-index-url \
  --custom-compile-command 'make lock' $(UPGRADE)
ANYWHERE := --universal --python-version 3.11
IN_LAMBDA := --python-version 3.13 --python-platform x86_64-manylinux_2_28 --no-build
FUNCTIONS := importer mcp_server notifier projector sealer sweeper token_api

lock: $(TOOLS) ## Write requirements/*.lock and functions/*/requirements.txt anew
	$(COMPILE) $(ANYWHERE) pyproject.toml --group build -o requirements/run.lock
	$(COMPILE) $(ANYWHERE) pyproject.toml --group build --group dev -c requirements/run.lock -o requirements/dev.lock
	$(COMPILE) $(ANYWHERE) --group data --no-deps -o requirements/data.lock
	$(COMPILE) $(ANYWHERE) --group ministack -o requirements/ministack.lock
	$(COMPILE) $(ANYWHERE) --group sam -o requirements/sam.lock
	$(COMPILE) $(ANYWHERE) --group lambda -o requirements/lambda.lock
	$(COMPILE) $(ANYWHERE) pyproject.toml --group bench -c requirements/run.lock -o requirements/bench.lock
	for name in $(FUNCTIONS); do \
	  $(COMPILE) $(IN_LAMBDA) functions/$$name/requirements.in -c requirements/run.lock -o functions/$$name/requirements.txt \
	    || exit 1; done

clean: ## Remove what was installed, built and cached (.local stays; `make reset` empties it)
	rm -rf .venv .venv-* .aws-sam .build .pytest_cache .hypothesis .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name node_modules -type d -prune -exec rm -rf {} +

# --- What docs hold of figures and tables --------------------------------------------------------------------------

.PHONY: docs tools-page permissions
docs: tools-page permissions ## Write every table and figure of docs anew (with the whole benchmark: an hour)
	@$(MAKE) --no-print-directory bench PARTS=all WRITE=1

tools-page: $(TOOLS) ## Write docs/formulas.md, and what tools say and answer in docs/tools*.md, anew
	@$(BIN)/python -m tests.transports.questions.document

permissions: $(TOOLS) ## Write the tables of docs/permissions.md anew, from the template
	$(BIN)/python -m tests.policies.document

# --- The deployed stack --------------------------------------------------------------------------------------------

.PHONY: sam-build
sam-build: .venv-sam/stamp ## Build the seven functions as they are deployed, into .aws-sam/build
	SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam build

.PHONY: deploy-local
deploy-local: .venv/project.stamp .venv-ministack/stamp .build/artefacts/template.yaml ## Deploy into an emulated AWS, live the whole story (STAY=1: stay up)
	@exec $(BIN)/python -m infra.emulator

# The same build for the Python that this machine can try it on: what `sam`, `deployed` and the benchmarks run.
.build/artefacts/template.yaml: .venv-sam/stamp template.yaml samconfig.toml $(shell find functions shared infra/build \
    -name '*.py' -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.svg' -o -name 'requirements.txt' -o -name Makefile)
	@SAM_CLI_TELEMETRY=0 BUILD_PYTHON=$$($(LAMBDA_PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])') \
	  .venv-sam/bin/sam build --build-dir .build/artefacts --cache-dir .build/cache
	@touch $@
