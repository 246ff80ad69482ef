# The plan of the configuration, and one way to ask it. No rules.

import re
import sys
from inspect import signature
from pathlib import Path

from lpg.errors import InputError
from lpg.jobs.failures import last_words
from lpg.jobs.job import Unwatched
from lpg.jobs.machine import has_gpu
from lpg.planning import paths
from lpg.planning.checks import check_plan
from lpg.planning.codes import Codes
from lpg.planning.deciding import Deciding
from lpg.planning.parameters import Parameters
from lpg.planning.rating import Rating
from lpg.planning.reading import check_home, read_configuration
from lpg.planning.recursion import Plan
from lpg.planning.scoring import MASKS_CRF, Scoring
from lpg.planning.sharding import Sharding
from lpg.planning.sources import Sources
from lpg.planning.targets import Targets
from lpg.planning.yaml_files import check_yaml

HOME = Path(workflow.basedir)
MACHINE = workflow.resource_settings
# Cores are unknown where a cluster counts jobs, and to --unlock. With a GPU, jobs that run a network take turns on it.
# On CPUs two jobs share the cores: half of a job is reading and augmenting.
CORES = MACHINE.cores or 16
GPU = int(has_gpu())
THREADS = CORES if GPU else -(-CORES // 2)


def on_gpus(rule):
    """Threads of a job that runs a network: of several GPUs that are offered, each has its part of the cores."""
    offered = whole(MACHINE.resources.get("gpu"))
    given = whole(MACHINE.overwrite_resources.get(rule, {}).get("gpu"))
    return max(1, THREADS * min(given, offered) // offered) if GPU else THREADS


def whole(resource):
    """The number of a resource; 1 where it is not said, 0, or an expression."""
    value = getattr(resource, "value", resource)
    return max(1, value) if isinstance(value, int) else 1


try:
    check_home(HOME)
    check_yaml(workflow.configfiles)
    PLAN = Plan(read_configuration(config))
    check_plan(PLAN)
except InputError as error:
    sys.exit(f"Configuration: {error}")

CONFIG = PLAN.config
SOURCES = Sources(PLAN)
PARAMETERS = Parameters(PLAN)
DECIDING = Deciding(PLAN)
SCORING = Scoring(PLAN)
RATING = Rating(PLAN)
SHARDING = Sharding(PLAN)
TARGETS = Targets(PLAN, SCORING)
CODES = Codes(PLAN, HOME / "workflow/scripts")


def one_of(names):
    """A wildcard that stands for one of these names."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    run=one_of([*PLAN.runs, *PLAN.starts]),
    dataset=one_of(CONFIG.datasets),
    stage=r"0|[1-9]\d*",
    table=one_of(CONFIG.tables),


def ask(method, as_parameter=None):
    """A function of the wildcards that a method of the plan takes."""
    names = signature(method).parameters

    def answer(wildcards):
        given = {name: wildcards[name] for name in names}
        if "stage" in given:
            given["stage"] = int(given["stage"])
        try:
            if "stage" in wildcards.keys():
                PLAN.check_stage(wildcards.run, int(wildcards.stage))
            answered = method(**given)
        except InputError as error:
            sys.exit(f"Configuration: {error}")
        return as_parameter(answered) if as_parameter else answered

    return answer


def if_any(value):
    """A parameter that is nothing is none, so that what was made before there was such a parameter stays."""
    return value or Unwatched(value)


def code_of(script, opens=None):
    """The digest that runs a rule again when code has changed that it reaches, or that it opens by name."""
    if opens is None:
        return CODES.of(script)
    names = signature(opens).parameters
    return lambda wildcards: CODES.of(script, opens, {n: wildcards[n] for n in names})
