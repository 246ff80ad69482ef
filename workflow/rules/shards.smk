# A large dataset: what one job would make is made by several, in shards, and gathered into the same file. Only where a
# dataset has `shards`. The rules are those of segmenter.smk and generator.smk once more, on a part of the photographs.

from snakemake.io import IOFile
from snakemake.persistence import PersistenceBase

from lpg.planning.paths import shard_of

SHARD = re.compile(r"\.\d+-of-\d+\.h5$")


def without_shards(inputs_of):
    """In how many shards a file is made is no reason to make it again: it has the inputs that one job would have."""
    return lambda self, job: [
        name for name in inputs_of(self, job) if not SHARD.search(name)
    ]


def as_of_whole(record_of):
    """A shard that is not there is as old and as new as the file that was gathered, whoever made that."""

    def of(self, target):
        missing = SHARD.search(str(target)) and not Path(target).exists()
        return record_of(
            self, IOFile(SHARD.sub(".h5", str(target))) if missing else target
        )

    return of


# Snakemake has no inputs that a job waits for and that are not compared with those of the last time, so its records are
# read and written with these glasses on. Should it lose what they hook into, `shards` would make finished files again.
if hasattr(PersistenceBase, "_input") and hasattr(PersistenceBase, "metadata"):
    PersistenceBase._input = without_shards(PersistenceBase._input)
    PersistenceBase.metadata = as_of_whole(PersistenceBase.metadata)


wildcard_constraints:
    shard=r"\d+",
    shards=r"\d+",


MAKERS = {
    "predictions": rules.predict_scores,
    "segmentations": rules.segment_images,
    "segmentations_crf": rules.refine_segmentations,
    "pseudo_masks_crf": rules.refine_pseudo_masks,
}
MASKS_BY = {True: rules.generate_pseudo_masks, False: rules.generate_generic_masks}


def as_of_maker(kind, name, nothing):
    """An input or a parameter of the rule that makes a file whole; the file is the same, so these must be, too."""

    def of(wildcards):
        maker = (
            MAKERS.get(wildcards.file) or MASKS_BY[PLAN.run(wildcards.run).runs_network]
        )
        value = dict(getattr(maker, kind).items()).get(name, nothing)
        if callable(value):
            return value(wildcards)
        return value.format(**wildcards) if isinstance(value, str) else value

    return of


def given(name):
    return as_of_maker("input", name, [])


def set_to(name):
    return as_of_maker("params", name, Unwatched(None))


# `code` is that of the rule whose work is shared: how shards are gathered changes no content.
rule gather_shards:
    input:
        segmenter=given("segmenter"),
        generator=given("generator"),
        predictions=given("predictions"),
        pseudo_masks=given("pseudo_masks"),
        boxes=given("boxes"),
        decisions=given("decisions"),
        classes=ancient(given("classes")),
        shards=ask(SHARDING.shards),
    output:
        f"{paths.ON_DATASET}/{{file}}.h5",
    log:
        "logs/gather_shards/{run}.stage{stage}.{dataset}.{file}.log",
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),
        file=one_of([*MAKERS, "pseudo_masks"]),
    conda:
        "../../envs/lpg.yaml"
    params:
        code=set_to("code"),
        method=set_to("method"),
        rejected=set_to("rejected"),
        apply=set_to("apply"),
        band=set_to("band"),
        crf=set_to("crf"),
    script:
        "../scripts/gather_shards.py"


use rule predict_scores as predict_scores_of_shard with:
    output:
        temp(shard_of(paths.PREDICTIONS)),
    log:
        shard_of("logs/predict_scores/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of("results/benchmarks/predict_scores/{run}.stage{stage}.{dataset}.tsv")
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),


use rule segment_images as segment_images_of_shard with:
    output:
        temp(shard_of(paths.SEGMENTATIONS)),
    log:
        shard_of("logs/segment_images/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of("results/benchmarks/segment_images/{run}.stage{stage}.{dataset}.tsv")
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),


use rule refine_segmentations as refine_segmentations_of_shard with:
    output:
        temp(shard_of(paths.REFINED_SEGMENTATIONS)),
    log:
        shard_of("logs/refine_segmentations/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of(
            "results/benchmarks/refine_segmentations/{run}.stage{stage}.{dataset}.tsv"
        )
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),


use rule generate_pseudo_masks as generate_pseudo_masks_of_shard with:
    output:
        temp(shard_of(paths.PSEUDO_MASKS)),
    log:
        shard_of("logs/generate_pseudo_masks/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of(
            "results/benchmarks/generate_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"
        )
    wildcard_constraints:
        run=one_of(name for name, run in PLAN.runs.items() if run.runs_network),
        dataset=one_of(SHARDING.shared),


use rule generate_generic_masks as generate_generic_masks_of_shard with:
    output:
        temp(shard_of(paths.PSEUDO_MASKS)),
    log:
        shard_of("logs/generate_generic_masks/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of(
            "results/benchmarks/generate_generic_masks/{run}.stage{stage}.{dataset}.tsv"
        )
    wildcard_constraints:
        run=one_of(name for name, run in PLAN.runs.items() if not run.runs_network),
        dataset=one_of(SHARDING.shared),


use rule refine_pseudo_masks as refine_pseudo_masks_of_shard with:
    output:
        temp(shard_of(paths.REFINED_MASKS)),
    log:
        shard_of("logs/refine_pseudo_masks/{run}.stage{stage}.{dataset}.log"),
    benchmark:
        shard_of(
            "results/benchmarks/refine_pseudo_masks/{run}.stage{stage}.{dataset}.tsv"
        )
    wildcard_constraints:
        dataset=one_of(SHARDING.shared),
