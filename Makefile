# The commands a developer types; CI calls the same. Everything is set up on first use: see README.md.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
WITH_SERVERS := $(PY) -m config.embedded exec
# Python writes the bytecode of what it imports; to write that of everything takes pip longer than all its other work, mostly for
# modules of the carrier's and the CRMs' libraries that nobody imports.
export PYTHONDONTWRITEBYTECODE :=  # where it is set, each process would compile all it imports anew, seconds each time
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-compile
NO_SERVERS := DATABASE_URL=postgresql://unused/unused REDIS_URL=redis://unused

.PHONY: run reset test test-all test-slow check format shell e2e e2e-predictive evidence bench-gate bench-import bench-lists bench-pacing bench-tick bench-webhooks bench-calls bench-crm chaos-calls chaos-crm oracle

run: $(VENV)/run.stamp front-end
	@$(PY) -m config.run run

reset: $(VENV)/run.stamp
	@$(PY) -m config.run reset

# The lanes of every day; what takes seconds by its nature, and most examples of the properties, wait for test-slow.
QUICK_LANES := tests/rules tests/unit tests/property tests/integration tests/repo

test: check
	$(WITH_SERVERS) $(PY) -m pytest -n 2 --dist loadfile -m "not slow_lane" $(QUICK_LANES)

test-all: test test-slow

test-slow: $(VENV)/dev.stamp front-end
	HYPOTHESIS_PROFILE=thorough $(WITH_SERVERS) $(PY) -m pytest -n 2 --dist loadfile -m "slow_lane or hypothesis" $(QUICK_LANES)
	$(WITH_SERVERS) $(PY) -m pytest -n 0 tests/concurrency
	$(WITH_SERVERS) $(PY) -m pytest -n 2 --dist loadfile tests/contract tests/sandbox tests/oracle
	$(MAKE) oracle N=20000
	.ci/chromium
	$(WITH_SERVERS) $(PY) -m pytest -n 0 -p no:randomly tests/browser
	$(MAKE) e2e
	$(MAKE) chaos-calls N=60 ROBOTS=8 SPEED=4 GAP=5

check: $(VENV)/dev.stamp front-end
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(NO_SERVERS) $(VENV)/bin/lint-imports
	$(NO_SERVERS) $(PY) -m mypy .
	$(WITH_SERVERS) $(PY) manage.py makemigrations --check --dry-run
	$(WITH_SERVERS) $(PY) manage.py check

format: $(VENV)/dev.stamp
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

e2e: $(VENV)/dev.stamp front-end
	$(PY) -m tests.e2e

# The gate against a second reading of the rule book: make oracle N=100000 SEED=3
oracle: N ?= 1000000
oracle: SEED ?= 1
oracle: $(VENV)/dev.stamp
	@$(PY) -m tests.oracle.compare --n $(N) --seed $(SEED) --processes 2

bench-gate: $(VENV)/dev.stamp
	@$(PY) -m tests.load.bench_gate

# The import of a file with a million people: make bench-import ARGS="--rows 100000"
bench-import: $(VENV)/dev.stamp
	@$(WITH_SERVERS) $(PY) -m tests.load.bench_import $(ARGS)

# The list of a million people, filtered, searched and in every order: make bench-lists ARGS="--people 100000"
bench-lists: $(VENV)/dev.stamp
	@$(WITH_SERVERS) $(PY) -m tests.load.bench_lists $(ARGS)

# The pacers on simulated campaigns: make bench-pacing ARGS=--quick, or ARGS="--only standard-25 --seeds 10"
bench-pacing: $(VENV)/dev.stamp
	@$(PY) -m bench.pacing $(ARGS)

# A round of the dialing loop over 50 campaigns with 500 agents: make bench-tick ARGS="--campaigns 10 --agents 100"
bench-tick: $(VENV)/dev.stamp
	@$(WITH_SERVERS) $(PY) -m tests.load.bench_pacer_tick $(ARGS)

bench-webhooks: $(VENV)/dev.stamp
	@$(WITH_SERVERS) $(PY) -m tests.load.bench_webhooks $(ARGS)

# Calls a second from end to end, with robots and stand-in on the same cores: make bench-calls ROBOTS=100 SPEED=2 SECONDS=60
bench-calls: ROBOTS ?= 300
bench-calls: SPEED ?= 1
bench-calls: SECONDS ?= 120
bench-calls: SEED ?= 1
bench-calls: $(VENV)/dev.stamp front-end
	@$(PY) -m tests.load.bench_calls --robots $(ROBOTS) --speed $(SPEED) --seconds $(SECONDS) --seed $(SEED)

# The real loop against its simulation: make e2e-predictive ROBOTS=20 HOURS=1
e2e-predictive: ROBOTS ?= 50
e2e-predictive: HOURS ?= 10
e2e-predictive: SPEED ?= 4
e2e-predictive: SEED ?= 1
e2e-predictive: $(VENV)/dev.stamp front-end
	@$(PY) -m tests.load.predictive --robots $(ROBOTS) --hours $(HOURS) --speed $(SPEED) --seed $(SEED)

# Calls while processes are killed and webhooks get lost: make chaos-calls N=500 ROBOTS=20 SEED=3
chaos-calls: N ?= 2000
chaos-calls: ROBOTS ?= 50
chaos-calls: SEED ?= 1
chaos-calls: SPEED ?= 3
chaos-calls: GAP ?= 12
chaos-calls: $(VENV)/dev.stamp front-end
	@$(PY) -m tests.load.chaos --n $(N) --robots $(ROBOTS) --seed $(SEED) --speed $(SPEED) --gap $(GAP)

# Calls to both stand-in CRMs under faults, while workers are killed: make chaos-crm N=1000 SEED=3
chaos-crm: N ?= 10000
chaos-crm: SEED ?= 1
chaos-crm: SPEED ?= 10
chaos-crm: GAP ?= 4
chaos-crm: $(VENV)/dev.stamp
	@$(WITH_SERVERS) $(PY) -m tests.load.chaos_crm --n $(N) --seed $(SEED) --speed $(SPEED) --gap $(GAP)

# The first sync of a big CRM list, and a thousand changes: make bench-crm ARGS="--rows 20000"
bench-crm: $(VENV)/dev.stamp
	@$(WITH_SERVERS) $(PY) -m tests.load.bench_crm $(ARGS)

# make evidence NUMBER="(407) 555-0123" OUT=/tmp/out
evidence: $(VENV)/run.stamp
	$(WITH_SERVERS) --data run $(PY) manage.py export_evidence "$(NUMBER)" --out "$(OUT)"

shell: $(VENV)/dev.stamp
	$(WITH_SERVERS) --data run $(PY) manage.py shell

front-end: $(VENV)/run.stamp
	@$(PY) -m config.frontend
.PHONY: front-end

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Parley needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements.txt
	touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements-dev.txt
	touch $(VENV)/run.stamp $@
