"""labels^k: what a generator makes of the boxes, fused over the classes, after a CRF if asked for, and as pictures."""
