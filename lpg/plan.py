"""Which file of which run another file needs: the one recursion over stages. No torch and no Snakemake here.

    labels^0 = boxes;  f^k: labels^k, f^(k-1);  p^k: f^k;  g^k: p^(k-1), g^(k-1);  labels^k: g^k, p^(k-1)

With `crf: labels` a dense CRF comes between g^k and labels^k.

Every file has a signature, a digest of all that it depends on. Runs that agree on a signature share the file:
it lies in the folder of the first of them in the configuration, at the lowest stage that has it.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from lpg.generators.registry import METHODS
from lpg.provenance import settings_digest, text_digest
from lpg.recipes import TEST_FIELDS

FILES = {
    "segmenter": "segmenter.pt",
    "predictions": "predictions.h5",
    "generator": "generator.pt",
    "pseudo_masks": "pseudo_masks.h5",
}


class Plan:
    """The files behind a validated configuration.

    Arguments:
        config: as `config/config.yaml`, defaults filled in.
        results: the folder of all results.
    """

    def __init__(self, config: dict, results: str = "results") -> None:
        self.config, self.results = config, results
        self._signatures: dict[tuple[str, str, int], str] = {}

    # What a run is made of

    def run(self, run: str) -> dict:
        return self.config["runs"][run]

    def stages(self, run: str) -> int:
        """K of the EM; one for a run that only makes masks, for nothing changes from stage to stage."""
        return self.run(run).get("stages", self.config["stages"]) if self.trains_segmenter(run) else 1

    def trains_segmenter(self, run: str) -> bool:
        return "segmenter" in self.run(run)

    def datasets(self, run: str) -> list[str]:
        chosen = self.run(run)["dataset"]
        return [chosen] if isinstance(chosen, str) else list(chosen)

    def evaluated(self, run: str) -> list[str]:
        """The datasets on which a run is scored."""
        return self.run(run).get("evaluate", [])

    def segmenter_settings(self, run: str, stage: int) -> dict:
        """The recipe of f^k; the first entry of its `stages` is for stage 0."""
        return _at_stage(self._segmenter_recipe(run), stage)

    def generator_settings(self, run: str, stage: int) -> dict:
        """The recipe of g^k; the first entry of its `stages` is for stage 1."""
        return _at_stage(self._recipe("generators", self.run(run)["generator"]["learn"]), stage - 1)

    def _segmenter_recipe(self, run: str) -> dict:
        return self._recipe("segmenters", self.run(run)["segmenter"])

    def _recipe(self, section: str, name: str) -> dict:
        """A named recipe; a name that the section lacks is the architecture with the paper's numbers."""
        return {"architecture": name, **self.config.get(section, {}).get(name, {})}

    def teacher(self, run: str) -> str | None:
        """The run that learned the generator which this run borrows."""
        return self.run(run).get("generator", {}).get("from")

    def teacher_stage(self, run: str, stage: int) -> int:
        """Whose generator a stage borrows: that of the same stage, or the last for a run that only makes masks."""
        spec = self.run(run)["generator"]
        return spec.get("stage", stage if self.trains_segmenter(run) else self.stages(spec["from"]))

    def learns(self, run: str) -> bool:
        return "learn" in self.run(run).get("generator", {})

    def method(self, run: str) -> dict | None:
        """The generic generator of the run, its name and its options, where it has one."""
        spec = self.run(run).get("generator", {})
        return spec if "method" in spec else None

    def test_settings(self, run: str) -> dict:
        """What a run changes in how the generator that it borrows makes masks, fields of the generator's recipe."""
        spec = self.run(run).get("generator", {})
        return {field: spec[field] for field in TEST_FIELDS if field in spec}

    def reads_scores(self, run: str) -> bool:
        """Whether the run's pseudo masks depend on p^(k-1)."""
        method = self.method(run)
        return METHODS[method["method"]].reads_scores if method else self.trains_segmenter(run)

    def runs_network(self, run: str) -> bool:
        """Whether a network makes the run's pseudo masks."""
        method = self.method(run)
        return METHODS[method["method"]].network if method else True

    def generator_name(self, run: str) -> str:
        """What makes the run's pseudo masks, for a row of a table."""
        if self.supervised(run):
            return "own masks"
        spec = self.run(run)["generator"]
        if self.method(run):
            return METHODS[spec["method"]].title_with(spec)
        return ", ".join([self._learned_name(run, spec), *(f"{k} {v}" for k, v in self.test_settings(run).items())])

    def _learned_name(self, run: str, spec: dict) -> str:
        if "file" in spec:
            return spec["file"]
        settings = self.generator_settings(self.teacher(run) or run, 1)
        start = settings.get("initialisation", "none")
        architecture = settings["architecture"] if start == "none" else f"{settings['architecture']} from {start}"
        name = f"{architecture}, {settings.get('view', 'image')}"
        if not self.trains_segmenter(run):
            return f"{name}, stage {self.teacher_stage(run, 1)} without scores"
        return f"{name}, stage {spec['stage']} fixed" if "stage" in spec else name

    def refines(self, run: str) -> bool:
        """Whether the pseudo masks and the segmenter are scored after a dense CRF too."""
        return bool(self.run(run).get("crf", False))

    def refines_labels(self, run: str) -> bool:
        """Whether the pseudo masks after the CRF are the segmenter's labels, and are exported and drawn."""
        return self.run(run).get("crf") == "labels"

    def supervised(self, run: str) -> bool:
        """Whether the run is trained on the dataset's own masks: the upper bound `full`."""
        return self.run(run).get("labels") == "masks"

    def masked_images(self, run: str) -> list[str]:
        """The list of images whose own masks are used (semi-supervision), where the run has one."""
        chosen = self.run(run).get("masks")
        return [chosen] if chosen else []

    def supervision(self, run: str) -> str:
        """`weak`, `semi` or `full`, as in Tables IV and V, and whether the labels went through a CRF."""
        kind = "full" if self.supervised(run) else "semi" if self.masked_images(run) else "weak"
        return f"{kind}, labels after a CRF" if self.refines_labels(run) else kind

    def upper_bound(self, run: str) -> str | None:
        """The run on the same datasets, with the same segmenter, that is trained on their masks."""
        for other in self.config["runs"] if self.trains_segmenter(run) else ():
            same = self.datasets(other) == self.datasets(run) and self.trains_segmenter(other)
            if self.supervised(other) and same and self._segmenter_recipe(other) == self._segmenter_recipe(run):
                return other
        return None

    # Signatures: everything that a file depends on

    def _signature(self, kind: str, run: str, stage: int) -> str:
        key = kind, run, stage
        if key not in self._signatures:
            self._signatures[key] = text_digest(repr(getattr(self, f"_{kind}_signature")(run, stage)))
        return self._signatures[key]

    def _segmenter_signature(self, run: str, stage: int) -> tuple:
        before = self._signature("segmenter", run, stage - 1) if stage else None
        settings = settings_digest(self.segmenter_settings(run, stage))
        return "segmenter", stage, tuple(self.datasets(run)), settings, self._labels_signature(run, stage), before

    def _labels_signature(self, run: str, stage: int) -> tuple:
        if self.supervised(run):
            return ("masks",)
        labels = self._signature("pseudo_masks", run, stage) if stage else "boxes"
        return labels, self.refines_labels(run) and stage > 0, *self.masked_images(run)

    def _predictions_signature(self, run: str, stage: int) -> tuple:
        return "predictions", self._signature("segmenter", run, stage)

    def _generator_signature(self, run: str, stage: int) -> tuple:
        spec = self.run(run)["generator"]
        if self.method(run):
            return "method", settings_digest(spec)
        if "file" in spec:
            return "file", spec["file"]
        before = self._signature("generator", run, stage - 1) if stage > 1 else None
        settings = settings_digest(self.generator_settings(run, stage))
        return "generator", stage, settings, self._signature("predictions", run, stage - 1), before

    def _pseudo_masks_signature(self, run: str, stage: int) -> tuple:
        scores = self._signature("predictions", run, stage - 1) if self.reads_scores(run) else None
        teacher = self.teacher(run)
        lender = (teacher, self.teacher_stage(run, stage)) if teacher else (run, stage)
        made = self._signature("generator", *lender), settings_digest(self.test_settings(run))
        return "pseudo_masks", tuple(self.datasets(run)), made, scores

    @cached_property
    def _owners(self) -> dict[tuple, tuple[str, int]]:
        owners: dict[tuple, tuple[str, int]] = {}
        for kind, run, stage in self._all_files():
            owners.setdefault((kind, self._signature(kind, run, stage)), (run, stage))
        return owners

    def _owner(self, kind: str, run: str, stage: int) -> tuple[str, int]:
        """The run and the stage in whose folder a shared file lies."""
        return self._owners[kind, self._signature(kind, run, stage)]

    def _all_files(self) -> Iterator[tuple[str, str, int]]:
        for run in self.config["runs"]:
            for stage in range(self.stages(run) + 1):
                if self.trains_segmenter(run):
                    yield "segmenter", run, stage
                    yield "predictions", run, stage
                if stage and self.learns(run):
                    yield "generator", run, stage
                if stage and not self.supervised(run):
                    yield "pseudo_masks", run, stage

    # Paths

    def path(self, kind: str, run: str, stage: int, dataset: str | None = None) -> str:
        """The file of a run's stage, wherever it is shared; with `dataset`, of that dataset instead of the run's own.

        `kind` is a key of `FILES`.
        """
        return self.stage_file(*self._owner(kind, run, stage), FILES[kind], dataset)

    def stage_file(self, run: str, stage: int, name: str, dataset: str | None = None) -> str:
        """A file of this very run and stage."""
        folder = f"{self.results}/{run}/stage{stage}"
        return f"{folder}/{dataset}/{name}" if dataset else f"{folder}/{name}"

    def dataset_file(self, dataset: str, name: str) -> str:
        return f"{self.results}/datasets/{dataset}/{name}"

    def boxes(self, run: str) -> list[str]:
        return [self.dataset_file(dataset, "boxes.h5") for dataset in self.datasets(run)]

    def masks(self, run: str) -> list[str]:
        return [self.dataset_file(dataset, "masks.h5") for dataset in self.datasets(run)]

    def labels(self, run: str, stage: int) -> list[str]:
        """labels^k of the EM: the boxes, then the pseudo masks; or the dataset's own masks, which count before both."""
        if self.supervised(run):
            return self.masks(run)
        weak = self.final_masks(run, stage) if stage else self.boxes(run)
        return weak + [self.own_masks(run) for _ in self.masked_images(run)]

    def final_masks(self, run: str, stage: int) -> list[str]:
        """The pseudo masks of the run's own datasets as they are learned from and exported."""
        return list(dict.fromkeys(self.final_masks_on(run, stage, dataset) for dataset in self.datasets(run)))

    def final_masks_on(self, run: str, stage: int, dataset: str) -> str:
        """As `final_masks`, of any one dataset."""
        if self.refines_labels(run):
            return self._refined_masks(run, stage, dataset)
        return self.pseudo_masks(run, stage, dataset)

    def _refined_masks(self, run: str, stage: int, dataset: str) -> str:
        return self.stage_file(*self._owner("pseudo_masks", run, stage), "pseudo_masks_crf.h5", dataset)

    def own_masks(self, run: str) -> str:
        """The masks of the images that semi-supervision lists."""
        return f"{self.results}/{run}/own_masks.h5"

    def segmenter_start(self, run: str, stage: int) -> list[str]:
        """f^(k-1), nothing at stage 0."""
        return [self.path("segmenter", run, stage - 1)] if stage else []

    def generator_start(self, run: str, stage: int) -> list[str]:
        """g^(k-1), nothing at stage 1."""
        return [self.path("generator", run, stage - 1)] if stage > 1 else []

    def generator(self, run: str, stage: int) -> list[str]:
        """The checkpoint that makes the run's pseudo masks, nothing for a generic method."""
        spec = self.run(run)["generator"]
        if self.method(run):
            return []
        if "file" in spec:
            return [spec["file"]]
        if self.teacher(run):
            return self.generator(spec["from"], self.teacher_stage(run, stage))
        return [self.path("generator", run, stage)]

    def generator_file(self, run: str) -> list[str]:
        """The finished generator that a run brings along."""
        return [path for key, path in self.run(run).get("generator", {}).items() if key == "file"]

    def generator_predictions(self, run: str, stage: int, dataset: str | None = None) -> list[str]:
        """p^(k-1), which the generator of stage k reads; nothing for a method that reads no scores."""
        return [self.path("predictions", run, stage - 1, dataset)] if self.reads_scores(run) else []

    def pseudo_masks(self, run: str, stage: int, dataset: str) -> str:
        """labels^k on a dataset: the run's own file where the dataset is its training data, box fill at stage 0."""
        if stage == 0:
            return self.dataset_file(dataset, "boxes.h5")
        own = dataset in self.datasets(run)
        return self.path("pseudo_masks", run, stage, None if own else dataset)

    def scored_masks(self, run: str, stage: int) -> dict[str, str]:
        """Per evaluated dataset, the label map file whose pseudo masks are scored."""
        if self.supervised(run):
            return {}
        return {dataset: self.pseudo_masks(run, stage, dataset) for dataset in self.evaluated(run)}

    def scored_segmentations(self, run: str, stage: int) -> dict[str, str]:
        """Per evaluated dataset that the segmenter has not been trained on, its segmentations."""
        if not self.trains_segmenter(run):
            return {}
        owner, owner_stage = self._owner("segmenter", run, stage)
        return {
            dataset: self.stage_file(owner, owner_stage, "segmentations.h5", dataset)
            for dataset in self.evaluated(run)
            if dataset not in self.datasets(run)
        }

    def refined_masks(self, run: str, stage: int) -> dict[str, str]:
        """As `scored_masks`, after the dense CRF; nothing for a run that asks for none, and for box fill."""
        if not (stage and self.refines(run) and self.scored_masks(run, stage)):
            return {}
        return {dataset: self._refined_masks(run, stage, dataset) for dataset in self.evaluated(run)}

    def refined_segmentations(self, run: str, stage: int) -> dict[str, str]:
        """As `scored_segmentations`, after the test-time CRF; nothing for a run that asks for none."""
        plain = self.scored_segmentations(run, stage) if self.refines(run) else {}
        return {dataset: str(Path(path).with_name("segmentations_crf.h5")) for dataset, path in plain.items()}

    def scored(self, run: str, stage: int) -> list[dict]:
        """The rows of a stage's scores: `what` is measured, on a `split`, with or without `crf`, in a file `path`."""
        masks = "pseudo masks" if stage else "box fill"
        parts = (
            (masks, "without", self.scored_masks),
            (masks, "with", self.refined_masks),
            ("segmenter", "without", self.scored_segmentations),
            ("segmenter", "with", self.refined_segmentations),
        )
        return [
            {"what": what, "crf": crf, "split": dataset, "path": path}
            for what, crf, files in parts
            for dataset, path in files(run, stage).items()
        ]

    # Tables of the paper

    def tables(self) -> dict[str, dict]:
        return self.config.get("tables", {})

    def table_rows(self, table: str) -> list[dict]:
        """Per method of ours: its label, the scores of its stages, and the boxes of the datasets that taught it."""
        return [
            {
                "label": label,
                "scores": [self.stage_file(run, stage, "scores.json") for stage in self._stages(run)[1:]],
                "auxiliary": self.boxes(self.teacher(run)) if self.teacher(run) else [],
            }
            for label, run in self.tables()[table]["runs"].items()
        ]

    # Targets

    def products(self) -> list[str]:
        """The runs whose masks and segmenters are wanted for themselves: those that nobody borrows from, or scored."""
        teachers = {self.teacher(run) for run in self.config["runs"]}
        return [run for run in self.config["runs"] if run not in teachers or self.evaluated(run)]

    def scored_stages(self) -> list[tuple[str, int]]:
        return [(run, stage) for run in self.config["runs"] if self.evaluated(run) for stage in self._stages(run)]

    def masked_stages(self) -> list[tuple[str, int]]:
        """The stages with pseudo masks of the products."""
        weak = [run for run in self.products() if not self.supervised(run)]
        return [(run, stage) for run in weak for stage in self._stages(run)[1:]]

    def _stages(self, run: str) -> range:
        return range(self.stages(run) + 1)

    def checkpoints(self, run: str) -> list[str]:
        """The trained networks of a run, each where it lies: segmenters, then the generators behind its masks."""
        paths = []
        if self.trains_segmenter(run):
            paths += [self.path("segmenter", run, stage) for stage in self._stages(run)]
        if not self.supervised(run):
            paths += [path for stage in self._stages(run)[1:] for path in self.generator(run, stage)]
        return paths

    def gallery_dataset(self, run: str) -> str:
        """What a run is looked at on: the first dataset that it is scored on, else its own."""
        return (self.evaluated(run) or self.datasets(run))[0]

    def segmenter_initialisation(self, run: str, stage: int) -> list[str]:
        """The local weights that f^0 starts from, where the recipe names a file."""
        return _weights_file(self.segmenter_settings(run, 0).get("initialisation", "imagenet")) if stage == 0 else []

    def generator_initialisation(self, run: str, stage: int) -> list[str]:
        """The local weights that g^1 starts from, where the recipe names a file."""
        return _weights_file(self.generator_settings(run, 1).get("initialisation", "none")) if stage == 1 else []


def _weights_file(initialisation: str) -> list[str]:
    return [] if initialisation in ("imagenet", "none") else [initialisation]


def _at_stage(recipe: dict, index: int) -> dict:
    """A recipe's `stages` lists what changes from stage to stage, and its last entry stays."""
    settings = dict(recipe)
    changes = settings.pop("stages", [{}])
    return {**settings, **changes[min(index, len(changes) - 1)]}
