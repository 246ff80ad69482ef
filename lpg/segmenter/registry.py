"""What is opened by name: a trained segmenter, and what one may be trained with, which lives with its method."""

from lpg.jobs.lines import Line

# The network f of the paper, from a checkpoint.
TRAINED = Line("lpg.segmenter.apply", "Segmenter")

# Network and loss as one module: a `lpg.segmenter.losses.SegmenterTask`.
TASKS = {
    "plain": Line("lpg.segmenter.losses", "SegmenterTask"),
    "bcm": Line("lpg.generators.baselines.bcm.task", "BcmTask"),
}

# What `masking` puts around a network: it is built from the network and its number of classes.
MASKING = Line("lpg.generators.baselines.bcm.masking", "ClassMasking")
