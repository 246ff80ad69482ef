# How shards.smk asks the rules whose work it shares, and how a gathered file looks in Snakemake's records. No rules.

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
