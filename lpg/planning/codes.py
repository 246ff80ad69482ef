"""Which code a job runs: that of its script, and of what it opens by name."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lpg.annotations.registry import FORMATS
from lpg.generators.opening import PLAIN_METHODS
from lpg.generators.registry import LEARNED, METHODS
from lpg.generators.shipped import SHIPPED
from lpg.jobs.code import code_digest, line_digest
from lpg.jobs.lines import Line
from lpg.networks.registry import GENERATORS, TRUNKS
from lpg.planning.deciding import Deciding
from lpg.planning.recursion import Plan
from lpg.planning.runs import Borrowed, Finished, Generic
from lpg.segmenter.recipe import segmenter_recipe
from lpg.segmenter.registry import MASKING, TASKS, TRAINED


class Codes:
    """The digests that run a job again when the code it reaches has changed.

    Arguments:
        scripts: the folder of the scripts, one a rule.
    """

    def __init__(self, plan: Plan, scripts: Path) -> None:
        self.plan, self.deciding, self.scripts = plan, Deciding(plan), scripts

    def of(
        self,
        script: str,
        opens: Callable[..., Sequence[Line]] | None = None,
        wildcards: Mapping[str, str] | None = None,
    ) -> str:
        """The digest of a script, and of the lines of registries that it opens for these wildcards."""
        lines = opens(**wildcards) if opens else ()
        return "-".join([code_digest(self.scripts / f"{script}.py"), *map(line_digest, lines)])

    def formats(self, dataset: str) -> list[Line]:
        """The reader of a dataset."""
        return [FORMATS[self.plan.config.datasets[dataset].format]]

    def run_formats(self, run: str) -> list[Line]:
        """The readers of a run's datasets."""
        formats = {self.plan.config.datasets[dataset].format for dataset in self.plan.run(run).datasets}
        return [FORMATS[name] for name in sorted(formats)]

    def segmenter(self, run: str) -> list[Line]:
        """What applies f."""
        name = self.plan.run(run).segmenter
        masking = segmenter_recipe(self.plan.recipes.segmenter(name)).masking
        return [*self.plan.recipes.segmenter_lines(name), *([MASKING] if masking else [])]

    def gallery(self, run: str) -> list[Line]:
        """What shows a run's segmenter on photographs that have no segmentations."""
        return [TRAINED, *self.segmenter(run)] if self.plan.run(run).segmenter else []

    def segmenter_training(self, run: str) -> list[Line]:
        """What trains f."""
        recipe = segmenter_recipe(self.plan.recipes.segmenter(self.plan.run(run).segmenter))
        return [*self.segmenter(run), TASKS[recipe.task]]

    def generator_training(self, run: str) -> list[Line]:
        """What trains g."""
        return self.plan.recipes.generator_lines(self.plan.run(run).generator.recipe)

    def masks(self, run: str, dataset: str) -> list[Line]:
        """What makes a run's masks on a dataset, and may make single ones again that people asked for."""
        again = PLAIN_METHODS if self.deciding.files(run, dataset) else ()
        return [*self.generator(run), *(METHODS[name] for name in again)]

    def generator(self, run: str) -> list[Line]:
        """What makes a run's masks; a finished generator may be any of the networks."""
        generator = self.plan.run(run).generator
        match generator:
            case Generic(method=method):
                return [METHODS[method]]
            case Finished(shipped=str(name)):
                known = SHIPPED[name]
                return [LEARNED, GENERATORS[known.architecture], TRUNKS[known.trunk]]
            case Finished():
                return [LEARNED, *GENERATORS.values(), *TRUNKS.values()]
            case Borrowed(teacher=teacher):
                return [LEARNED, *self.generator_training(teacher)]
        return [LEARNED, *self.generator_training(run)]
