"""What a checkpoint says, for those who do without its weights and without torch."""

from pathlib import Path
from typing import Any

from lpg.jobs.provenance import check_sums, checkpoint_without_weights


def said_in_checkpoint(path: Path, whole: bool = False) -> Any:
    """All that a checkpoint says beside its weights, without torch.

    Arguments:
        whole: refuse it, too, if it is its weights that are damaged; they are read through.

    Raises:
        InputError: the file is damaged, or none of tensors and plain values.
    """
    try:
        if whole:
            check_sums(path)
        return checkpoint_without_weights(path)
    except Exception:
        from lpg.files.checkpoint import read_tensors

        return read_tensors(path)  # which says what is wrong with it
