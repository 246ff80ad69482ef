"""What else a segmenter may be trained with. It lives with the method that it belongs to, and is named here."""

from lpg.jobs.lines import Line

# Network and loss as one module: a `lpg.segmenter.losses.SegmenterTask`.
TASKS = {
    "plain": Line("lpg.segmenter.losses", "SegmenterTask"),
    "bcm": Line("lpg.generators.baselines.bcm.task", "BcmTask"),
}

# What `masking` puts around a network: it is built from the network and its number of classes.
MASKING = Line("lpg.generators.baselines.bcm.masking", "ClassMasking")
