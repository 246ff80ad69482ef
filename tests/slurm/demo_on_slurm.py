"""`make test-slurm`: the demo through a real Slurm, with trainings that are cancelled, run out of time, are preempted.

No job of it has a GPU: Slurm counts two that are none, and what `profiles/slurm` asks for as `gpu` is asked for as a
generic resource here, so that the jobs themselves work on the CPU. One job has the profile as it is, and is refused.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import torch
import yaml
from conftest import DEMO, ROOT, snakemake
from slurm.cluster import URGENT, ask, jobs, missing, one_node

pytestmark = pytest.mark.skipif(
    bool(missing()),
    reason=f"Slurm is not here ({', '.join(missing())}): apt-get install slurmctld slurmd slurm-client munge",
)
PROFILE = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())
CANCELLED = "results/shapes-auxiliary.small/stage0/segmenter.pt"
TIMED_OUT = "results/shapes.small/stage0/segmenter.pt"
PREEMPTED = "results/auxiliary/stage1/generator.pt"
ONE_THREAD = {name: 1 for name in PROFILE["set-threads"]}
ITERATIONS = 100  # of a training: more than a state's 5 seconds
PATIENCE = 1800  # seconds


def small_demo() -> dict:
    """Both runs of the method with a stage, and trainings that are long enough to be disturbed."""
    config = yaml.safe_load(DEMO.read_text()) | {"stages": 1}
    config["datasets"] = {name: config["datasets"][name] | {"fraction": 0.1} for name in ("shapes-auxiliary", "shapes")}
    config["segmenters"]["small"] |= {"batch": 2, "stages": [{"iterations": ITERATIONS}, {"iterations": 10}]}
    config["generators"]["small"] |= {"stages": [{"iterations": ITERATIONS, "batch": 2}]}
    config["runs"] = {name: config["runs"][name] for name in ("auxiliary", "target")}
    del config["runs"]["target"]["evaluate"]
    return config


def without_gpus() -> dict:
    """The profile, with GPUs that jobs ask for and do not use, a thread each, and a quicker look at the queue."""
    rules = {
        name: (asked | {"gpu": 0, "gres": f"gpu:{asked['gpu']}"} if asked.get("gpu") else asked)
        for name, asked in PROFILE["set-resources"].items()
    }
    quick = {"slurm-init-seconds-before-status-checks": 2, "latency-wait": 10}
    return PROFILE | quick | {"set-resources": rules, "set-threads": ONE_THREAD}


def written(path: Path, content: dict) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def on_slurm(environment: dict, profile: Path, folder: Path, *arguments: str) -> subprocess.Popen:
    call = [sys.executable, "-m", "snakemake", "--workflow-profile", str(profile), "--directory", str(folder)]
    call += [*arguments, "--configfile", str(folder / "config.yaml")]
    return subprocess.Popen(
        call,
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=(folder / "said.txt").open("w"),
        stderr=subprocess.STDOUT,
    )


class Accidents:
    """What happens to whose training: each once, when it has saved a state that another attempt can go on from."""

    def __init__(self, environment: dict, folder: Path):
        self.environment, self.folder = environment, folder
        self.waiting = {CANCELLED: self.cancel, TIMED_OUT: self.out_of_time, PREEMPTED: self.preempt}
        self.jobs: dict[str, str] = {}

    def look(self) -> None:
        for output in list(self.waiting):
            if (self.folder / output).with_suffix(".state").exists() and (job := self.job_of(output)):
                self.jobs[output] = job
                self.waiting.pop(output)(job)

    def job_of(self, output: str) -> str | None:
        run, stage, network = output.removeprefix("results/").split("/")
        comment = f"rule_train_{network.removesuffix('.pt')}_wildcards_{run}_{stage.removeprefix('stage')}"
        running = [job["JobId"] for job in jobs(self.environment) if job["JobState"] == "RUNNING"]
        return next((job for job in running if comment in ask(self.environment, "squeue", "-hj", job, "-o%k")), None)

    def cancel(self, job: str) -> None:
        ask(self.environment, "scancel", job)

    def out_of_time(self, job: str) -> None:
        """A training that hangs, so that its minute, Slurm's least limit, costs the others nothing."""
        pids = ask(self.environment, "scontrol", "listpids", job).split("\n")[1:]
        for pid in (line.split()[0] for line in pids if line.strip()):
            if b".snakemake/scripts/" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(int(pid), signal.SIGSTOP)
        ask(self.environment, "scontrol", "update", f"JobId={job}", "TimeLimit=1")

    def preempt(self, job: str) -> None:
        ask(
            self.environment,
            "sbatch",
            f"--partition={URGENT}",
            "--gres=gpu:2",
            "--mem=50",
            "--output=/dev/null",
            "--wrap=sleep 1",
        )


@pytest.fixture(scope="module")
def slurm():
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, one_node(Path(folder)) as environment:
        yield environment


