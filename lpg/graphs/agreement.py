"""Whether a graph of ONNX says what torch says, asked of drawn images through onnxruntime."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = {"image": 3, "box_map": 1, "score": 1}
SHAPES = ((1, 256, 256), (2, 96, 160), (3, 75, 50))  # batch, height, width; neither side of the last fits any network
COARSE = 6  # cells of a drawn image along a side


@dataclass(frozen=True)
class Agreement:
    """Of masks, those of onnxruntime beside those of torch.

    Attributes:
        pixels: how many were compared.
        differing: how many of them have another label, or lie on the other side of one half.
        largest: the largest difference of a soft mask or a score, of 1.
    """

    pixels: int
    differing: int
    largest: float

    @property
    def share(self) -> float:
        """The part of the pixels in which the masks are the same."""
        return 1 - self.differing / self.pixels


def compare(graph: nn.Module, path: str | Path, shapes: Iterable[tuple[int, int, int]] = SHAPES) -> Agreement:
    """Images of several sizes, one and more at once, through the file and through the module that it was made of."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(Path(path).read_bytes(), options, providers=["CPUExecutionProvider"])
    found = [_compare_once(graph, session, drawn(graph, *shape)) for shape in shapes]
    return Agreement(
        sum(one.pixels for one in found), sum(one.differing for one in found), max(one.largest for one in found)
    )


def _compare_once(graph: nn.Module, session: onnxruntime.InferenceSession, inputs: dict[str, Tensor]) -> Agreement:
    with torch.inference_mode():
        wanted = dict(zip(graph.outputs, graph(*inputs.values()), strict=True))
    answers = session.run(list(wanted), {name: value.numpy() for name, value in inputs.items()})
    found = {name: torch.from_numpy(answer) for name, answer in zip(wanted, answers, strict=True)}
    differing = graph.mask(wanted, inputs["image"]) != graph.mask(found, inputs["image"])
    first = next(iter(wanted))  # the soft one
    largest = (wanted[first] - found[first]).abs().max()
    return Agreement(differing.numel(), int(differing.count_nonzero()), float(largest))


def drawn(graph: nn.Module, batch: int, height: int, width: int) -> dict[str, Tensor]:
    """Inputs of a graph, uint8 (batch, channels, height, width), the same every time: soft shapes, and a box."""
    random = torch.Generator().manual_seed(height * width)
    inputs = {}
    for name in graph.inputs:
        coarse = torch.randint(0, 256, (batch, CHANNELS[name], COARSE, COARSE), generator=random).float()
        grown = functional.interpolate(coarse, size=(height, width), mode="bicubic")
        inputs[name] = grown.clamp(0, 255).to(torch.uint8)
    if "box_map" in inputs:
        inputs["box_map"][:] = 0
        inputs["box_map"][..., height // 8 : -height // 8, width // 8 : -width // 8] = 255
    return inputs
