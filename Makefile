# Two commands on a fresh machine: `make demo` and `make test`. `make install` makes the environment alone.

PYTHON ?= python3
VENV ?= .venv
CORES ?= all
BIN = $(VENV)/bin
INSTALLED = $(VENV)/installed
SNAKEMAKE = $(BIN)/snakemake --cores $(CORES) all

.PHONY: install demo test test-faults test-hostile test-slurm check benchmark bench clean

install: $(INSTALLED)

# The longest way through the stages comes first: the generators, and the run that borrows them. The upper bound fills in.
demo: $(INSTALLED)
	$(SNAKEMAKE) --prioritize results/target/stage2/scores.json
	@echo "Masks: results/target/stage2/shapes/pseudo_masks  Scores: results/scores.html"
	@echo "Pictures: results/target/stage2/gallery/index.html"

CONFIGURATIONS = tests/workflow/test_configurations.py

test: check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --ignore=$(CONFIGURATIONS)

# Kills, full disks, two Snakemakes at once. Another seed: make test-faults FAULTS="--kills 20 --minutes 5 --seed 7"
FAULTS ?= --kills 200 --minutes 25

test-faults: $(INSTALLED)
	$(BIN)/python -m pytest tests/faults --capture=no $(FAULTS)

# The demo through a Slurm of one node, whose jobs are cancelled, time out and are preempted: docs/cluster.md.
test-slurm: $(INSTALLED)
	$(BIN)/python -m pytest -rs tests/slurm/demo_on_slurm.py

# All cases of hostile and broken input: at least 100,000 of a new seed, or of one that is given (SEED=7).
SEED ?= $(shell date +%s)

test-hostile: $(INSTALLED)
	HOSTILE=long OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/hostile --hypothesis-seed=$(SEED)

# What is cheap to find out: style, and whether every configuration, the README's too, can be planned.
check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/python -m pytest --quiet $(CONFIGURATIONS)

benchmark: $(INSTALLED)
	$(SNAKEMAKE) --prioritize results/voc-box/stage3/scores.json --configfile config/benchmark.yaml

# Speed, as ratios to the paper's loops on the same machine: docs/performance.md.
bench: $(INSTALLED)
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# results/ stays, and with it .snakemake, which alone knows by which settings and code its files were made.
clean:
	rm -rf $(VENV) logs
