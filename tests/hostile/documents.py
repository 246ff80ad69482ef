"""Valid annotations of two photographs of 8 by 6 pixels, `a.jpg` and `sub/b c.PNG`, in every format."""

import base64
import io

import numpy as np
from PIL import Image

KITE = {"size": [6, 8], "counts": [14, 2, 4, 2, 26]}
BOXES = (
    (101, 11, 24, [1, 1, 4, 3]),
    (102, 11, 38, [2, 2, 2, 2]),
    (103, 12, 63, [6, 0, 2, 2]),
    (104, 12, 24, [0, 5, 8, 1]),
)
MASKS = ([[1, 1, 5, 1, 5, 4, 1, 4]], KITE, [[6, 0, 8, 0, 8, 2]], {"size": [6, 8], "counts": "510N20N20N20N1"})

COCO = {
    "images": [
        {"id": 11, "file_name": "a.jpg", "height": 6, "width": 8},
        {"id": 12, "file_name": "sub/b c.PNG", "height": 6, "width": 8},
    ],
    "annotations": [
        {"id": key, "image_id": image, "category_id": category, "bbox": bbox, "iscrowd": 0, "segmentation": mask}
        for (key, image, category, bbox), mask in zip(BOXES, MASKS, strict=True)
    ],
    "categories": [{"id": 63, "name": "couch"}, {"id": 24, "name": "zebra"}, {"id": 38, "name": "kite"}],
}


def _png(pixels: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _shape(label: str, kind: str, points: list, **keys) -> dict:
    return {"label": label, "points": points, "shape_type": kind, "group_id": None, **keys}


LABELME = {
    "version": "5.4.1",
    "flags": {},
    "shapes": [
        _shape("cat", "polygon", [[1, 1], [5, 1], [5, 4]]),
        _shape("dog", "mask", [[2, 2], [4, 4]], mask=_png(np.full((3, 3), 255, np.uint8))),
        _shape("dog", "circle", [[4, 3], [5, 3]], group_id=1),
        _shape("dog", "rectangle", [[0, 0], [3, 3]], group_id=1),
        _shape("cat", "point", [[0, 0]]),
    ],
    "imagePath": "a.jpg",
    "imageData": None,
    "imageHeight": 6,
    "imageWidth": 8,
}

CVAT = """<annotations><meta><task><labels><label><name>cat</name></label><label><name>dog</name></label>
</labels></task></meta>
<image id="0" name="a.jpg" width="8" height="6"><box label="cat" xtl="1.00" ytl="2.00" xbr="5.00" ybr="6.00"/>
<box label="cat" xtl="2" ytl="2" xbr="6" ybr="4" rotation="90.0"/><polygon label="dog" points="1,2;5,2;3,6"/></image>
<image id="1" name="sub/b c.PNG" subset="train" width="8" height="6"><ellipse label="cat" cx="4" cy="3" rx="2" ry="1"/>
<mask label="dog" rle="1, 3, 2" left="2" top="1" width="3" height="2"/></image></annotations>"""

VOC = """<annotation><folder>x</folder><filename>a.jpg</filename><size><width>8</width><height>6</height></size>
<object><name>cat</name><difficult>0</difficult><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>5</xmax><ymax>4</ymax></bndbox>
</object><object><name>dog</name><bndbox><xmin>4</xmin><ymin>3</ymin><xmax>5</xmax><ymax>4</ymax></bndbox></object>
</annotation>"""

YOLO = "0 0.5 0.5 0.25 0.5\n1 0.1 0.1 0.9 0.1 0.9 0.9\n1 0.5 0.5 0.25 0.5 0.9"
NAMES = {"path": ".", "train": "images", "val": ["images/sub"], "nc": 2, "names": ["cat", "dog"]}

TABLE = """image,width,height,class,xmin,ymin,xmax,ymax
a.jpg,8,6,cat,1,2,5,6
a.jpg,8,6,dog,0,0,8,6
sub/b c.PNG,8,6,cat,1,1,3,3
sub/b c.PNG,8,6,,,,,"""
HEADERLESS = "images/a.jpg,1,2,5,6,cat\nb c.PNG,,,,,\nsub/b c.PNG,0,0,2,2,dog"
