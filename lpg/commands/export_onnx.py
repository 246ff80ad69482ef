"""`lpg export-onnx`: a trained network as one file for any ONNX runtime."""

import argparse

from lpg.commands.record import described
from lpg.commands.screen import screen
from lpg.generators.shipped import generator_path
from lpg.graphs.export import export_onnx


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", help="general or disjoint, a generator.pt, a .safetensors, or a segmenter.pt")
    parser.add_argument("--out", required=True, metavar="FILE", help="the .onnx to write; checked against torch first")


def run(arguments: argparse.Namespace) -> None:
    with screen():
        checkpoint = generator_path(arguments.checkpoint)
        export_onnx(checkpoint, arguments.out, by=described("export-onnx", arguments, [checkpoint]))
