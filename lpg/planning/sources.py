"""What a configuration is given from outside: annotations, lists, generators; and how a change of theirs is told."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lpg.generators.registry import METHODS
from lpg.planning.datasets import dataset_settings
from lpg.planning.demands import lack
from lpg.planning.looks import digest_if_readable, stat_digest
from lpg.planning.paths import made_here
from lpg.planning.recursion import Plan
from lpg.planning.runs import Borrowed, Finished, Generic, Learned


class Sources:
    """What jobs read that no job made. Methods are asked by the names of a rule's wildcards."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.config = plan, plan.config
        self._generator_files: dict[str, str] = {}

    def listing(self, dataset: str) -> list[str]:
        """The files that say which photographs a dataset has."""
        return [str(path) for path in self.config.datasets[dataset].listing]

    def annotations(self, dataset: str) -> str:
        """The digest of what a look at a dataset's annotations shows; of those that the workflow makes, nothing."""
        spec = self.config.datasets[dataset]
        return stat_digest([*_given(spec.listing), *spec.scattered])

    def run_listing(self, run: str) -> list[str]:
        return [path for dataset in self.plan.run(run).datasets for path in self.listing(dataset)]

    def run_annotations(self, run: str) -> str:
        """The digest of a look at the lists of a run: of its datasets, and of images with masks of their own."""
        return stat_digest(_given(map(Path, [*self.run_listing(run), self.own_masks(run)])))

    def settings(self, dataset: str) -> dict[str, Any]:
        """What a reader of the dataset is built from."""
        return dataset_settings(self.config.datasets[dataset])

    def seed(self, dataset: str) -> int:
        """By which photographs are drawn; 0 where a dataset is read whole, and no seed matters."""
        return self.config.seed if self.config.datasets[dataset].fraction < 1 else 0

    def run_settings(self, run: str) -> dict[str, dict[str, Any]]:
        """What the readers of a run's datasets are built from, by name."""
        return {dataset: self.settings(dataset) for dataset in self.plan.run(run).datasets}

    def permissions(self, dataset: str) -> dict[str, bool]:
        """What a dataset may do without a refusal."""
        spec = self.config.datasets[dataset]
        return {key: getattr(spec, key) for key in ("skip_unreadable", "clip_boxes", "follow_links")}

    def own_masks(self, run: str) -> str:
        """The list of images whose own masks are used.

        Raises:
            InputError: the run has none.
        """
        own_masks = self.plan.run(run).own_masks
        if own_masks is None:
            raise lack(self.plan.run(run), "masks", "add masks, a list of the images whose own masks are used")
        return own_masks

    def generator_files(self, run: str) -> str:
        """The digest of the file of a generator that a run brings along, or of a look at those of a generic one."""
        if run not in self._generator_files:  # every shard of every dataset asks
            self._generator_files[run] = self._seen_of(self.plan.run(run).generator)
        return self._generator_files[run]

    def _seen_of(self, generator: Learned | Borrowed | Finished | Generic | None) -> str:
        if isinstance(generator, Finished) and not generator.shipped:
            return "".join(map(digest_if_readable, _given([Path(generator.path)])))
        if not isinstance(generator, Generic):
            return ""
        given = [Path(generator.options[option]) for option in METHODS[generator.method].required]
        found = (file for path in given for file in (sorted(path.rglob("*")) if path.is_dir() else [path]))
        return stat_digest(file for file in found if file.is_file())


def _given(files: Iterable[Path]) -> list[Path]:
    return [path for path in files if path.is_file() and not made_here(path)]
