"""`lpg`, the command: boxes in, masks out, without a line of configuration."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from lpg.errors import InputError

# A module each, with `add_arguments(parser)` and `run(arguments)`; imported when it is asked for.
COMMANDS = {
    "masks": "make masks from boxes",
    "segment": "segment photographs with a trained segmenter",
    "export": "write masks in the format of another tool",
    "convert": "write boxes or masks of one format in another",
    "review": "make a page to look through masks, worst first",
    "inspect": "say what is in a file that lpg wrote, and what made it",
    "costs": "say what hours and memory a run has taken, by rule",
    "export-onnx": "write a generator or a segmenter as ONNX",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; bad input is one sentence and the exit status 1.

    Arguments:
        arguments: of the command line; those of the process by default.
    """
    options = argparse.Namespace()
    try:
        command, options = _parse(sys.argv[1:] if arguments is None else list(arguments))
        _check_given(options)
        command(options)
    except InputError as error:
        option = _cure(options, error.permission)
        print(f"lpg: {error}{option}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads what we print has enough
        return 1
    except UnicodeEncodeError as error:
        print(f"lpg: the shell's locale cannot name {error.object!r}; set LC_ALL=C.UTF-8", file=sys.stderr)
        return 1
    except OSError as error:  # no permission, a full disk, a name that is too long
        if not _has_directory():
            print("lpg: the working directory is gone; go to one that is there", file=sys.stderr)
            return 1
        remedy = "give this user the right to it" if isinstance(error, PermissionError) else "mend that"
        print(f"lpg: {error}; {remedy}, and the same command again goes on with what is not done", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nlpg: stopped; the same command again goes on with what is not done", file=sys.stderr)
        return 130
    return 0


def _has_directory() -> bool:
    try:
        return Path.cwd().is_dir()
    except OSError:
        return False


def _parse(given: Sequence[str]) -> tuple:
    parser = argparse.ArgumentParser(prog="lpg", description="Boxes in; pixel masks out.")
    parser.add_argument("--version", action="version", version=f"lpg {metadata.version('lpg')}")
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run, asked = None, parser
    for name, what in COMMANDS.items():
        own = choices.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
        if name in given[:1]:
            module = importlib.import_module(f"lpg.commands.{name.replace('-', '_')}")
            module.add_arguments(own)
            run, asked = module.run, own
    options, unknown = parser.parse_known_args(given)
    if unknown:  # the usage of the command tells more than that of all of them
        asked.error(f"unrecognized arguments: {' '.join(unknown)}")
    return run, options


def _check_given(options: argparse.Namespace) -> None:
    """Refuse a path that is empty, which would be the working directory."""
    for name, value in vars(options).items():
        if value == "":
            raise InputError(f"what is given for {name.replace('_', '-')} is empty", "set the variable that it is of")


def _cure(options: argparse.Namespace, permission: str | None) -> str:
    """How a permission is given to this command, if it can be."""
    if permission == "cpu":
        return ", or add --device cpu"
    return f", or add --{permission.replace('_', '-')}" if getattr(options, str(permission), None) is False else ""


if __name__ == "__main__":
    sys.exit(main())
