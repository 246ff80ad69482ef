"""`kill -9` of jobs, of Snakemake, and of both, at random moments."""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from conftest import ROOT, snakemake_call
from faults.tiny import TARGETS

SCRIPT = re.compile(rb"\.snakemake/scripts/tmp\w+\.(\w+)\.py")
WHAT = {"job": 12, "snakemake": 4, "group": 4}  # of twenty kills
RETRIES = 5  # Snakemake starts a job again by itself, which is cheaper than a new Snakemake
LOOK = 0.05  # seconds


def processes_of(session: int) -> dict[int, str]:
    """The processes of a session that are alive, and of those that are jobs the rule."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getsid(int(entry.name)) == session:
                command = (entry / "cmdline").read_bytes()
                if command and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                    rule = SCRIPT.search(command)
                    found[int(entry.name)] = rule[1].decode() if rule else ""
        except (ProcessLookupError, FileNotFoundError):
            continue
    return found


@dataclass
class Killer:
    """Runs the tiny run in a folder, and kills it.

    Attributes:
        chance: decides what is killed, and when.
        budget: kills that are left.
        deadline: after which nothing is killed, of `time.monotonic`.
        rules: those of the run.
        killed: how often which rule was.
        how: how often a job alone was killed, Snakemake alone, and the whole group.
        lasts: seconds that a job of a rule was seen to last, at most.
    """

    folder: Path
    config: Path
    chance: random.Random
    budget: int
    deadline: float
    rules: frozenset[str]
    killed: Counter = field(default_factory=Counter)
    how: Counter = field(default_factory=Counter)
    lasts: dict[str, float] = field(default_factory=dict)

    def run(self, *options: str) -> str:
        """Start Snakemake again and again until everything is made; returns what the last one said.

        Arguments:
            options: for the first Snakemake alone.

        Raises:
            AssertionError: it ended otherwise than by a kill, or something of it outlived Snakemake.
        """
        while True:
            log = self.folder / "said.txt"
            patient = "--retries", str(RETRIES), "--quiet", "progress"
            with log.open("w") as said:
                call = subprocess.Popen(
                    snakemake_call(self.folder, *TARGETS, *patient, *options, config=self.config),
                    cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
                    stdout=said, stderr=said, start_new_session=True,
                )  # fmt: skip
                shot = self._watch(call)
            options, text = (), log.read_text(errors="replace")
            if call.returncode == 0:
                return text
            assert shot, f"nobody killed this: {text[-4000:]}"
            self._await_silence(call.pid)
            for lock in (self.folder / ".snakemake/locks").glob("*"):  # what `--unlock` does
                lock.unlink()

    def _watch(self, call: subprocess.Popen) -> bool:
        """Kill until Snakemake ends; whether anything was killed."""
        shot, seen, due = False, {}, {}
        while call.poll() is None:
            now, alive = time.monotonic(), processes_of(call.pid)
            jobs = {pid: rule for pid, rule in alive.items() if rule}
            for pid, rule in jobs.items():
                if pid not in seen:
                    seen[pid] = now
                    if self._wants(rule):
                        due[pid] = now + self.chance.uniform(0, self.lasts.get(rule, 8.0))
                self.lasts[rule] = max(self.lasts.get(rule, 0.0), now - seen[pid])
            for pid in [pid for pid, moment in due.items() if moment <= now]:
                del due[pid]
                if pid in jobs and self.budget:
                    shot |= self._kill(call, pid, jobs[pid])
            time.sleep(LOOK)
        return shot

    def _wants(self, rule: str) -> bool:
        """Every rule in turn: one that was killed more often than others by two is mostly let alone."""
        if not self.budget or time.monotonic() > self.deadline:
            return False
        least = min(self.killed[name] for name in self.rules)
        return self.chance.random() < (0.8 if self.killed[rule] < least + 2 else 0.4)

    def _kill(self, call: subprocess.Popen, pid: int, rule: str) -> bool:
        what = self.chance.choices(list(WHAT), list(WHAT.values()))[0]
        try:
            if what == "group":
                os.killpg(call.pid, signal.SIGKILL)
            else:
                os.kill(pid if what == "job" else call.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.budget -= 1
        self.killed[rule] += 1
        self.how[what] += 1
        return True

    def _await_silence(self, session: int) -> None:
        """Jobs end with Snakemake: none goes on writing beside its successor."""
        patience = time.monotonic() + 20
        while left := processes_of(session):
            assert time.monotonic() < patience, f"still alive after its Snakemake was killed: {left}"
            time.sleep(LOOK)
