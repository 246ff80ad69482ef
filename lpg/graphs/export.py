"""A checkpoint as one file of ONNX: any image size, any batch, 8-bit images in, masks out."""

import json
import logging
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.files.checkpoint import Checkpoint, load_checkpoint
from lpg.graphs.generator import GeneratorGraph
from lpg.graphs.segmenter import SegmenterGraph
from lpg.jobs.provenance import VERSION, file_digest

log = logging.getLogger(__name__)

GRAPHS = {"generator": GeneratorGraph, "segmenter": SegmenterGraph}
OPSET = 17  # of ONNX: onnxruntime 1.13 and newer
TOLERANCE = 0.001  # of the pixels of a mask, at most, may differ from lpg's
FACTS = "lpg"  # the key of the text in the file's metadata
PACKAGES = ("onnx", "onnxruntime")


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes:
        kind: `generator` or `segmenter`.
        path: the file.
        agreement: the part of the pixels whose mask is lpg's, on drawn images of the size where it is least.
        largest: difference of a soft mask or a score from torch's.
    """

    kind: str
    path: Path
    agreement: float
    largest: float


def export_onnx(checkpoint: str | Path, path: str | Path, by: dict | None = None, apply: dict | None = None) -> Report:
    """Write a trained network as a graph of ONNX that is checked against lpg through onnxruntime.

    A generator takes `image`, `box_map` and `score`, uint8 (N, 3, H, W) and twice (N, 1, H, W), and gives
    `foreground`, float32 (N, H, W); with a guided filter in its recipe also `functions`, float32 (N, 4, H, W), as
    `lpg.pixels.guided.mask_of_colours` takes them. A segmenter takes `image` and gives `scores`, float32
    (N, classes, H, W), and `labels`, uint8 (N, H, W). What it is stands in the file's metadata under `lpg`, as JSON.

    Arguments:
        checkpoint: `generator.pt`, `generator.safetensors` or `segmenter.pt`.
        path: what is there is replaced only when the new file is whole and agrees.
        by: what exports it, beside what trained it; `exported` of its provenance.
        apply: how a generator makes masks, or `flip_test` of a segmenter, laid key by key over what its checkpoint
            says.

    Raises:
        InputError: a package is missing, the checkpoint is none or is to be written over, or the masks differ in more
            than 0.1 % of the pixels.
    """
    _check_packages()
    from lpg.graphs.agreement import compare  # it needs the packages

    path, trained = Path(path), load_checkpoint(checkpoint)
    if path.exists() and path.samefile(checkpoint):
        raise InputError(f"{path} is the checkpoint itself", "name another file to write")
    graph = GRAPHS[trained.kind].load(checkpoint, apply)
    with replace_atomically(path) as partial:
        write_graph(graph, partial, _facts(graph, checkpoint, trained, by))
        found = compare(graph, partial)
        share = min(one.share for one in found)  # of each size: those that need no padding would hide the others
        if share < 1 - TOLERANCE:
            raise InputError(
                f"{checkpoint} cannot be had as ONNX: its masks differ from lpg's in {100 - 100 * share:.2f} % "
                "of the pixels",
                "take another version of onnxruntime or of torch",
            )
    log.info("%s: its masks are lpg's in %.3f %% of the pixels", path, 100 * share)
    return Report(trained.kind, path, share, max(one.largest for one in found))


def _check_packages() -> None:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise InputError(f"ONNX needs {' and '.join(missing)}", 'install them: pip install -e ".[onnx]"')


def write_graph(graph: nn.Module, path: Path, facts: dict) -> None:
    """Write the graph of `GeneratorGraph` or `SegmenterGraph`, with what is to be known of it."""
    import onnx

    from lpg.graphs.agreement import drawn

    names = graph.inputs | graph.outputs
    axes = {name: {axis: called for axis, called in enumerate(of) if called} for name, of in names.items()}
    with warnings.catch_warnings():
        # By tracing: the other exporter wants one more package, and a shape that it can prove for every size.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph, tuple(drawn(graph, 2, 64, 96).values()), path, dynamo=False, opset_version=OPSET,
            input_names=list(graph.inputs), output_names=list(graph.outputs), dynamic_axes=axes,
        )  # fmt: skip
    model = onnx.load(path)
    model.producer_name, model.producer_version = "lpg", VERSION
    onnx.helper.set_model_props(model, {FACTS: json.dumps(facts)})
    onnx.save(model, path)


def _facts(graph: nn.Module, path: str | Path, checkpoint: Checkpoint, by: dict | None) -> dict:
    """The facts in the file: who has it alone finds here how its inputs are made and what its outputs stand for."""
    return {
        "lpg_version": VERSION,
        "kind": checkpoint.kind,
        "architecture": checkpoint.recipe["architecture"],
        "classes": list(checkpoint.classes),
        "multiple": graph.multiple,
        "mean_colour": graph.network.normalisation.mean_colour.tolist(),
        "recipe": graph.recipe.model_dump(mode="json"),
        "checkpoint_digest": file_digest(path),
        "provenance": checkpoint.provenance | ({"exported": by} if by else {}),
    }
