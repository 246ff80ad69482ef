"""Files that are asked for by name, of a run that has none such: one sentence in place of an empty file or a crash."""

from lpg.errors import InputError
from lpg.planning.runs import Borrowed, Learned, Run


def lack(run: Run, what: str, remedy: str) -> InputError:
    """The error to raise for a run that lacks what the file that is asked for is made from."""
    if run.shared:
        return InputError(f"results/{run.name} is the stage 0 that runs share, and has no {what}", "ask for a run's")
    return InputError(f"runs.{run.name} has no {what}", remedy)


def check_stage(run: Run, stage: int) -> None:
    """Refuse a stage after a run's last."""
    if stage > run.stages:
        raise lack(run, f"stage {stage}", f"ask for one up to {run.stages}, or give it more stages")


def check_segmenter(run: Run) -> None:
    """Refuse a run that trains none."""
    if run.segmenter is None:
        raise lack(run, "segmenter", "add one to it, or ask for its pseudo masks")


def check_learner(run: Run, stage: int) -> None:
    """Refuse a run that learns no generator, and a stage at which none is learned."""
    if isinstance(run.generator, Borrowed):
        raise lack(run, "generator of its own", f"ask for that of '{run.generator.teacher}', from which it borrows")
    if not isinstance(run.generator, Learned):
        raise lack(run, "generator that is learned", "write generator: {learn: …}, or ask for another run's")
    if stage == 0:
        raise lack(run, "generator of stage 0", "ask for one of stage 1 or later")


def check_masks(run: Run, stage: int) -> None:
    """Refuse a run that makes no pseudo masks, and a stage at which none are made."""
    if run.generator is None or run.only_learns:
        raise lack(run, "pseudo masks, for it learns from masks", "ask for those of a run that learns from boxes")
    if stage == 0:
        raise lack(run, "pseudo masks of stage 0, where boxes are the labels", "ask for those of stage 1 or later")


def check_evaluated(run: Run) -> None:
    """Refuse a run that is not scored."""
    if not run.evaluated:
        raise lack(run, "evaluate", "add a dataset with masks to it")
