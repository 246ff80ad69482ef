"""BCM as far as it makes masks: box-driven class-wise masking of the segmenter's scores, then a dense CRF.

BCM's segment proposals are a dense CRF's, which its paper runs once on the boxes: that is the method `densecrf`. Here
it runs in every stage on the segmenter's scores, and the boxes that a photograph comes with mask them: a class has no
score outside its own.
"""

from lpg.generators.baselines.box_scores import box_scores
from lpg.generators.baselines.joint import disjoint_soft_masks
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.pixels.crf import LARGEFOV_CRF, dense_crf


class Bcm(Generator):
    """The CRF of DeepLab-LargeFOV, BCM's network, over the scores that the boxes leave."""

    def masks_of(self, request: Request) -> SoftMasks:
        masked = box_scores(request)
        marginals = dense_crf(masked / masked.sum(axis=0), request.photograph, LARGEFOV_CRF)
        possible = marginals * (masked > 0)  # nor may the CRF leave the boxes
        return SoftMasks.of_classes(request.image, disjoint_soft_masks(possible)).without_doubt(self.object_from)
