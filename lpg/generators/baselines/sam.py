"""Segment Anything (Kirillov et al., ICCV 2023), prompted by boxes."""

from pathlib import Path

import numpy as np
import torch

from lpg.errors import InputError
from lpg.generators.interface import Generator, Request, SoftMasks


class SegmentAnything(Generator):
    """Per box the sigmoid of SAM's mask logits at the photograph's size, cut to the box.

    SAM can give three masks per prompt, for a prompt that may mean a part or the whole. A box is seldom ambiguous, so
    this is the single mask, which SAM's authors take for boxes too. The boxes of a photograph share one call.

    Arguments:
        checkpoint: a folder as `save_pretrained` of transformers writes it: weights, `config.json` and
            `preprocessor_config.json`. Nothing is downloaded.
    """

    network = True

    def __init__(self, checkpoint: str) -> None:
        if not Path(checkpoint, "config.json").is_file():
            raise InputError(
                f"{checkpoint} is no checkpoint of SAM",
                "put the folder of a SamModel there (config.json, "
                "preprocessor_config.json and the weights), such as a local copy of sam-vit-base",
            )
        try:
            from transformers import SamModel, SamProcessor
        except ImportError:
            raise InputError(
                "method sam needs the package transformers", "install it: pip install -e '.[sam]'"
            ) from None
        self.processor = SamProcessor.from_pretrained(checkpoint, local_files_only=True)
        self.model = SamModel.from_pretrained(checkpoint, local_files_only=True).eval()

    def to(self, device: str) -> "SegmentAnything":
        self.model.to(device)
        return self

    def masks_of(self, request: Request) -> SoftMasks:
        image = request.image
        soft = self.soft_masks(request.photograph, image.boxes)
        return SoftMasks.of_boxes(image, [mask[inside] for mask, inside in zip(soft, image.inside, strict=True)])

    @torch.inference_mode()
    def soft_masks(self, photograph: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """One soft mask per box (N, 4), over the whole photograph; uint8 (N, H, W), 255 for 1."""
        prompts = self.processor(photograph, input_boxes=[boxes.tolist()], return_tensors="pt")
        answer = self.model(
            pixel_values=prompts["pixel_values"].to(self.model.device),
            input_boxes=prompts["input_boxes"].to(self.model.device, torch.float32),
            multimask_output=False,
        )
        (logits,) = self.processor.post_process_masks(
            answer.pred_masks.cpu(), prompts["original_sizes"], prompts["reshaped_input_sizes"], binarize=False
        )
        return (logits[:, 0].sigmoid() * 255).round().to(torch.uint8).numpy()
