"""BCM (Song et al., CVPR 2019), as far as it makes masks: box-driven class-wise masking, then a dense CRF.

BCM has three parts. Two belong to a segmenter's recipe: its masking module, which learns one attention map per class
(`masking: true`, `lpg/networks/class_masking.py`), and its filling-rate guided loss (`loss: filling_rate`,
`lpg/losses.py`). The third are its segment proposals, a dense CRF's: the paper runs it once on the boxes, which is the
method `densecrf`. Here it runs in every stage on the segmenter's scores, and the boxes that a photograph comes with
mask them: a class has no score outside its own.
"""

from lpg.crf import dense_crf
from lpg.generators.box_scores import box_scores
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.generators.joint import disjoint_soft_masks
from lpg.recipes import CRF


class Bcm(Generator):
    """The CRF of DeepLab-LargeFOV, BCM's network, over the scores that the boxes leave."""

    def masks_of(self, request: Request) -> SoftMasks:
        masked = box_scores(request)
        marginals = dense_crf(masked / masked.sum(axis=0), request.photograph, CRF["largefov"])
        return SoftMasks(disjoint_soft_masks(marginals * (masked > 0)))  # nor may the CRF leave the boxes
