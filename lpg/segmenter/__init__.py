"""The M step: train the segmenter f on label maps, and apply it: scores p^k, segmentations."""
