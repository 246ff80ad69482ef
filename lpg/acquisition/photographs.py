"""Real photographs for the demo, those inside scikit-image, with boxes of ours and no masks, in the layout of COCO."""

import json
from pathlib import Path

from PIL import Image
from skimage import data

from lpg.files.atomic import replace_atomically

# What is in them: class and box, x0 y0 x1 y1, edges in pixels. All are in the public domain or CC0 (skimage.data).
BOXED = {
    data.chelsea: [("cat", (0, 0, 400, 300))],
    data.coffee: [("cup", (172, 16, 412, 312)), ("saucer", (72, 62, 482, 388))],
    data.rocket: [("rocket", (303, 124, 340, 412))],
    data.astronaut: [
        ("astronaut", (12, 8, 376, 512)),
        ("helmet", (277, 340, 512, 512)),
        ("shuttle", (370, 0, 456, 286)),
    ],
}


def write_photographs(folder: str | Path) -> None:
    """Write `<folder>/images` and `<folder>/annotations.json`."""
    names = sorted({name for objects in BOXED.values() for name, _ in objects})
    images, annotations = [], []
    for image_id, (photograph, objects) in enumerate(BOXED.items(), start=1):
        path = Path(folder, "images", f"{photograph.__name__}.png")
        pixels = photograph()
        with replace_atomically(path) as partial:
            Image.fromarray(pixels).save(partial, format="PNG")
        height, width = pixels.shape[:2]
        images.append({"id": image_id, "file_name": path.name, "height": height, "width": width})
        for name, (x0, y0, x1, y1) in objects:
            annotations.append({
                "id": len(annotations) + 1, "image_id": image_id, "category_id": 1 + names.index(name),
                "bbox": [x0, y0, x1 - x0, y1 - y0], "iscrowd": 0,
            })  # fmt: skip
    categories = [{"id": key, "name": name} for key, name in enumerate(names, start=1)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    with replace_atomically(Path(folder, "annotations.json")) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n")
