"""Datasets whose predictions, masks and segmentations several jobs make together."""

from lpg.planning import paths
from lpg.planning.recursion import Plan


class Sharding:
    """Who makes what in parts. Methods are asked by the names of a rule's wildcards.

    Attributes:
        whole, shared: the datasets of which one job makes a file, and those of which several do.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        counts = {name: dataset.shards for name, dataset in plan.config.datasets.items()}
        self.whole = [name for name, count in counts.items() if count == 1]
        self.shared = [name for name, count in counts.items() if count > 1]

    def shards(self, run: str, stage: int, dataset: str, file: str) -> list[str]:
        """The parts of a file of a stage on a dataset, in order."""
        count = self.plan.config.datasets[dataset].shards
        pattern = paths.shard_of(f"{paths.ON_DATASET}/{file}.h5")
        return [pattern.format(run=run, stage=stage, dataset=dataset, shard=n, shards=count) for n in range(count)]
