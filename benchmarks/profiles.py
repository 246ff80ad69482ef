"""`python -m benchmarks.profiles [ARGUMENTS OF SNAKEMAKE]`: where the five slowest rules of a run spend their time.

Every job of the run is profiled, the start and the end of Python included, and takes some per cent longer for it.
Without arguments the run is the demo, one job at a time in a folder that is removed again.
"""

import os
import pstats
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

SLOWEST, SHOWN = 5, 6  # rules, and parts of each
# Python imports `sitecustomize` as it starts; Snakemake runs a copy of a script, `.snakemake/scripts/tmp….NAME.py`.
SITE = """
import atexit, cProfile, sys, uuid

def keep():
    profile.disable()
    profile.dump_stats("{folder}/" + uuid.uuid4().hex + "." + script.split(".")[-2])

script = (sys.orig_argv + [""])[1]
if ".snakemake/scripts/" in script:
    profile = cProfile.Profile()
    atexit.register(keep)
    profile.enable()
"""
NETWORKS = {"run_backward": "backward passes", "conv2d": "convolutions", "batch_norm": "batch normalisation"}
IMPORTS = ("<frozen", "marshal", "_imp.")


def main() -> None:
    with TemporaryDirectory() as folder:
        kept = Path(folder, "kept")
        kept.mkdir()
        Path(folder, "sitecustomize.py").write_text(SITE.format(folder=kept))
        demo = ["--snakefile", str(Path("Snakefile").resolve()), "--directory", str(Path(folder, "run")), "all"]
        subprocess.run(
            [sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", "1", *(sys.argv[1:] or demo)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])},
            check=True,
        )
        jobs = defaultdict(list)
        for path in kept.iterdir():
            jobs[path.suffix[1:]].append(pstats.Stats(str(path)))
    _print({rule: _spent(stats) for rule, stats in jobs.items()}, {rule: len(stats) for rule, stats in jobs.items()})


def _spent(jobs: list[pstats.Stats]) -> Counter:
    """Seconds by what they were spent on."""
    spent = Counter()
    for stats in jobs:
        for function, (_, _, own, _, _) in stats.stats.items():
            spent[_part(*function)] += own
    return spent


def _print(spent: dict[str, Counter], jobs: dict[str, int]) -> None:
    print("| rule | jobs | seconds | per cent of them |\n| --- | --- | --- | --- |")
    for rule in sorted(spent, key=lambda rule: -spent[rule].total())[:SLOWEST]:
        total = spent[rule].total()
        shares = ", ".join(f"{part} {100 * seconds / total:.0f}" for part, seconds in spent[rule].most_common(SHOWN))
        print(f"| `{rule}` | {jobs[rule]} | {total:.0f} | {shares} |")


def _part(path: str, line: int, name: str) -> str:
    """What a function belongs to: a part of a network, the imports, a module of ours, or a library."""
    known = next((part for word, part in NETWORKS.items() if word in name), None)
    if known:
        return known
    if name == "<module>" or any(word in text for word in IMPORTS for text in (path, name)):
        return "imports"
    if path == "~":
        return name.strip("<>").removeprefix("built-in method ")
    if "/lpg/" in path:
        return path[path.rindex("/lpg/") + 1 :]
    return path.rpartition("site-packages/")[2].partition("/")[0] if "site-packages" in path else "Python's own"


if __name__ == "__main__":
    main()
