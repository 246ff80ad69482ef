"""SDI (Khoreva et al., CVPR 2017) and BoxSup's use of region proposals: boxes, GrabCut, MCG, and their agreement."""
