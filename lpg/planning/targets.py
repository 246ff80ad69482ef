"""What is asked for: the masks, segmenters, scores and pictures of a configuration, and the paper's tables."""

from typing import Any

from lpg.errors import InputError
from lpg.planning import paths
from lpg.planning.demands import lack
from lpg.planning.recursion import Plan
from lpg.planning.runs import Finished, Learned, Run
from lpg.planning.scoring import Scoring


class Targets:
    """The files behind `all` and `tables`. Methods are asked by the names of a rule's wildcards, if they have any."""

    def __init__(self, plan: Plan, scoring: Scoring) -> None:
        self.plan, self.scoring = plan, scoring

    def products(self) -> list[Run]:
        """The runs whose masks and segmenters are wanted for themselves: those that nobody borrows from, or scored."""
        teachers = {self.plan.teacher(run) for run in self.plan.runs}
        return [run for name, run in self.plan.runs.items() if name not in teachers or run.evaluated]

    def weak_products(self) -> list[Run]:
        """The products that make masks from boxes."""
        return [run for run in self.products() if not run.supervised and not run.only_learns]

    def everything(self) -> list[str]:
        """What `all` makes."""
        trained = [run for run in self.products() if run.segmenter]
        weak = self.weak_products()
        learned = [run for run in self.plan.runs.values() if run.only_learns]
        learned += [run for run in self.products() if run.supervised and isinstance(run.generator, Learned)]
        return [
            *(paths.HANDED_ON.format(run=run.name) for run in learned),
            *(self.plan.segmenter(run.name, run.stages) for run in trained),
            *(path for run in weak for path in self._exports(run)),
            *([paths.SCORES_HTML, paths.SCORES_PNG] if self.stage_scores() else []),
            *(paths.GALLERY.format(run=run.name, stage=stage) for run in weak for stage in range(1, run.stages + 1)),
            *(paths.LOSSES.format(run=run.name) for run in trained),
        ]

    def _exports(self, run: Run) -> list[str]:
        """The pictures of the masks of every stage that makes some."""
        stages = sorted({self.plan.made_at(run.name, stage) for stage in range(1, run.stages + 1)})
        places = [(stage, dataset) for stage in stages for dataset in run.datasets]
        return [paths.EXPORTED_MASKS.format(run=run.name, stage=stage, dataset=dataset) for stage, dataset in places]

    def stage_scores(self) -> list[str]:
        """The scores of every stage of every run that is scored."""
        scored = [run for run in self.plan.runs.values() if run.evaluated]
        return [paths.STAGE_SCORES.format(run=run.name, stage=k) for run in scored for k in range(run.stages + 1)]

    def tabulated_scores(self) -> list[str]:
        """The scores of every stage of every run that is scored, for a table of them.

        Raises:
            InputError: no run is scored.
        """
        if not self.stage_scores():
            raise InputError("no run has an evaluate", "add a dataset with masks to one")
        return self.stage_scores()

    def upper_bounds(self) -> dict[str, str | None]:
        return {run: self.scoring.upper_bound(run) for run in self.plan.runs}

    # Looking

    def galleries(self) -> dict[str, dict[int, str]]:
        """The first page of the gallery of every run and stage that has one."""
        page = f"{paths.GALLERY_PAGES}/index.html"
        return {
            run.name: {stage: page.format(run=run.name, stage=stage) for stage in range(1, run.stages + 1)}
            for run in self.weak_products()
        }

    def gallery_datasets(self, run: str) -> list[str]:
        """What a run is looked at on: those that the configuration asks for; else the first that it is scored on."""
        spec, asked = self.plan.run(run), self.plan.config.gallery.datasets or ()
        known = list(dict.fromkeys([*spec.evaluated, *spec.datasets]))
        return [dataset for dataset in asked if dataset in known] or known[:1]

    def gallery_boxes(self, run: str) -> list[str]:
        return [paths.BOXES.format(dataset=dataset) for dataset in self.gallery_datasets(run)]

    def gallery_truth(self, run: str) -> list[str]:
        scored = self.plan.run(run).evaluated
        return [paths.MASKS.format(dataset=dataset) for dataset in self.gallery_datasets(run) if dataset in scored]

    def gallery_masks(self, run: str, stage: int) -> list[str]:
        """The files of labels^1 to labels^k, for each of them those of every dataset."""
        stages, datasets = range(1, stage + 1), self.gallery_datasets(run)
        return [self.plan.final_masks(run, before, dataset) for before in stages for dataset in datasets]

    def gallery_segmentations(self, run: str, stage: int) -> list[str]:
        rows = [row for row in self.scoring.rows(run, stage) if row["what"] == "segmenter" and row["crf"] == "without"]
        paths_of = {row["split"]: row["path"] for row in rows}
        return [paths_of[dataset] for dataset in self.gallery_datasets(run) if dataset in paths_of]

    def gallery_segmenter(self, run: str, stage: int) -> list[str]:
        """f^k, where photographs are looked at that have no segmentations, for nothing is scored on them."""
        spec = self.plan.run(run)
        unscored = set(self.gallery_datasets(run)) - set(spec.evaluated)
        return [self.plan.segmenter(run, stage)] if spec.segmenter and unscored else []

    def gallery_refined(self, run: str) -> bool:
        return self.plan.runs[run].refines_labels

    def gallery_quality(self, run: str, stage: int) -> list[str]:
        """What is known of the masks where no ground truth tells the worst."""
        if not self.plan.config.gallery.worst:
            return []
        scored, made = self.plan.runs[run].evaluated, self.plan.made_at(run, stage)
        rated = [name for name in self.gallery_datasets(run) if name not in scored]
        return [paths.QUALITY.format(run=run, stage=made, dataset=name) for name in rated]

    def reviewed_masks(self, run: str, stage: int, dataset: str) -> list[str]:
        """labels^1 to labels^k before a CRF, each once: masks of single boxes, by which people decide."""
        masks = [self.plan.pseudo_masks(run, before, dataset) for before in range(1, stage + 1)]
        return list(dict.fromkeys(masks))

    def reviewed_stages(self, run: str, stage: int) -> list[str]:
        """The stages of the masks of `reviewed_masks`, as text."""
        return list(dict.fromkeys(str(self.plan.made_at(run, before)) for before in range(1, stage + 1)))

    def reviewed_quality(self, run: str, stage: int, dataset: str) -> list[str]:
        """The `quality.tsv` of the masks of `reviewed_masks`."""
        stages = self.reviewed_stages(run, stage)
        return [paths.QUALITY.format(run=run, stage=before, dataset=dataset) for before in stages]

    def checkpoints(self, run: str) -> list[str]:
        """The trained networks of a run: segmenters, then the generators behind its masks, but for finished ones.

        Raises:
            InputError: there are none.
        """
        spec = self.plan.run(run)
        segmenters = [self.plan.segmenter(run, stage) for stage in range(spec.stages + 1)] if spec.segmenter else []
        trained_here = not spec.supervised and not isinstance(spec.generator, Finished)
        weak = range(1, spec.stages + 1) if trained_here else ()
        generators = [path for stage in weak for path in self.plan.generator(run, stage)]
        if not segmenters + generators:
            raise lack(spec, "trained network", "ask for the losses of a run that has one")
        return [*segmenters, *dict.fromkeys(generators)]

    # Tables of the paper

    def tables(self) -> list[str]:
        """What `tables` makes.

        Raises:
            InputError: the configuration has none.
        """
        if not self.plan.config.tables:
            raise InputError(
                "the configuration has no tables", "lay one of config/tables/ over it, as docs/tables.md says"
            )
        return [paths.TABLE_HTML.format(table=table) for table in self.plan.config.tables]

    def table_settings(self, table: str) -> dict[str, Any]:
        settings = self.plan.config.tables[table]
        return {"title": settings.title, "split": settings.split, "what": list(settings.what)}

    def table_rows(self, table: str) -> list[dict[str, Any]]:
        """Per method of ours: its label, the scores of its stages, and the masks of the datasets that taught it."""
        return [
            {
                "label": label,
                "scores": [
                    paths.STAGE_SCORES.format(run=run, stage=stage)
                    for stage in range(1, self.plan.runs[run].stages + 1)
                ],
                "auxiliary": self._taught(run),
            }
            for label, run in self.plan.config.tables[table].runs.items()
        ]

    def _taught(self, run: str) -> list[str]:
        """The masks that the generator of a run has learned here."""
        teacher = run if isinstance(self.plan.run(run).generator, Learned) else self.plan.teacher(run)
        return self.plan.masks(teacher) if teacher else []

    def table_scores(self, table: str) -> list[str]:
        return [path for row in self.table_rows(table) for path in row["scores"]]

    def table_masks(self, table: str) -> list[str]:
        return [path for row in self.table_rows(table) for path in row["auxiliary"]]
