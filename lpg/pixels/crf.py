"""Fully connected CRF with Gaussian edge potentials (Krähenbühl and Koltun, NIPS 2011), pydensecrf's."""

from dataclasses import dataclass

import numpy as np

from lpg.errors import InputError

LOWEST = 1e-5  # of a probability: its logarithm must be finite


@dataclass(frozen=True)
class CrfSettings:
    """A dense CRF of two Gaussian kernels (DeepLab, Chen et al., ICLR 2015, Eq. 3).

    Attributes:
        bilateral_weight, bilateral_xy_std, bilateral_rgb_std: of the kernel over positions (pixels) and colours
            (0 to 255).
        smoothness_weight, smoothness_xy_std: of the kernel over positions alone.
        iterations: of mean field.
    """

    bilateral_weight: float
    bilateral_xy_std: float
    bilateral_rgb_std: float
    smoothness_weight: float
    smoothness_xy_std: float
    iterations: int = 10


# DeepLab's authors state these on the pages of their trained models, DeepLab-LargeFOV and DeepLab-v2 ResNet101, which
# several re-implementations quote. The example script of their released code, run_densecrf.sh, has 49 for the 121. The
# first is that of generators that take a CRF, WSSL's and BCM's, which train that network.
LARGEFOV_CRF = CrfSettings(4, 121, 5, 3, 3)
RESNET101_CRF = CrfSettings(4, 67, 3, 3, 1)  # also of the light networks, for which none are published, and of masks


def dense_crf(probabilities: np.ndarray, photograph: np.ndarray, settings: CrfSettings) -> np.ndarray:
    """The marginals of the CRF whose unary potentials are -log of `probabilities`, by mean field.

    Arguments:
        probabilities: float32 (labels, H, W); those below 1e-5 count as 1e-5.
        photograph: uint8 (H, W, 3), RGB, of any shape.

    Returns: float32 (labels, H, W), 1 in sum over the labels.
    """
    try:
        from pydensecrf.densecrf import DenseCRF2D  # compiled code, and nothing to those who only read the settings
    except ImportError:
        fault = "the dense CRF needs the package pydensecrf2"
        raise InputError(fault, 'install it: pip install ".[workflow]"') from None

    labels, height, width = probabilities.shape
    if photograph.shape != (height, width, 3):
        raise ValueError(f"probabilities of {height}×{width} pixels do not fit a photograph of {photograph.shape}")
    crf = DenseCRF2D(width, height, labels)
    energy = -np.log(np.clip(probabilities, LOWEST, 1)).reshape(labels, -1)
    crf.setUnaryEnergy(np.ascontiguousarray(energy, dtype=np.float32))
    crf.addPairwiseGaussian(sxy=settings.smoothness_xy_std, compat=settings.smoothness_weight)
    crf.addPairwiseBilateral(
        sxy=settings.bilateral_xy_std,
        srgb=settings.bilateral_rgb_std,
        rgbim=np.require(photograph, np.uint8, ["C", "W"]),  # decoded photographs are often read-only
        compat=settings.bilateral_weight,
    )
    marginals = np.array(crf.inference(settings.iterations), dtype=np.float32)
    return marginals.reshape(labels, height, width)


def refine(probabilities: np.ndarray, photograph: np.ndarray, settings: CrfSettings) -> np.ndarray:
    """The position of the label of the highest marginal, uint8 (H, W); arguments as of `dense_crf`."""
    return dense_crf(probabilities, photograph, settings).argmax(axis=0).astype(np.uint8)
