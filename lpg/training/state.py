"""The state of a training, beside its output: what it takes to go on after `kill -9` as if nothing had happened."""

import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.files.checkpoint import read_tensors

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """Everything that changes while a network is trained, but for the losses, and where it is kept.

    Attributes:
        path: the file; it is there only while the training is not done.
        digest: of settings, code and inputs; the state of another digest is not taken up.
    """

    path: Path
    digest: str
    network: nn.Module
    optimizer: Optimizer
    scaler: torch.amp.GradScaler

    def save(self, losses: list[float]) -> None:
        """Write the file, with the loss of every iteration so far; the old one goes when the new one is whole."""
        content = {
            "digest": self.digest,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "losses": losses,
        }
        with replace_atomically(self.path) as partial:
            torch.save(content, partial)

    def resume(self) -> list[float]:
        """Bring everything to where the file left it; the losses so far say at which iteration that was.

        A state that is damaged or of another training is none: the training starts anew.
        """
        if not self.path.exists():
            return []
        try:
            content = read_tensors(self.path)
        except InputError as error:
            log.warning("%s: starting anew", error.fault)
            return []
        if not self.digest or content["digest"] != self.digest:
            log.info("%s is of other settings, code or inputs: starting anew", self.path)
            return []
        self.network.load_state_dict(content["network"])
        self.optimizer.load_state_dict(content["optimizer"])
        # A state of the CPU has none, and a GPU's may go on on a CPU.
        if content["scaler"] and self.scaler.is_enabled():
            self.scaler.load_state_dict(content["scaler"])
        log.info("resumed from %s at iteration %d", self.path, len(content["losses"]))
        return list(content["losses"])
