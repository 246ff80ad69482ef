"""What the profiles ask for fits the rules; that a real Slurm gives it is tested by `make test-slurm`."""

import importlib.util
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from conftest import DEMO, ROOT, snakemake

CLUSTERS = {"slurm": "snakemake_executor_plugin_slurm", "kubernetes": "snakemake_executor_plugin_kubernetes"}
TARGET = "results/target/stage2/segmenter.pt"  # of a run without the shipped generator, which no storage has


@cache
def rules() -> dict[str, str]:
    """The text of every rule; of a variant that of the rule it is of."""
    text = "\n".join(path.read_text() for path in [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")])
    _, *parts = re.split(
        r"^rule (\w+):\n", re.sub(r"^use rule [^\n]*(\n|\n +[^\n]*)*", "", text, flags=re.M), flags=re.M
    )
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return found | {variant: found[of] for of, variant in re.findall(r"^use rule (\w+) as (\w+) with:", text, re.M)}


def those_with(pattern: str) -> set[str]:
    return {name for name, text in rules().items() if re.search(pattern, text, re.MULTILINE)}


def profile(name: str) -> dict:
    return yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text())


def test_the_rules_are_found():
    assert "train_generator" in those_with(r"^        gpu=") & those_with(r"^    threads:")


@pytest.mark.parametrize("name", CLUSTERS)
class TestCluster:
    def test_it_names_rules_that_are_there(self, name):
        assert {*profile(name)["set-resources"], *profile(name)["set-threads"]} <= set(rules())

    def test_the_rules_that_run_a_network_and_no_others_get_a_gpu(self, name):
        asked = {rule for rule, resources in profile(name)["set-resources"].items() if resources.get("gpu")}
        assert asked == those_with(r"^        gpu=")

    def test_every_rule_with_threads_has_a_number_of_them(self, name):
        """The number of a rule is that of the machine on which Snakemake was started."""
        assert set(profile(name)["set-threads"]) == those_with(r"^    threads:")

    def test_every_job_that_is_measured_asks_for_memory(self, name):
        assert those_with(r"^    benchmark:") - {"rate_pseudo_masks"} <= set(profile(name)["set-resources"])

    def test_what_is_asked_for_is_plausible(self, name):
        asked = profile(name)["set-resources"].values()
        for resources in [profile(name)["default-resources"], *asked]:
            assert 1000 <= resources["mem_mb"] <= 256_000
            assert resources.get("gpu", 1) in range(1, 9)
            assert 30 <= resources.get("runtime", 60) <= 7 * 24 * 60
        assert all(1 <= threads <= 64 for threads in profile(name)["set-threads"].values())

    def test_it_repeats_what_the_default_says_of_a_run(self, name):
        said = {key: value for key, value in profile("default").items() if key != "resources"}
        assert said.items() <= profile(name).items()

    def test_a_dry_run_takes_it(self, name, tmp_path):
        """Only Snakemake and the executor know which options there are."""
        if not importlib.util.find_spec(CLUSTERS[name]):
            pytest.skip(f"{CLUSTERS[name]} is not installed")
        said = planned(tmp_path, "--workflow-profile", f"profiles/{name}")
        for rule, resources in profile(name)["set-resources"].items():
            for job in jobs_of(rule, said):
                assert all(f"{key}={value}" in job for key, value in resources.items())
                assert f"threads: {profile(name)['set-threads'].get(rule, 1)}" in job or "threads" not in job
        assert jobs_of("train_generator", said)


def planned(folder: Path, *options: str) -> str:
    call = [sys.executable, "-m", "snakemake", "-n", TARGET, "--directory", str(folder), *options]
    call += ["--configfile", str(DEMO)]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def jobs_of(rule: str, said: str) -> list[str]:
    return re.findall(rf"^rule {rule}:\n((?: +.*\n)+)", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("cores", "options", "threads", "gpus"),
    [
        (16, (), 16, 1),
        (16, ("--resources", "gpu=4"), 4, 1),
        (10, ("--resources", "gpu=4"), 2, 1),  # of 3 a fourth would wait
        (16, ("--resources", "gpu=4", "--set-resources", "train_segmenter:gpu=2"), 8, 2),
        (16, ("--resources", "gpu=0"), 16, 0),
    ],
)
def test_of_several_gpus_each_has_its_part_of_the_cores(tmp_path, monkeypatch, cores, options, threads, gpus):
    driver = tmp_path / "nvidia-smi"
    driver.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    said = snakemake(tmp_path, "-n", TARGET, "--cores", str(cores), *options)
    assert said.returncode == 0, said.stdout + said.stderr
    for job in jobs_of("train_segmenter", said.stdout + said.stderr):
        assert f"threads: {threads}\n" in job and f"gpu={gpus}\n" in job


def test_on_a_cluster_no_rule_may_lose_its_gpu_to_the_command_line(tmp_path):
    options = "--workflow-profile", "profiles/slurm", "--set-resources", "train_segmenter:gpu=2"
    refused = snakemake(tmp_path, "-n", *options)
    assert refused.returncode == 1
    names = "predict_scores, train_generator, generate_pseudo_masks"
    assert f"Profile: set-resources does not say gpu (1 or 0) of {names}; put it" in refused.stdout + refused.stderr
