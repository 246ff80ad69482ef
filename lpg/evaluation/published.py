"""The figures of Tables II to VIII as the paper prints them, and Box2Seg's. Nothing else in the code repeats them.

All are mIoU in per cent on VOC 2012 val (Table VII: COCO val, 60 classes; Table III: pseudo masks, whose images the
paper does not name). Segmenters start from ImageNet; published segmenter scores are with dense CRF at test time.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        label: the method, as the paper calls it.
        stages: mIoU by stage; empty where the table gives one figure only.
        final: that one figure, or the one of the last stage.
        supervision: `class labels`, `weak` (boxes), `semi` (boxes and 1,464 masks) or `full`.
        note: what a reader must know to compare.
    """

    label: str
    stages: tuple[float, ...] = ()
    final: float | None = None
    supervision: str = "weak"
    note: str = ""

    @property
    def last(self) -> float | None:
        return self.final if self.final is not None else (self.stages[-1] if self.stages else None)


@dataclass(frozen=True)
class Table:
    """A table of the paper; `what` it measures is `segmenter` or `pseudo masks`, as in a row of the scores."""

    title: str
    what: str
    rows: tuple[Row, ...]


_OTHERS_CODE = "figure of its own paper, cited by the table; its method is here as a generator"
_FIRST_ROUND = "figure of its own paper, cited by the table; its first round is here, the best MCG proposal of a box"
_NOT_RUN = "published figure, not run here"

TABLES = {
    "table_2": Table(
        "Table II: number of stages and architecture of the generator (LargeFOV)",
        "segmenter",
        (
            Row("ResNet18", (64.7, 65.9, 66.5, 66.6), note="11.1 M parameters"),
            Row("ResNet101", (65.6, 66.6, 67.1, 67.2), note="42.5 M parameters"),
            Row("HgNet (Fixed)", (64.6, 66.4, 67.5, 67.6), note="12.1 M parameters"),
            Row("HgNet (EM)", (66.8, 68.3, 68.4, 68.3), note="12.1 M parameters"),
        ),
    ),
    "table_3": Table(
        "Table III: pseudo masks of stage-wise LPG and of dense CRF",
        "pseudo masks",
        (
            Row("LargeFOV", (78.2, 81.7, 82.2)),
            Row("ResNet101", (78.9, 82.3, 82.6)),
            Row("CRF", final=69.7),
        ),
    ),
    "table_4": Table(
        "Table IV: LargeFOV on VOC 2012",
        "segmenter",
        (
            Row("TransferNet", final=52.1, supervision="class labels", note=f"{_NOT_RUN}: it takes no boxes"),
            Row("WSSL", final=60.6, note=_OTHERS_CODE),
            Row("BoxSup", final=62.0, note=_FIRST_ROUND),
            Row("SDI", final=65.7, note=_OTHERS_CODE),
            Row("BCM", final=66.8, note=_OTHERS_CODE),
            Row("Ours", (66.8, 68.3, 68.4)),
            Row("WSSL, semi", final=65.1, supervision="semi", note=_OTHERS_CODE),
            Row("BoxSup, semi", final=63.5, supervision="semi", note=_FIRST_ROUND),
            Row("SDI, semi", final=65.8, supervision="semi", note=_OTHERS_CODE),
            Row("BCM, semi", final=67.5, supervision="semi", note=_OTHERS_CODE),
            Row("Ours, semi", final=68.7, supervision="semi"),
            Row("Full", final=69.6, supervision="full"),
        ),
    ),
    "table_5": Table(
        "Table V: DeepLab-ResNet101 on VOC 2012",
        "segmenter",
        (
            Row("SDI", final=69.4, note=_OTHERS_CODE),
            Row("BCM", final=70.2, note=_OTHERS_CODE),
            Row("Ours", (71.6, 73.1, 73.3)),
            Row("BCM, semi", final=71.6, supervision="semi", note=_OTHERS_CODE),
            Row("Ours, semi", final=73.8, supervision="semi"),
            Row("Full", final=74.5, supervision="full"),
            Row(
                "Box2Seg",
                final=76.4,
                note=f"{_NOT_RUN}: stronger network, no code; of its own paper (ECCV 2020)",
            ),
        ),
    ),
    "table_6": Table(
        "Table VI: fewer auxiliary masks (LargeFOV)",
        "segmenter",
        (
            Row("LPG 30%", (64.1, 65.6, 65.7, 65.7), note="25 % of the images"),
            Row("LPG 60%", (65.7, 67.3, 67.5, 67.6), note="50 % of the images"),
            Row("LPG 85%", (66.3, 67.8, 68.0, 67.9), note="75 % of the images"),
            Row("LPG full", (66.8, 68.3, 68.4, 68.3), note="all images"),
        ),
    ),
    "table_7": Table(
        "Table VII: auxiliary and target swapped, on COCO val (LargeFOV)",
        "segmenter",
        (
            Row("LPG coco", (42.1, 43.2, 43.4), note="learned on COCO's 60 classes themselves"),
            Row("LPG voc", (40.3, 40.9, 40.8), note="learned on VOC's 20 classes"),
        ),
    ),
    "table_8": Table(
        "Table VIII: a generator learned with one segmenter, used for another (ResNet101)",
        "segmenter",
        (
            Row("LPG'", (71.3, 72.6, 72.9), note="learned with LargeFOV"),
            Row("LPG", (71.6, 73.1, 73.3), note="learned with ResNet101"),
        ),
    ),
}
