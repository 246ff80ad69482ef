"""How fast lpg is, as ratios to a plain implementation of the paper's loops in one run: `make bench`."""
