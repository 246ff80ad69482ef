"""What people have decided about the masks of a run, as the rules that make them are told of it."""

from os.path import isdir
from pathlib import Path

from lpg.jobs.provenance import text_digest
from lpg.pixels.pngs import pngs_below
from lpg.planning import paths
from lpg.planning.looks import digest_if_readable
from lpg.planning.recursion import Plan


class Deciding:
    """The decisions behind pseudo masks. Methods are asked by the names of a rule's wildcards."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._read: dict[str, str] = {}

    def files(self, run: str, dataset: str) -> list[str]:
        """The files of what people have decided about a run's masks; of other datasets there are none.

        The pictures of a folder one by one, so that one that is changed, added or taken away is seen.
        """
        return [file for path in self.given(run, dataset) for file in _pictures(path)]

    def digest(self, run: str, dataset: str) -> str:
        """The digests of decisions, in their order, for of two about a box the later one counts; of none, nothing.

        They are read, so that masks stay where a file was touched; the names of pictures say whose masks they are.
        """
        return "+".join(map(self._digest_of, self.given(run, dataset)))

    def _digest_of(self, path: str) -> str:
        if path not in self._read:  # every shard asks
            pictures = (f"{picture} {digest_if_readable(picture)}" for picture in pngs_below(path))
            self._read[path] = text_digest(*pictures) if isdir(path) else digest_if_readable(Path(path))
        return self._read[path]

    def given(self, run: str, dataset: str) -> list[str]:
        """The files and folders of decisions as a run names them."""
        return list(self.plan.run(run).decisions) if dataset in self.plan.run(run).datasets else []

    def other_boxes(self, run: str, dataset: str) -> list[str]:
        """The boxes of a run's other datasets, where there are decisions, which may be about their photographs."""
        own = paths.BOXES.format(dataset=dataset)
        return [path for path in self.plan.boxes(run) if path != own] if self.given(run, dataset) else []

    def rejected(self, run: str, dataset: str) -> str | None:
        """What becomes of a rejected mask, where there are decisions."""
        return self.plan.run(run).rejected if self.given(run, dataset) else None


def _pictures(path: str) -> list[str]:
    return list(map(str, pngs_below(path))) if isdir(path) else [path]
