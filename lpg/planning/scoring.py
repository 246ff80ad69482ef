"""What is scored, and what a row of scores says about itself."""

from dataclasses import asdict
from typing import Any

from lpg.errors import InputError
from lpg.generators.learned.recipe import generator_recipe
from lpg.generators.registry import METHODS
from lpg.pixels.crf import RESNET101_CRF
from lpg.planning import paths
from lpg.planning.demands import check_evaluated
from lpg.planning.parameters import Parameters
from lpg.planning.recursion import Plan
from lpg.planning.runs import Borrowed, Finished, Generic, Run
from lpg.segmenter.recipe import segmenter_recipe

MASKS_CRF = asdict(RESNET101_CRF)  # of pseudo masks, whatever made them


class Scoring:
    """The rows of every stage's scores. Methods are asked by the names of a rule's wildcards."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.parameters = plan, Parameters(plan)

    def truth(self, run: str) -> list[str]:
        """The ground truth of the datasets on which a run is scored.

        Raises:
            InputError: there are none.
        """
        check_evaluated(self.plan.run(run))
        return [paths.MASKS.format(dataset=dataset) for dataset in self.plan.runs[run].evaluated]

    def evaluated_boxes(self, run: str) -> list[str]:
        return [paths.BOXES.format(dataset=dataset) for dataset in self.plan.run(run).evaluated]

    def scored_files(self, run: str, stage: int) -> list[str]:
        return [row["path"] for row in self.rows(run, stage)]

    def rows(self, run: str, stage: int) -> list[dict[str, str]]:
        """The rows of a stage: `what` is measured, on a `split`, with or without `crf`, in a file `path`.

        A segmenter is not scored on what it has learned from.
        """
        spec, plan = self.plan.runs[run], self.plan
        masks = "pseudo masks" if stage else "box fill"
        new = [dataset for dataset in spec.evaluated if spec.segmenter and dataset not in spec.datasets]
        weak = [] if spec.supervised else spec.evaluated
        parts = (
            (masks, "without", weak, plan.pseudo_masks),
            (masks, "with", weak if spec.refines and stage else (), plan.refined_masks),
            ("segmenter", "without", new, plan.segmentations),
            ("segmenter", "with", new if spec.refines else (), plan.refined_segmentations),
        )
        return [
            {"what": what, "crf": crf, "split": dataset, "path": of(run, stage, dataset)}
            for what, crf, datasets, of in parts
            for dataset in datasets
        ]

    def refines_scores(self, run: str, dataset: str) -> bool:
        """Whether a dense CRF reads the segmenter's scores on a dataset; a start's, if it is a run's that shares it."""
        return any(
            spec.refines and run in (spec.name, spec.start) and dataset in set(spec.evaluated) - set(spec.datasets)
            for spec in self.plan.runs.values()
        )

    def whole_predictions(self, run: str, stage: int, dataset: str) -> str:
        """The segmenter's scores of a stage on a dataset, for a dense CRF.

        Raises:
            InputError: they are kept where they decide a label alone; refined, they would be another segmentation.
        """
        if not self.refines_scores(run, dataset):
            raise InputError(
                f"no dense CRF follows the segmenter of '{run}' on '{dataset}', so its scores are not kept whole there",
                "set crf of the run; a CRF follows on those datasets of its evaluate from which it has not learned",
            )
        return paths.PREDICTIONS.format(run=run, stage=stage, dataset=dataset)

    def object_masks(self, run: str, stage: int) -> list[str]:
        """The masks of a stage on the datasets that score the run; before a CRF, which tells no objects apart."""
        return [self.plan.pseudo_masks(run, stage, dataset) for dataset in self.plan.runs[run].evaluated]

    def description(self, run: str, stage: int) -> dict[str, Any]:
        """What a row of the table says about itself."""
        spec = self.plan.runs[run]
        settings = self.parameters.segmenter_settings(run, stage) if spec.segmenter else {}
        return {
            "run": run,
            "stage": stage,
            "seed": self.plan.config.seed,
            "supervision": self.supervision(run),
            "segmenter": _segmenter_title(settings) if spec.segmenter else None,
            "initialisation": settings.get("initialisation", "imagenet") if spec.segmenter else None,
            "generator": self.generator_title(run),
            "scored": self.rows(run, stage),
            "truth_of": list(spec.evaluated),
            "trained_on": list(spec.datasets),
        }

    def supervision(self, run: str) -> str:
        """`weak`, `semi` or `full`, as in Tables IV and V, and whether the labels went through a CRF."""
        spec = self.plan.runs[run]
        kind = "full" if spec.supervised else "semi" if spec.own_masks else "weak"
        return f"{kind}, labels after a CRF" if spec.refines_labels else kind

    def generator_title(self, run: str) -> str:
        """What makes the run's pseudo masks."""
        spec = self.plan.runs[run]
        if spec.supervised:
            return "own masks"
        band = {} if spec.ignore_band is None else {"ignore_band": spec.ignore_band}
        title = _with_changes(self._generator_title(spec), band)
        scored = spec.segmenter or set(spec.datasets) & set(spec.evaluated)  # people decide on masks of what is learned
        return f"{title}, decided on by people" if spec.decisions and scored else title

    def _generator_title(self, spec: Run) -> str:
        match spec.generator:
            case Generic(method=method):
                return METHODS[method].title
            case Finished(path=path, apply=changes, shipped=shipped):
                return _with_changes(f"shipped, {shipped}" if shipped else path, changes)
            case Borrowed(teacher=teacher, apply=changes):
                return _with_changes(self._learned_title(spec, self.plan.runs[teacher]), changes)
        return self._learned_title(spec, spec)

    def _learned_title(self, spec: Run, learner: Run) -> str:
        recipe = generator_recipe(self.plan.recipes.generator(learner.generator.recipe))
        network = f"{recipe.architecture} on {recipe.trunk}" if recipe.trunk else recipe.architecture
        start = "" if recipe.initialisation == "none" else f" from {recipe.initialisation}"
        title = f"{network}{start}, {recipe.view}"
        if spec.segmenter is None:
            return f"{title}, stage {self.plan.teacher_stage(spec.name, 1)} without scores"
        fixed = spec.generator.stage if isinstance(spec.generator, Borrowed) else None
        return f"{title}, stage {fixed} fixed" if fixed else title

    def upper_bound(self, run: str) -> str | None:
        """The run on the same datasets that is trained on their masks, whose last segmenter has the same recipe."""
        spec = self.plan.runs[run]
        full = (other for other in self.plan.runs.values() if other.supervised and other.datasets == spec.datasets)
        for other in full if spec.segmenter else ():
            if bool(other.stages) == bool(spec.stages) and self._last_recipe(other) == self._last_recipe(spec):
                return other.name
        return None

    def _last_recipe(self, spec: Run) -> tuple[dict[str, Any], bool]:
        """How the last segmenter is trained, and whether it is applied to mirrored photographs too."""
        training = self.parameters.segmenter_settings(spec.name, spec.stages)
        return training, self.parameters.last_flip_test(spec.name)

    def segmenter_crf(self, run: str) -> dict[str, float]:
        """The dense CRF after the run's segmenter."""
        return asdict(self.plan.recipes.segmenter_network(self.plan.run(run).segmenter).crf)


def _segmenter_title(settings: dict[str, Any]) -> str:
    recipe = segmenter_recipe(settings)
    return f"{recipe.architecture} on {recipe.trunk}" if recipe.trunk else recipe.architecture


def _with_changes(title: str, changes: dict[str, Any]) -> str:
    """A title with what is changed behind it; `scale 1.0 and 1.5` for the list of both."""
    listed = {key: value if isinstance(value, list | tuple) else [value] for key, value in changes.items()}
    return ", ".join([title, *(f"{key} {' and '.join(map(str, values))}" for key, values in listed.items())])
