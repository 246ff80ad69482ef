"""Soft masks that are there already, of photographs that stayed as they are where others of their file did not."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lpg.files.pseudo_masks import SoftMaskFile
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.photograph import Photograph


class Remembered(Generator):
    """A generator that is not asked about photographs of which a file has its masks.

    Arguments:
        generator: one that sees photographs and boxes alone: no scores, and of classes only which boxes share one.
        where: by the name of a photograph, the `pseudo_masks.h5` that has what the generator would answer.
    """

    def __init__(self, generator: Generator, where: Mapping[str, Path]) -> None:
        self.generator, self.where = generator, where
        self.network, self.band, self.fusion = generator.network, generator.band, generator.fusion
        self._files: dict[Path, SoftMaskFile] = {}

    def __call__(self, requests: Sequence[Request]) -> list[SoftMasks]:
        found = [self._known(request.image) for request in requests]
        unknown = [request for request, known in zip(requests, found, strict=True) if known is None]
        answers = iter(self.generator(unknown) if unknown else ())
        return [next(answers) if known is None else known for known in found]

    def masks_of(self, request: Request) -> SoftMasks:
        return self([request])[0]

    def _known(self, image: Photograph) -> SoftMasks | None:
        path = self.where.get(image.name)
        if path is None:
            return None
        if path not in self._files:
            self._files[path] = SoftMaskFile(path)
        file = self._files[path]
        return SoftMasks(file.foreground(image.name), file.of(image))
