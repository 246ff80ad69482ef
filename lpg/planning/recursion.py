"""Which file of which run another file needs: the one recursion over stages. No torch and no Snakemake here.

    labels^0 = boxes;  f^k: labels^k, f^(k-1);  p^k: f^k;  g^k: p^(k-1), g^(k-1);  labels^k: g^k, p^(k-1)

With `crf: labels` a dense CRF comes between g^k and labels^k.

A file lies in the folder of its run, and its path depends on nothing else in the configuration. What runs share is
stage 0 of those that learn the same boxes with the same segmenter; it lies in the folder of their start.
"""

from lpg.generators.shipped import SHIPPED
from lpg.planning import paths
from lpg.planning.configuration import Configuration
from lpg.planning.demands import check_masks, check_stage, lack
from lpg.planning.recipes import Recipes
from lpg.planning.runs import Borrowed, Finished, Generic, Learned, Run, runs_of, starts_of


class Plan:
    """The files behind a configuration. Methods are asked by the names of a rule's wildcards.

    Attributes:
        config: as it was read.
        runs: the configuration's, by name, in its order.
        starts: the stages 0 that they share, as runs.
    """

    def __init__(self, config: Configuration) -> None:
        self.config, self.recipes = config, Recipes(config)
        self.runs = runs_of(config)
        self.starts = starts_of(self.runs)

    def run(self, run: str) -> Run:
        """A run of the configuration, or a start."""
        return self.runs[run] if run in self.runs else self.starts[run]

    def check_stage(self, run: str, stage: int) -> None:
        """Refuse a stage that a run does not have.

        Raises:
            InputError: its last is an earlier one.
        """
        check_stage(self.run(run), stage)

    def owner(self, run: str, stage: int) -> str:
        """In whose folder f^k and p^k lie."""
        return (self.run(run).start or run) if stage == 0 else run

    # Datasets and runs

    def boxes(self, run: str) -> list[str]:
        return [paths.BOXES.format(dataset=dataset) for dataset in self.run(run).datasets]

    def dataset_order(self, run: str) -> str:
        """The datasets of a run that has several: in another order it learns another class table and other batches.

        Snakemake compares inputs without their order, so it is told as a parameter.
        """
        datasets = self.run(run).datasets
        return "+".join(datasets) if len(datasets) > 1 else ""

    def masks(self, run: str) -> list[str]:
        return [paths.MASKS.format(dataset=dataset) for dataset in self.run(run).datasets]

    def allowed(self, run: str) -> list[str]:
        """Classes that a run may share with what its generator learned from."""
        return list(self.run(run).allowed)

    def class_gate(self, run: str) -> list[str]:
        """The class table of a run, which is there only if its classes may stand beside its generator's."""
        return [paths.CLASSES.format(run=run)] if run in self.runs else []

    # The M step

    def segmenter(self, run: str, stage: int) -> str:
        """f^k."""
        return paths.SEGMENTER.format(run=self.owner(run, stage), stage=stage)

    def last_segmenter(self, run: str) -> str:
        """f^K."""
        return self.segmenter(run, self.run(run).stages)

    def previous_segmenter(self, run: str, stage: int) -> list[str]:
        """f^(k-1), nothing at stage 0."""
        return [self.segmenter(run, stage - 1)] if stage else []

    def labels(self, run: str, stage: int) -> list[str]:
        """labels^k of the EM: the boxes, then the pseudo masks; or the dataset's own masks, which count before both."""
        spec = self.run(run)
        if spec.supervised:
            return self.masks(run)
        weak = [self.final_masks(run, stage, dataset) for dataset in spec.datasets]
        return weak + ([paths.OWN_MASKS.format(run=run)] if spec.own_masks else [])

    def predictions(self, run: str, stage: int, dataset: str) -> str:
        """p^k on a dataset."""
        return paths.PREDICTIONS.format(run=self.owner(run, stage), stage=stage, dataset=dataset)

    def segmentations(self, run: str, stage: int, dataset: str) -> str:
        return paths.SEGMENTATIONS.format(run=self.owner(run, stage), stage=stage, dataset=dataset)

    def refined_segmentations(self, run: str, stage: int, dataset: str) -> str:
        """After a dense CRF."""
        return paths.REFINED_SEGMENTATIONS.format(run=self.owner(run, stage), stage=stage, dataset=dataset)

    # The E step

    def generator(self, run: str, stage: int) -> list[str]:
        """The checkpoint that makes labels^k, nothing for a generic method."""
        match self.run(run).generator:
            case Learned():
                return [paths.GENERATOR.format(run=run, stage=stage)]
            case Borrowed(teacher=teacher):
                return self.generator(teacher, self.teacher_stage(run, stage))
            case Finished(path=path):
                return [path]
        return []

    def last_generator(self, run: str) -> list[str]:
        """g^K of a run, learned by itself or by another.

        Raises:
            InputError: its masks are made by a generic method, or are its datasets' own.
        """
        last = self.generator(run, self.run(run).stages)
        if not last:
            raise lack(self.run(run), "trained generator", "ask for that of a run that has one")
        return last

    def previous_generator(self, run: str, stage: int) -> list[str]:
        """g^(k-1), nothing at stage 1."""
        return self.generator(run, stage - 1) if stage > 1 else []

    def training_predictions(self, run: str, stage: int) -> list[str]:
        """p^(k-1) on the run's own datasets, from which g^k learns; nothing without a segmenter."""
        if self.run(run).only_learns:
            return []
        return [self.predictions(run, stage - 1, dataset) for dataset in self.run(run).datasets]

    def teacher(self, run: str) -> str | None:
        """The run that learned the generator which this run borrows."""
        generator = self.run(run).generator
        return generator.teacher if isinstance(generator, Borrowed) else None

    def teacher_boxes(self, run: str) -> list[str]:
        """The boxes of the datasets that taught a borrowed generator."""
        teacher = self.teacher(run)
        return self.boxes(teacher) if teacher else []

    def learned_boxes(self, run: str) -> list[str]:
        """The boxes of the datasets that a run's networks learn."""
        return [*(self.boxes(run) if self.run(run).segmenter else []), *self.teacher_boxes(run)]

    def finished_generator(self, run: str) -> list[str]:
        """The trained generator that a run brings along."""
        generator = self.run(run).generator
        return [generator.path] if isinstance(generator, Finished) else []

    def shares_classes(self, run: str) -> bool:
        """Whether the generator may have learned masks of the run's classes.

        It may where it is shipped for that, and where masks are all that is made, and none is scored: nothing compares.
        """
        spec = self.run(run)
        return _may_share(spec.generator) or (self.only_masks(run) and not spec.evaluated)

    def only_masks(self, run: str) -> bool:
        """Whether a run makes masks that no segmenter learns, with a generator from elsewhere not meant to share."""
        spec = self.run(run)
        elsewhere = isinstance(spec.generator, Finished | Borrowed) and not _may_share(spec.generator)
        return elsewhere and spec.segmenter is None

    def teacher_stage(self, run: str, stage: int) -> int:
        """Whose generator a stage borrows: that of the same stage, or the last for a run that only makes masks."""
        spec = self.run(run)
        if spec.generator.stage:
            return spec.generator.stage
        return stage if spec.segmenter else self.runs[spec.generator.teacher].stages

    # Pseudo masks

    def pseudo_masks(self, run: str, stage: int, dataset: str) -> str:
        """labels^k on a dataset before a CRF: box fill at stage 0; a method that reads no scores makes them once."""
        if stage == 0:
            return paths.BOXES.format(dataset=dataset)
        return paths.PSEUDO_MASKS.format(run=run, stage=self.made_at(run, stage), dataset=dataset)

    def refined_masks(self, run: str, stage: int, dataset: str) -> str:
        """labels^k on a dataset after a dense CRF."""
        return paths.REFINED_MASKS.format(run=run, stage=self.made_at(run, stage), dataset=dataset)

    def final_masks(self, run: str, stage: int, dataset: str) -> str:
        """labels^k on a dataset, as they are learned from, exported and drawn."""
        if stage and self.run(run).refines_labels:
            return self.refined_masks(run, stage, dataset)
        return self.pseudo_masks(run, stage, dataset)

    def made_at(self, run: str, stage: int) -> int:
        """The stage at which the pseudo masks of a stage are made."""
        return stage if self.run(run).reads_scores else 1

    def mask_predictions(self, run: str, stage: int, dataset: str) -> list[str]:
        """p^(k-1), which the generator of stage k reads; nothing for one that reads no scores.

        Raises:
            InputError: the run makes no masks, or none at this stage.
        """
        check_masks(self.run(run), stage)
        return [self.predictions(run, stage - 1, dataset)] if self.run(run).reads_scores else []


def _may_share(generator: Generic | Learned | Borrowed | Finished) -> bool:
    """Whether a generator is shipped for runs whose classes it has learned."""
    return isinstance(generator, Finished) and bool(generator.shipped) and SHIPPED[generator.shipped].shares
