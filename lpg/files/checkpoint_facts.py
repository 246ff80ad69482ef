"""What a checkpoint says, for those who do without its weights and without torch."""

from pathlib import Path
from typing import Any

from lpg.jobs.provenance import checkpoint_without_weights


def said_in_checkpoint(path: Path) -> Any:
    """All that a checkpoint says beside its weights, without torch.

    Raises:
        InputError: the file is damaged, or none of tensors and plain values.
    """
    try:
        return checkpoint_without_weights(path)
    except Exception:
        from lpg.files.checkpoint import read_tensors

        return read_tensors(path)  # which says what is wrong with it
