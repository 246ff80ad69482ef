"""Where a command runs its network."""

import argparse

from lpg.errors import InputError
from lpg.jobs.machine import Machine, applied_in, choose_machine, has_gpu


def add_device(parser: argparse.ArgumentParser) -> None:
    """The option of the device."""
    parser.add_argument("--device", choices=("cpu", "cuda"), help="the GPU if there is one, by default")


def check_device(arguments: argparse.Namespace) -> None:
    """Refuse a GPU that is not there, before anything is read.

    Raises:
        InputError: it is asked for.
    """
    if arguments.device == "cuda" and not has_gpu():
        raise InputError("--device cuda: no GPU of NVIDIA's is here, or no driver for it", "leave --device out")


def wanted_machine(arguments: argparse.Namespace) -> Machine:
    """What the network is to be applied on, for files to say; whether it can be used shows when it is."""
    device = _wanted(arguments)
    return Machine(device, applied=applied_in(device))


def chosen_device(arguments: argparse.Namespace) -> str:
    """The device, ready for use.

    Raises:
        InputError: there is a GPU that torch cannot use.
    """
    return choose_machine(int(_wanted(arguments) == "cuda"), arguments.cores).device


def _wanted(arguments: argparse.Namespace) -> str:
    return arguments.device or ("cuda" if has_gpu() else "cpu")
