# Two commands, nothing else to install: `make demo` and `make test`.
PORT ?= 8000
# A folder of real data that the demo publishes as well.
DATA ?=
PYTHON ?= python3
VENV ?= .venv
UV_VERSION := 0.13.9
PY := $(VENV)/bin/python
export UV_PYTHON_DOWNLOADS := never

# Histories of `make simulate`, each from a seed of its own.
SEEDS ?= 200
FIRST_SEED ?= 1

.PHONY: demo test test-heavy test-long simulate bench lint check screenshots messages styles

demo: $(VENV)/ready
	@exec $(PY) -m exchange.local.demo --port $(PORT)$(if $(DATA), --data "$(DATA)")

test: $(VENV)/ready
	@exec $(PY) -m tests

# The same properties with 50 times the examples, five times the histories: at most half an hour.
test-heavy: $(VENV)/ready
	@exec $(PY) -m tests --only heavy

# What takes longer: 500 times the examples, 50 times the histories. Not part of CI.
test-long: $(VENV)/ready
	@exec $(PY) -m tests --only long

# Everything that moves money, with faults, crashes and a clock; a night: make simulate SEEDS=10000
simulate: $(VENV)/ready
	@ASSAY_INSTANCE=simulate exec $(PY) -m tests.simulation --seeds $(SEEDS) --first $(FIRST_SEED)

lint: $(VENV)/ready
	@exec $(PY) -m tests --only floors --only lint --only types

# The quick half of `make test`; with PYTHON and VENV on another Python beside the usual one.
check: $(VENV)/ready
	@exec $(PY) -m tests --only floors --only lint --only types --only migrations

bench: $(VENV)/ready
	@exec $(PY) -m bench

screenshots: $(VENV)/ready
	@exec $(PY) -m tests.browser.screenshots

messages: $(VENV)/ready
	@exec $(PY) -m tests.messages

# Node is needed here alone: the built stylesheet is committed.
styles:
	@npm install --silent --no-audit --no-fund
	@node_modules/.bin/tailwindcss -i styles/assay.css -o static/css/assay.css --minify

# The environment comes from the committed lock. uv comes through pip where it is absent.
$(VENV)/ready: uv.lock pyproject.toml
	@set -e; \
	if command -v uv >/dev/null 2>&1; then uv=uv; else \
	  uv=var/uv/bin/uv; \
	  if [ ! -x $$uv ]; then \
	    echo "Installing uv …"; \
	    $(PYTHON) -m venv var/uv && var/uv/bin/pip install --quiet uv==$(UV_VERSION); \
	  fi; \
	fi; \
	echo "Installing the packages of uv.lock …"; \
	UV_PROJECT_ENVIRONMENT="$(VENV)" $$uv sync --frozen --quiet --compile-bytecode --python $(PYTHON); \
	touch $@
