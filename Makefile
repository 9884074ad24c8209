# make demo: plan 20 devices on the shipped demo county, invent a year of its records and serve all of it. make test: all checks and tests.
# Both set everything up first, in this folder only. Without make (Windows): see README.

# The first that runs: a name on the PATH may be a stand-in for a Python that is not there
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c "import ensurepip" 2>/dev/null && break; done; echo $$python)
PORT ?= 8000
BIN = .venv/bin
RECORDS = AEDPLAN_DATA=out/records AEDPLAN_PORT=$(PORT) $(BIN)/python -m service

.PHONY: demo test setup lock screenshots bench-routing bench-placement bench-study bench-pages bench-service
setup:
	@$(PYTHON) tools/setup.py

demo: setup
	@$(BIN)/aedplan demo --out out/demo
	@if [ -f out/records/aedplan.sqlite ]; then $(RECORDS) upgrade && $(RECORDS) link office planner manager; \
		else $(RECORDS) init --demo; fi
	@$(RECORDS) serve --plan out/demo --port $(PORT)

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy & types=$$!; PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder; \
		tests=$$?; wait $$types && exit $$tests

# Write the lock files again from pyproject.toml: names, versions and hashes, no address.
lock: setup
	$(BIN)/python tools/lock.py

# Take every page again, in both languages, with Chromium: docs/pictures.
screenshots: setup
	$(BIN)/python tools/pictures.py

# Measure walks along streets beside networkx, scipy, pandana, OSMnx and Valhalla and write docs/benchmarks.md. Use a quiet
# machine; BENCH=--quick for a look.
bench-routing: setup
	@$(BIN)/python tools/setup_bench.py
	@PYTHONPATH=tests $(BIN)/python -m bench.bench_routing $(BENCH)

# Measure plans beside spopt, HiGHS and SCIP and write the section of docs/benchmarks.md: about an hour on a quiet machine.
# BENCH=--quick for a look, BENCH="--rows b5 streets" for some rows.
bench-placement: setup
	@$(BIN)/python tools/setup_bench.py
	@PYTHONPATH=tests $(BIN)/python -m bench.bench_placement $(BENCH)

# Measure whole studies (a country, a city of 300,000 demand points, a registry, what plans keep on arrests held out) and write
# their section of docs/benchmarks.md: half an hour on a quiet machine. BENCH=--quick for a look.
bench-study: setup
	@PYTHONPATH=tests $(BIN)/python -m bench.bench_study $(BENCH)

# Measure the pages: first load, nearest device on a slow phone, Lighthouse, base map, panning, drafts; a quarter of an hour on a
# quiet machine. BENCH=--quick for a look.
bench-pages: setup
	@$(BIN)/python tools/setup_bench.py lighthouse
	@PYTHONPATH=tests $(BIN)/python -m bench.bench_pages $(BENCH)

# Measure the service with 200,000 checks on record, on SQLite and PostgreSQL: some eight minutes. BENCH=--quick for a look,
# BENCH="--only record --database sqlite" for some rows.
bench-service: setup
	@PYTHONPATH=tests $(BIN)/python -m bench.bench_service $(BENCH)
