# make demo: plan 20 devices on the shipped demo county and publish the map. make test: all checks and tests.
# Both set everything up first, in this folder only. Without make (Windows): see README.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
PORT ?= 8000
BIN = .venv/bin

.PHONY: demo test setup lock
setup:
	@$(PYTHON) tools/setup.py

demo: setup
	@$(BIN)/aedplan demo --out out/demo
	@$(BIN)/python -m service serve --plan out/demo --port $(PORT)

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal

# Write the lock files again from pyproject.toml: names, versions and hashes, no address.
lock: setup
	$(BIN)/python tools/lock.py
