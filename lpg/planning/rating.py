"""What is rated without a ground truth, and by which calibration."""

from os.path import isfile
from pathlib import Path

from lpg.planning import paths
from lpg.planning.demands import lack
from lpg.planning.recursion import Plan
from lpg.planning.runs import Borrowed, Finished, Learned


class Rating:
    """The files behind `quality.tsv` and its calibration. Methods are asked by the names of a rule's wildcards."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def previous_masks(self, run: str, stage: int, dataset: str) -> list[str]:
        """The masks of the stage before, where they are others."""
        if stage < 2 or self.plan.made_at(run, stage) < stage:
            return []
        return [self.plan.pseudo_masks(run, stage - 1, dataset)]

    def calibration(self, run: str, stage: int) -> list[str]:
        """The calibration of the generator of a stage, if it has one.

        A finished one has it beside itself or not at all; of one that is learned here it is fitted on what its run is
        scored on.
        """
        match self.plan.run(run).generator:
            case Learned():
                return [paths.CALIBRATION.format(run=run, stage=stage)] if self.calibrated_on(run) else []
            case Borrowed(teacher=teacher):
                return self.calibration(teacher, self.plan.teacher_stage(run, stage))
            case Finished(path=path):
                beside = Path(path).with_suffix(".calibration.json")
                return [str(beside)] if isfile(beside) else []
        return []

    def calibrated_on(self, run: str) -> list[str]:
        """The datasets with masks on which a run is scored, but for those that taught its generator."""
        teacher = self.plan.teacher(run) or run
        learned = isinstance(self.plan.run(teacher).generator, Learned)
        taught = self.plan.run(teacher).datasets if learned else ()
        return [dataset for dataset in self.plan.run(run).evaluated if dataset not in taught]

    def calibration_boxes(self, run: str) -> list[str]:
        return [paths.BOXES.format(dataset=dataset) for dataset in self.calibrated_on(run)]

    def calibration_truth(self, run: str) -> list[str]:
        """The ground truth of the datasets that a calibration is fitted on.

        Raises:
            InputError: there are none.
        """
        if not self.calibrated_on(run):
            lacking = "dataset in evaluate that its generator has not learned from"
            raise lack(self.plan.run(run), lacking, "add one with masks")
        return [paths.MASKS.format(dataset=dataset) for dataset in self.calibrated_on(run)]

    def calibration_masks(self, run: str, stage: int) -> list[str]:
        return [self.plan.pseudo_masks(run, stage, dataset) for dataset in self.calibrated_on(run)]

    def scored_quality(self, run: str, stage: int) -> list[str]:
        """The `quality.tsv` of the datasets on which a run is scored."""
        evaluated = self.plan.run(run).evaluated
        return [paths.QUALITY.format(run=run, stage=stage, dataset=dataset) for dataset in evaluated]

    def scored_masks(self, run: str, stage: int) -> list[str]:
        return [self.plan.pseudo_masks(run, stage, dataset) for dataset in self.plan.run(run).evaluated]
