"""`lpg export-onnx`: a trained network as one file for any ONNX runtime."""

import argparse
from pathlib import Path

from lpg.commands.record import described
from lpg.commands.screen import screen
from lpg.errors import InputError
from lpg.generators.shipped import SHIPPED, generator_path
from lpg.graphs.export import export_onnx


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", help="general or disjoint, a generator.pt, a .safetensors, or a segmenter.pt")
    parser.add_argument("--out", required=True, metavar="FILE", help="the .onnx to write; checked against torch first")


def run(arguments: argparse.Namespace) -> None:
    if arguments.checkpoint not in SHIPPED and not Path(arguments.checkpoint).is_file():
        raise InputError(
            f"there is no checkpoint '{arguments.checkpoint}'",
            f"give {' or '.join(SHIPPED)}, or the path of a generator.pt, a .safetensors or a segmenter.pt",
        )
    if Path(arguments.out).is_dir():
        raise InputError(f"--out {arguments.out} is a folder", "name the .onnx to write")
    if Path(arguments.out).suffix.lower() != ".onnx":
        raise InputError(f"--out {arguments.out} is not called .onnx", "name the .onnx to write")
    with screen():
        checkpoint = generator_path(arguments.checkpoint)
        export_onnx(checkpoint, arguments.out, by=described("export-onnx", arguments, [checkpoint]))