@pytest.fixture(scope="module")
def finished(slurm, tmp_path_factory):
    """The demo's folder, Snakemake's words, and which of Slurm's jobs had an accident."""
    folder = tmp_path_factory.mktemp("run")
    written(folder / "config.yaml", small_demo())
    accidents = Accidents(slurm, folder)
    process = on_slurm(slurm, written(folder / "profile/config.yaml", without_gpus()).parent, folder, "all")
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        accidents.look()
        time.sleep(0.3)
    process.kill()
    said = (folder / "said.txt").read_text()
    assert process.wait() == 0, said
    assert not accidents.waiting, f"no state to go on from: {list(accidents.waiting)}"
    return folder, said, accidents.jobs


def by_rule(slurm) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for job in jobs(slurm):
        rule = re.match(r"rule_([a-z_]+?)(_wildcards_|$)", job.get("Comment", ""))
        if rule:
            found.setdefault(rule[1], []).append(job)
    return found


def test_every_rule_gets_what_the_profile_says(slurm, finished):
    found = by_rule(slurm)
    assert {"train_segmenter", "train_generator", "predict_scores", "generate_pseudo_masks"} <= set(found)
    for rule, its_jobs in found.items():
        asked = PROFILE["default-resources"] | PROFILE["set-resources"].get(rule, {})
        for job in its_jobs:
            assert job["MinMemoryNode"] in (f"{asked['mem_mb']}M", f"{asked['mem_mb'] / 1024:g}G"), job
            assert job.get("TresPerNode") == (f"gres:gpu:{asked['gpu']}" if asked.get("gpu") else None), job
            assert job["Requeue"] == "1", "which is not this Slurm's default"


def test_a_cancelled_job_is_submitted_again(slurm, finished):
    assert_submitted_again(slurm, finished, CANCELLED, "CANCELLED")


def test_a_job_that_ran_out_of_time_is_submitted_again(slurm, finished):
    assert_submitted_again(slurm, finished, TIMED_OUT, "TIMEOUT")


def assert_submitted_again(slurm, finished, output: str, state: str) -> None:
    _, said, accident = finished
    described = {job["JobId"]: job for job in jobs(slurm)}
    first = described[accident[output]]
    again = [job for job in described.values() if job.get("Comment") == first["Comment"] and job is not first]
    assert first["JobState"] == state
    assert [job["JobState"] for job in again] == ["COMPLETED"]
    assert f"SLURM status is: '{state}'" in said


def test_a_preempted_job_is_started_again_by_slurm(slurm, finished):
    job = next(job for job in jobs(slurm) if job["JobId"] == finished[2][PREEMPTED])
    assert (job["JobState"], job["Restarts"]) == ("COMPLETED", "1")


def test_all_three_end_with_the_weights_of_an_undisturbed_run(finished, tmp_path):
    folder, outputs = finished[0], [CANCELLED, TIMED_OUT, PREEMPTED]
    for output in outputs:
        log = folder / re.sub(r"results/(.*)/(stage\d)/(\w+)\.pt", r"logs/train_\3/\1.\2.log", output)
        resumed = re.search(r"resumed from \S+ at iteration (\d+)", log.read_text())
        assert resumed and 0 < int(resumed[1]) < ITERATIONS, log.read_text()
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(folder, undisturbed, ignore=shutil.ignore_patterns("*.kept", ".snakemake"))
    threads = [f"{name}={count}" for name, count in ONE_THREAD.items()]
    options = ["--resources", "gpu=0", "--set-threads", *threads]
    done = snakemake(undisturbed, "--force", *outputs, *options, config=folder / "config.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "resumed" not in done.stdout + done.stderr
    for output in outputs:
        ours, theirs = (torch.load(path / output, weights_only=True) for path in (folder, undisturbed))
        assert (folder / output).stat().st_ino != (undisturbed / output).stat().st_ino
        assert ours["losses"] == theirs["losses"] and len(ours["losses"]) == ITERATIONS
        assert ours["weights"].keys() == theirs["weights"].keys()
        assert all(torch.equal(value, theirs["weights"][name]) for name, value in ours["weights"].items())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, and so nothing to refuse")
def test_the_profile_as_it_is_asks_for_a_gpu_and_its_job_is_not_left_on_the_cpu(slurm, finished, tmp_path):
    folder = tmp_path / "refused"
    shutil.copytree(finished[0], folder, ignore=shutil.ignore_patterns("*.kept", ".snakemake"))
    before = len(jobs(slurm))
    soon = "--slurm-init-seconds-before-status-checks", "2"
    process = on_slurm(slurm, ROOT / "profiles/slurm", folder, "--retries", "0", *soon, "--force", TIMED_OUT)
    assert process.wait(PATIENCE) == 1
    assert "this machine has a GPU, but torch" in (folder / "said.txt").read_text()
    (job,) = jobs(slurm)[before:]
    asked = PROFILE["set-resources"]["train_segmenter"]
    assert job["TresPerJob"] == f"gres:gpu:{asked['gpu']}"
    assert job["NumCPUs"] == str(PROFILE["set-threads"]["train_segmenter"])
    assert job["TimeLimit"] == f"{asked['runtime'] // 1440}-00:00:00"
