"""Trained generators that come with the package, beside their model cards. No torch here: planning reads this table."""

from dataclasses import dataclass
from pathlib import Path
from zipfile import is_zipfile

from lpg.errors import InputError

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Shipped:
    """A trained generator that comes with the package.

    Attributes:
        name: as a run asks for it; the file and the card are called so too.
        shares: whether it may have learned masks of the classes that it is asked for: for people who want masks, not
            for those who compare methods.
        architecture, trunk: of its network.
    """

    name: str
    shares: bool
    architecture: str = "unet"
    trunk: str = "tf_efficientnet_lite0"

    @property
    def path(self) -> Path:
        """The weights, as `Checkpoint.ship` writes them."""
        return FOLDER / f"{self.name}.safetensors"

    @property
    def card(self) -> Path:
        """The model card: what it has learned from, how well it does, and where it fails."""
        return FOLDER / f"{self.name}.md"

    @property
    def calibration(self) -> Path:
        """The calibration, from what its masks show of themselves to their IoU (docs/quality.md)."""
        return FOLDER / f"{self.name}.calibration.json"


SHIPPED = {one.name: one for one in (Shipped("general", shares=True), Shipped("disjoint", shares=False))}
DEFAULT = "general"  # of a run that has boxes and nothing else


def generator_path(name: str | Path) -> Path:
    """The file of a generator that ships, or the path itself.

    Raises:
        InputError: it is neither, or a file that lpg wrote no generator to.
    """
    path = SHIPPED[name].path if name in SHIPPED else Path(name)
    if not path.is_file():
        raise InputError(
            f"there is no generator '{name}'",
            f"give {' or '.join(SHIPPED)}, which come with lpg, or the path of a generator.pt",
        )
    if not may_be_network(path):
        raise InputError(f"{path} holds no network, or is damaged", "give a .pt or a .safetensors that lpg wrote")
    return path


def may_be_network(path: str | Path) -> bool:
    """Whether a file may be one that lpg writes networks to, by its looks alone: torch writes zip files."""
    return Path(path).suffix == ".safetensors" or is_zipfile(path)


def calibration_of(generator: Path) -> Path | None:
    """What turns the looks of a generator's masks into a predicted IoU: the file beside it, if there is one."""
    path = generator.with_suffix(".calibration.json")
    return path if path.is_file() else None
