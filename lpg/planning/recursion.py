"""Which file of which run another file needs: the one recursion over stages. No torch and no Snakemake here.

    labels^0 = boxes;  f^k: labels^k, f^(k-1);  p^k: f^k;  g^k: p^(k-1), g^(k-1);  labels^k: g^k, p^(k-1)

With `crf: labels` a dense CRF comes between g^k and labels^k.

A file lies in the folder of its run, and its path depends on nothing else in the configuration. What runs share is
stage 0 of those that learn the same boxes with the same segmenter; it lies in the folder of their start.
"""

from collections.abc import Iterable
from os.path import isdir
from pathlib import Path
from typing import Any

from lpg.generators.registry import METHODS
from lpg.generators.shipped import SHIPPED
from lpg.jobs.provenance import text_digest
from lpg.pixels.pngs import pngs_below
from lpg.planning import paths
from lpg.planning.configuration import Configuration
from lpg.planning.datasets import dataset_settings
from lpg.planning.demands import check_learner, check_masks, check_segmenter, check_stage, lack
from lpg.planning.looks import look, reading
from lpg.planning.recipes import Recipes, generator_training, segmenter_training
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
        self._generator_files: dict[str, str] = {}
        self._read: dict[str, str] = {}

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

    def stage_seed(self, stage: int) -> int:
        """Another seed for every stage, so that no stage sees the batches of the one before."""
        return self.config.seed * 1000 + stage

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

    def listing(self, dataset: str) -> list[str]:
        """The files that say which photographs a dataset has."""
        return [str(path) for path in self.config.datasets[dataset].listing]

    def annotations(self, dataset: str) -> str:
        """The digest of what a look at a dataset's annotations shows; of those that the workflow makes, nothing."""
        spec = self.config.datasets[dataset]
        return look([*_given(spec.listing), *spec.scattered])

    def run_listing(self, run: str) -> list[str]:
        return [path for dataset in self.run(run).datasets for path in self.listing(dataset)]

    def run_annotations(self, run: str) -> str:
        """The same of the lists of a run's datasets, and of that of the images whose own masks are used."""
        return look(_given(map(Path, [*self.run_listing(run), self.own_masks(run)])))

    def dataset_settings(self, dataset: str) -> dict[str, Any]:
        """What a reader of the dataset is built from."""
        return dataset_settings(self.config.datasets[dataset])

    def dataset_seed(self, dataset: str) -> int:
        """By which photographs are drawn; 0 where a dataset is read whole, and no seed matters."""
        return self.config.seed if self.config.datasets[dataset].fraction < 1 else 0

    def run_settings(self, run: str) -> dict[str, dict[str, Any]]:
        """The same of every dataset of a run."""
        return {dataset: self.dataset_settings(dataset) for dataset in self.run(run).datasets}

    def permissions(self, dataset: str) -> dict[str, bool]:
        """What a dataset may do without a refusal."""
        spec = self.config.datasets[dataset]
        return {key: getattr(spec, key) for key in ("skip_unreadable", "clip_boxes", "follow_links")}

    def own_masks(self, run: str) -> str:
        """The list of images whose own masks are used.

        Raises:
            InputError: the run has none.
        """
        own_masks = self.run(run).own_masks
        if own_masks is None:
            raise lack(self.run(run), "masks", "add masks, a list of the images whose own masks are used")
        return own_masks

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

    def segmenter_settings(self, run: str, stage: int) -> dict[str, Any]:
        """The recipe of f^k, but for what is its architecture's own, and for how it is applied.

        Raises:
            InputError: the run has no segmenter.
        """
        check_segmenter(self.run(run))
        return segmenter_training(self.recipes.segmenter(self.run(run).segmenter, stage))

    def flip_test(self, run: str, stage: int) -> bool:
        """Whether p^k averages the mirrored photograph's scores; not without a segmenter."""
        segmenter = self.run(run).segmenter
        return segmenter is not None and self.recipes.flip_test(segmenter, stage)

    def last_flip_test(self, run: str) -> bool:
        """The same of f^K."""
        return self.flip_test(run, self.run(run).stages)

    def training_settings(self, run: str, stage: int) -> dict[str, Any]:
        """The recipe of f^k where it is trained.

        Raises:
            InputError: as of `segmenter_settings`, or f^0 is another's.
        """
        if self.owner(run, stage) != run:
            raise lack(self.run(run), "segmenter of stage 0 of its own", f"ask for {self.segmenter(run, stage)}")
        return self.segmenter_settings(run, stage)

    def segmenter_initialisation(self, run: str, stage: int) -> list[str]:
        """The local weights that f^0 starts from, where the recipe names a file."""
        initialisation = self.segmenter_settings(run, 0).get("initialisation", "imagenet")
        return [] if stage else _weights_file(initialisation)

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

    def generator_settings(self, run: str, stage: int) -> dict[str, Any]:
        """The recipe of g^k in the run that learns it, but for what is its architecture's own.

        Raises:
            InputError: the run learns none, or none at this stage.
        """
        check_learner(self.run(run), stage)
        return generator_training(self.recipes.generator(self.run(run).generator.recipe, stage))

    def generator_initialisation(self, run: str, stage: int) -> list[str]:
        """The local weights that g^1 starts from, where the recipe names a file."""
        initialisation = self.generator_settings(run, stage).get("initialisation", "none")
        return _weights_file(initialisation) if stage == 1 else []

    def teacher(self, run: str) -> str | None:
        """The run that learned the generator which this run borrows."""
        generator = self.run(run).generator
        return generator.teacher if isinstance(generator, Borrowed) else None

    def teacher_boxes(self, run: str) -> list[str]:
        """Of the datasets that taught a borrowed generator."""
        teacher = self.teacher(run)
        return self.boxes(teacher) if teacher else []

    def learned_boxes(self, run: str) -> list[str]:
        """Of the datasets that a run's networks learn."""
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

    def apply(self, run: str, stage: int) -> dict[str, Any]:
        """How the run's masks are made, every field; of a finished generator, what the run changes.

        The whole block: the checkpoint has that of its training, and a key that is taken out must count.
        """
        match self.run(run).generator:
            case Learned(recipe=recipe):
                return self.recipes.apply(recipe, stage)
            case Borrowed(teacher=teacher, apply=changes):
                return {**self.apply(teacher, self.teacher_stage(run, stage)), **changes}
            case Finished(apply=changes):
                return dict(changes)
        return {}

    def last_apply(self, run: str) -> dict[str, Any]:
        """The same at the last stage: what goes with a generator that is handed on."""
        return self.apply(run, self.run(run).stages)

    def ignore_band(self, run: str) -> tuple[float, float] | None:
        """Between which values of a soft mask the run's labels are void, where that is not the generator's own."""
        return self.run(run).ignore_band

    # Pseudo masks

    def pseudo_masks(self, run: str, stage: int, dataset: str) -> str:
        """labels^k on a dataset before a CRF: box fill at stage 0; a method that reads no scores makes them once."""
        if stage == 0:
            return paths.BOXES.format(dataset=dataset)
        return paths.PSEUDO_MASKS.format(run=run, stage=self.made_at(run, stage), dataset=dataset)

    def refined_masks(self, run: str, stage: int, dataset: str) -> str:
        """The same after a dense CRF."""
        return paths.REFINED_MASKS.format(run=run, stage=self.made_at(run, stage), dataset=dataset)

    def final_masks(self, run: str, stage: int, dataset: str) -> str:
        """As they are learned from, exported and drawn."""
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

    def decisions(self, run: str, dataset: str) -> list[str]:
        """The files of what people have decided about a run's masks; of other datasets there are none.

        The pictures of a folder one by one, so that one that is changed, added or taken away is seen.
        """
        return [file for path in self.given_decisions(run, dataset) for file in _pictures(path)]

    def decided(self, run: str, dataset: str) -> str:
        """The digests of decisions, in their order, for of two about a box the later one counts; of none, nothing.

        They are read, so that masks stay where a file was touched; the names of pictures say whose masks they are.
        """
        return "+".join(map(self._decided, self.given_decisions(run, dataset)))

    def _decided(self, path: str) -> str:
        if path not in self._read:  # every shard asks
            pictures = (f"{picture} {reading(picture)}" for picture in pngs_below(path))
            self._read[path] = text_digest(*pictures) if isdir(path) else reading(Path(path))
        return self._read[path]

    def given_decisions(self, run: str, dataset: str) -> list[str]:
        """The files and folders of decisions as a run names them."""
        return list(self.run(run).decisions) if dataset in self.run(run).datasets else []

    def other_boxes(self, run: str, dataset: str) -> list[str]:
        """The boxes of a run's other datasets, where there are decisions, which may be about their photographs."""
        own = paths.BOXES.format(dataset=dataset)
        return [path for path in self.boxes(run) if path != own] if self.given_decisions(run, dataset) else []

    def rejected(self, run: str, dataset: str) -> str | None:
        """What becomes of a rejected mask, where there are decisions."""
        return self.run(run).rejected if self.given_decisions(run, dataset) else None

    def method(self, run: str) -> dict[str, Any]:
        """The generic generator of a run: `name`, and the `options` that are not its defaults; {} for a learned one."""
        generator = self.run(run).generator
        if not isinstance(generator, Generic):
            return {}
        defaults = METHODS[generator.method].options
        options = {key: value for key, value in generator.options.items() if value != defaults[key]}
        return {"name": generator.method, "options": options}

    def generator_files(self, run: str) -> str:
        """The digest of the file of a generator that a run brings along, or of a look at those of a generic one."""
        if run not in self._generator_files:  # every shard of every dataset asks
            self._generator_files[run] = self._seen_of(self.run(run).generator)
        return self._generator_files[run]

    def _seen_of(self, generator: Learned | Borrowed | Finished | Generic | None) -> str:
        if isinstance(generator, Finished) and not generator.shipped:
            return "".join(map(reading, _given([Path(generator.path)])))
        if not isinstance(generator, Generic):
            return ""
        given = [Path(generator.options[option]) for option in METHODS[generator.method].required]
        found = (file for path in given for file in (sorted(path.rglob("*")) if path.is_dir() else [path]))
        return look(file for file in found if file.is_file())


def _may_share(generator: Generic | Learned | Borrowed | Finished) -> bool:
    """Whether a generator is shipped for runs whose classes it has learned."""
    return isinstance(generator, Finished) and bool(generator.shipped) and SHIPPED[generator.shipped].shares


def _given(files: Iterable[Path]) -> list[Path]:
    return [path for path in files if path.is_file() and not paths.made_here(path)]


def _pictures(path: str) -> list[str]:
    return list(map(str, pngs_below(path))) if isdir(path) else [path]


def _weights_file(initialisation: str) -> list[str]:
    return [] if initialisation in ("imagenet", "none") else [initialisation]
