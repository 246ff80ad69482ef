"""BCM (Song et al., CVPR 2019): box-driven class-wise masking and the filling-rate guided loss.

It has three parts. Two belong to the training of a segmenter: the masking module, which learns one attention map per
class (`masking`), and the loss that does not believe every pixel (`task`). The third, `masks`, makes pseudo masks.
"""
