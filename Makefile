# Two commands on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
CORES ?= all
BIN = $(VENV)/bin
INSTALLED = $(VENV)/installed
SNAKEMAKE = $(BIN)/snakemake --cores $(CORES) all

.PHONY: demo test check benchmark clean

# Without --prioritize: beside a job of the highest priority Snakemake's solver leaves the other cores idle.
demo: $(INSTALLED)
	$(SNAKEMAKE)
	@echo "Masks: results/target/stage2/shapes/pseudo_masks  Scores: results/scores.html"
	@echo "Gallery: results/target/stage2/gallery.png"

CONFIGURATIONS = tests/workflow/test_configurations.py

test: check
	$(BIN)/python -m pytest --ignore=$(CONFIGURATIONS)

# What is cheap to find out: style, and whether every configuration, the README's too, can be planned.
check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/python -m pytest --quiet $(CONFIGURATIONS)

benchmark: $(INSTALLED)
	$(SNAKEMAKE) --configfile config/benchmark.yaml

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) .snakemake logs
