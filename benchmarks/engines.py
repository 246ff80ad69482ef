"""`python -m benchmarks.engines BOXES MASKS [--generator general]`: a generator's masks, by who computes them.

BOXES and MASKS are a dataset's `boxes.h5` and `masks.h5`, as any run makes them. torch computes in float32 and in
bfloat16, emulated where the CPU has no units for it; onnxruntime in float32 and in int8. That is of convolutions alone,
without depthwise ones, the first and the last, with ranges from photographs of CALIBRATION, which should be others.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantType, quant_pre_process, quantize_static
from torch import Tensor, nn

from benchmarks.photographs import labels_of
from lpg.evaluation.confusion import confusion_matrix, mean_iou
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.opening import open_learned
from lpg.generators.shipped import generator_path
from lpg.jobs.machine import choose_machine
from lpg.networks import inference

SHOWN = 40  # photographs that the ranges of int8 are taken from


class Session(nn.Module):
    """A network that onnxruntime computes, on one thread."""

    def __init__(self, network: nn.Module, path: Path) -> None:
        super().__init__()
        self.stride, self.multiple, self.normalisation = network.stride, network.multiple, network.normalisation
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def forward(self, x: Tensor) -> Tensor:
        return torch.from_numpy(self.session.run(None, {"x": x.contiguous().numpy()})[0])


class Shown(CalibrationDataReader):
    """What int8 finds its ranges from."""

    def __init__(self, inputs: Sequence[np.ndarray]) -> None:
        self.left = iter(inputs)

    def get_next(self) -> dict[str, np.ndarray] | None:
        x = next(self.left, None)
        return None if x is None else {"x": x}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__.splitlines()[0])
    parser.add_argument("boxes")
    parser.add_argument("masks")
    parser.add_argument("--generator", default="general")
    parser.add_argument("--calibration", help="a boxes.h5; without it, int8 is left out")
    given = parser.parse_args()
    choose_machine(gpu=0, threads=1)
    table, path = BoxTable([given.boxes]), generator_path(given.generator)
    truth, classes = LabelMaps([given.masks], table.classes), len(table.classes)
    with TemporaryDirectory() as folder:
        engines = dict(_engines(path, given.calibration, Path(folder)))
        matrices = {name: np.zeros((classes, classes), dtype=np.int64) for name in engines}
        took, same, pixels = dict.fromkeys(engines, 0.0), dict.fromkeys(engines, 0), 0
        for image, photograph in table.photographs(lambda images, what: images):
            made = {}
            for name, (generator, half) in engines.items():
                inference.has_bfloat16 = lambda device, half=half: half
                started = time.process_time()
                made[name] = labels_of(generator, image, photograph)
                took[name] += time.process_time() - started
                matrices[name] += confusion_matrix(truth[image.name], made[name], classes)
                same[name] += int((made[name] == made["torch, float32"]).sum())
            pixels += photograph[..., 0].size
    for name, matrix in matrices.items():
        share = 100 * same[name] / pixels
        print(f"{name:22} mIoU {100 * mean_iou(matrix):.2f}  {took[name]:5.0f} CPU s  {share:.2f} % of the labels same")


def _engines(path: Path, calibration: str | None, folder: Path) -> Iterator[tuple[str, tuple[LearnedGenerator, bool]]]:
    """Generators, and whether torch computes them in bfloat16."""

    def by(file: Path) -> LearnedGenerator:
        generator = open_learned(path, "cpu")
        generator.model = Session(generator.model, file)
        return generator

    generator = open_learned(path, "cpu")
    yield "torch, float32", (generator, False)
    yield "torch, bfloat16", (generator, True)
    exact, coarse = folder / "float32.onnx", folder / "int8.onnx"
    axes = {"x": {0: "batch", 2: "height", 3: "width"}}
    example = torch.rand(1, 5, 256, 256)
    torch.onnx.export(
        generator.model, (example,), exact, dynamo=False, opset_version=17, input_names=["x"], dynamic_axes=axes
    )
    yield "onnxruntime, float32", (by(exact), False)
    if calibration:
        inferred = folder / "inferred.onnx"
        quant_pre_process(exact, inferred, skip_symbolic_shape=True)
        quantize_static(
            inferred, coarse, Shown(_inputs(path, BoxTable([calibration]))), op_types_to_quantize=["Conv"],
            nodes_to_exclude=_delicate(onnx.load(inferred)), per_channel=True,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
        )  # fmt: skip
        yield "onnxruntime, int8", (by(coarse), False)


def _delicate(model: onnx.ModelProto) -> list[str]:
    """The convolutions that lose too much in int8: with them, 3 % of the labels change in place of 0.4."""
    layers = [node for node in model.graph.node if node.op_type == "Conv"]
    grouped = [node for node in layers if any(one.name == "group" and one.i > 1 for one in node.attribute)]
    return [node.name for node in (layers[0], *grouped, layers[-1])]


def _inputs(path: Path, table: BoxTable) -> list[np.ndarray]:
    """What the network is shown of some photographs."""
    generator, seen = open_learned(path, "cpu"), []
    forward: Callable = generator.model.forward
    generator.model.forward = lambda x: (seen.append(x.contiguous().numpy()), forward(x))[1]
    for image, photograph in islice(table.photographs(lambda images, what: images), SHOWN):
        labels_of(generator, image, photograph)
    return seen


if __name__ == "__main__":
    main()
