"""One black and white PNG an object."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lpg.annotations.exporters.annotated import Annotated, object_name, say_left_out
from lpg.errors import InputError
from lpg.files.atomic import replace_atomically


def export_png(
    photographs: Iterable[Annotated], classes: Sequence[str], folder: str | Path, source: Path | None = None
) -> None:
    """Write `<folder>/<photograph>__<id of the object>.png`, 255 on the object, as large as the photograph.

    An object with an empty mask is left out.

    Raises:
        InputError: there are no masks.
    """
    empty = 0
    for annotated in photographs:
        if annotated.masks is None:
            raise InputError(
                f"{annotated.image.path} has boxes and no masks",
                "make masks first (lpg masks), or add --masks if the file has some",
            )
        empty += annotated.empty
        for index in (index for index, mask in enumerate(annotated.masks) if mask.any()):
            path = Path(folder, f"{object_name(annotated, index)}.png")
            with replace_atomically(path) as partial:
                Image.fromarray(annotated.whole(index).astype(np.uint8) * 255).save(partial, format="PNG")
    say_left_out(empty)
