"""Whether a graph of ONNX says what lpg says, asked of drawn images through onnxruntime."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional

from lpg.generators.learned.pairs import BLANK_SCORE

CHANNELS = {"image": 3, "box_map": 1, "score": 1}
SHAPES = ((1, 256, 256), (2, 96, 160), (3, 141, 190))  # batch, height, width; the last one's sides fit no network
COARSE = 6  # cells of a drawn image along a side


@dataclass(frozen=True)
class Agreement:
    """The agreement of masks of one size: those of onnxruntime beside those of lpg.

    Attributes:
        pixels: how many were compared: of a generator those in its boxes, for elsewhere there is no object.
        differing: how many of them have another label, or lie on the other side of one half.
        largest: the largest difference of a soft mask or a score from that of torch, of 1.
    """

    pixels: int
    differing: int
    largest: float

    @property
    def share(self) -> float:
        """The part of the pixels in which the masks are the same."""
        return 1 - self.differing / self.pixels


def compare(graph: nn.Module, path: str | Path, shapes: Iterable[tuple[int, int, int]] = SHAPES) -> list[Agreement]:
    """Compare drawn images of several sizes, one and more at once, through the file and by lpg's own way.

    A size that lpg never shows the network goes through the module that the file was made of.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(Path(path).read_bytes(), options, providers=["CPUExecutionProvider"])
    return [_compare_once(graph, session, drawn(graph, *shape)) for shape in shapes]


def _compare_once(graph: nn.Module, session: onnxruntime.InferenceSession, inputs: dict[str, Tensor]) -> Agreement:
    with torch.inference_mode():
        soft = dict(zip(graph.outputs, graph(*inputs.values()), strict=True))
    answers = session.run(list(soft), {name: value.numpy() for name, value in inputs.items()})
    found = {name: torch.from_numpy(answer) for name, answer in zip(soft, answers, strict=True)}
    own = graph.in_lpg(inputs)
    wanted = graph.mask(soft, inputs) if own is None else own
    where = inputs["box_map"][:, 0] > 0 if "box_map" in inputs else torch.ones_like(wanted, dtype=torch.bool)
    differing = (graph.mask(found, inputs) != wanted)[where]
    first = next(iter(soft))
    largest = (soft[first] - found[first]).abs().max()
    return Agreement(differing.numel(), int(differing.count_nonzero()), float(largest))


def drawn(graph: nn.Module, batch: int, height: int, width: int) -> dict[str, Tensor]:
    """Inputs of a graph, uint8 (batch, channels, height, width), the same every time: soft shapes, and a box.

    Of several scores the first is blank.
    """
    random = torch.Generator().manual_seed(height * width)
    inputs = {}
    for name in graph.inputs:
        coarse = torch.randint(0, 256, (batch, CHANNELS[name], COARSE, COARSE), generator=random).float()
        grown = functional.interpolate(coarse, size=(height, width), mode="bicubic")
        inputs[name] = grown.clamp(0, 255).to(torch.uint8)
    if "box_map" in inputs:
        inputs["box_map"][:] = 0
        inputs["box_map"][..., height // 8 : -height // 8, width // 8 : -width // 8] = 255
    if "score" in inputs and batch > 1:
        inputs["score"][0] = BLANK_SCORE
    return inputs
