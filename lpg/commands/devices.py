"""Where a command runs its network."""

import argparse

from lpg.errors import InputError
from lpg.jobs.machine import Machine, choose_machine, has_gpu


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the option of the device."""
    parser.add_argument("--device", choices=("cpu", "cuda"), help="the GPU if there is one, by default")


def check_device(arguments: argparse.Namespace) -> None:
    """Refuse a GPU that is not there, before anything is read.

    Raises:
        InputError: it is asked for.
    """
    if arguments.device == "cuda" and not has_gpu():
        raise InputError("--device cuda: no GPU of NVIDIA's is here, or no driver for it", "leave --device out")


def chosen_machine(arguments: argparse.Namespace) -> Machine:
    """What the network is applied on, ready for use; of several GPUs one that no other job has.

    Raises:
        InputError: there is a GPU that torch cannot use.
    """
    device = arguments.device or ("cuda" if has_gpu() else "cpu")
    return choose_machine(int(device == "cuda"), arguments.cores)
