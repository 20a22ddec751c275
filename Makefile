# Every target first sets up what it needs: Python packages in .venv, the AWS CDK CLI and the website's packages in
# node_modules, all pinned with hashes, and the website in site/dist. Nothing is set up again while the requirement and
# lock files stay as they are, nor built again while the sources do.

PYTHON ?= python3
STAGE  ?= dev
PORT   ?=
STACK  ?=
SEED   ?= $(shell date +%s)

BIN   := .venv/bin
READY := .venv/requirements.stamp node_modules/.package-lock.json site/dist/index.html
CDK   := node_modules/.bin/cdk

# Temporary files, too, stay in the checkout; so do the caches of the CDK and of jsii, which carries it to Python.
export TMPDIR := $(CURDIR)/build/tmp
export CDK_HOME := $(CURDIR)/build/cdk
export JSII_NODE := $(CURDIR)/local/jsii-node
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(CURDIR)/build/jsii
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo up test test-deep lint bench synth deploy snapshots openapi lock clean preflight FORCE

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Install what the other targets need (they do it by themselves)

demo: $(READY) ## Deploy every stack into an emulator, send sample input through every use case, show what came out
	@$(BIN)/python -m local demo

up: $(READY) ## Deploy every stack into an emulator and stay up until Ctrl-C (PORT=4566 pins the port)
	@$(BIN)/python -m local up $(if $(PORT),--port $(PORT))

test: $(READY) ## Run the tests
	CDK_VALIDATION=false $(BIN)/pytest -n 2 --dist loadgroup

test-deep: $(READY) ## Run 10,000 failure schedules where `make test` runs 500 (SEED=… repeats a run)
	SCHEDULES=10000 $(BIN)/pytest --timeout 0 --hypothesis-seed=$(SEED) tests/*/test_*exactness.py tests/*/test_*interleavings.py

lint: $(READY) ## Check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	node_modules/.bin/tsc --project site

bench: $(READY) ## Measure throughput beside what one would use instead
	$(BIN)/python -m bench

synth: $(READY) ## Write the CloudFormation templates of a stage to cdk.out (STAGE=dev)
	$(CDK) synth --quiet --context stage=$(STAGE)

deploy: $(READY) ## Deploy one stack to your AWS account (STACK=ImageProcessing STAGE=dev)
	@test -n "$(STACK)" || { echo "Name the stack to deploy, for example: make deploy STACK=ImageProcessing" >&2; exit 2; }
	$(CDK) deploy $(STACK) --context stage=$(STAGE)

snapshots: $(READY) ## Write the template snapshots anew, for a diff that shows what changed
	CDK_VALIDATION=false $(BIN)/pytest -k snapshot --update-snapshots

openapi: $(READY) ## Write the OpenAPI documents anew, out of the contracts
	$(BIN)/python -m tools openapi

lock: $(READY) ## Pin the packages of the requirements*.in files anew (UPGRADE=1 takes newer releases)
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt
	for file in requirements.in lambdas/requirements.in lambdas/*/requirements-*.in; do \
	  $(LOCK) $(NO_NUMPY) --constraint requirements-dev.txt $$file --output-file $${file%.in}.txt || exit 1; \
	done

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
       $(if $(UPGRADE),--upgrade)
# datasketches asks for NumPy, but its sketches used here are native: 73 MB that no function imports.
NO_NUMPY = --no-emit-package numpy

clean: ## Remove everything that make has made
	rm -rf build cdk.out .venv node_modules site/dist bench/*/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The tools that the rest rests on. Runs each time: it takes no noticeable time, and tools do change.
preflight:
	@command -v $(firstword $(wildcard $(BIN)/python) $(PYTHON)) >/dev/null || \
	  { echo "$(PYTHON) is missing: install Python 3.11 or newer (https://www.python.org)" >&2; exit 2; }
	@$(firstword $(wildcard $(BIN)/python) $(PYTHON)) local/preflight.py

$(TMPDIR):
	@mkdir -p $@

# Made again when its interpreter is gone, as after an upgrade of the system's Python.
.venv/pyvenv.cfg: $(if $(wildcard $(BIN)/python),,FORCE) | preflight $(TMPDIR)
	$(PYTHON) -m venv --clear .venv

FORCE:

# pip brings uv, uv brings the rest: ten times faster, and it compiles. An uncompiled CDK takes four times as long to import.
.venv/requirements.stamp: requirements.txt requirements-dev.txt .venv/pyvenv.cfg | preflight $(TMPDIR)
	awk '/^[^ ]/ { wanted = /^uv==/ } wanted' requirements.txt > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .venv/uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements-dev.txt
	@touch $@

# npm writes this file itself when it is done.
node_modules/.package-lock.json: package-lock.json package.json site/package.json | preflight $(TMPDIR)
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

site/dist/index.html: site/build.mjs $(wildcard site/src/*.* site/src/*/*.*) node_modules/.package-lock.json
	node site/build.mjs
