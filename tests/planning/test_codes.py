"""The digests of a run's jobs follow the networks and methods that its recipes name."""

from dataclasses import replace

import pytest
from conftest import ROOT

from lpg.annotations.registry import FORMATS
from lpg.generators.registry import LEARNED, METHODS
from lpg.jobs.code import code_digest, line_digest
from lpg.networks.registry import GENERATORS, HUB, SEGMENTERS, TRUNKS
from lpg.planning.codes import Codes
from lpg.segmenter.registry import MASKING, TASKS

SCRIPTS = ROOT / "workflow" / "scripts"


@pytest.fixture
def codes(plan, target, settings) -> Codes:
    settings["segmenters"]["attentive"] = {"architecture": "largefov", "masking": True}
    settings["segmenters"]["filling"] = {"architecture": "largefov", "loss": "filling_rate"}
    settings["datasets"]["val"] = {"format": "voc", "root": "results/voc", "split": "val"}
    return Codes(
        plan(
            voc=target(dataset=["voc", "val"]),
            own=target(generator={"learn": "ready"}),
            file=target(generator={"file": "results/teacher/stage3/generator.pt"}),
            shipped=target(generator={"shipped": "disjoint"}),
            em=target(generator={"method": "wssl_em_fixed"}),
            attentive=target(segmenter="attentive"),
            filling=target(segmenter="filling"),
        ),
        SCRIPTS,
    )


def test_without_lines_it_is_the_digest_of_the_script(codes):
    assert codes.of("score_stage") == code_digest(SCRIPTS / "score_stage.py")


def test_a_job_is_run_again_when_what_it_opens_by_name_is_another(codes):
    def digest(run: str) -> str:
        return codes.of("train_segmenter", codes.segmenter_training, {"run": run})

    assert digest("voc") == digest("own") == digest("voc+val.light")
    assert len({digest(run) for run in ("voc", "attentive", "filling")}) == 3


def test_datasets_open_their_readers(codes):
    assert codes.formats("voc") == [FORMATS["coco"]]
    assert codes.run_formats("teacher") == [FORMATS["coco"]]
    assert codes.run_formats("voc") == [FORMATS["coco"], FORMATS["voc"]]


def test_a_segmenter_opens_its_network_and_what_it_is_trained_with(codes):
    largefov = SEGMENTERS["largefov"]
    assert codes.segmenter("voc") == codes.segmenter("voc+val.light") == [SEGMENTERS["resnet18"]]
    assert codes.segmenter("attentive") == [largefov, MASKING]
    assert codes.segmenter("filling") == [largefov]
    assert codes.segmenter_training("voc") == [SEGMENTERS["resnet18"], TASKS["plain"]]
    assert codes.segmenter_training("attentive") == [largefov, MASKING, TASKS["bcm"]]
    assert codes.segmenter_training("filling") == [largefov, TASKS["bcm"]]


def test_a_generator_is_the_learners_network_any_network_or_a_method(codes):
    assert codes.generator_training("teacher") == [GENERATORS["hourglass"]]
    assert codes.generator("teacher") == codes.generator("voc") == [LEARNED, GENERATORS["hourglass"]]
    assert codes.generator("own") == [LEARNED, GENERATORS["resnet18"]]
    assert codes.generator("file") == [LEARNED, *GENERATORS.values(), *TRUNKS.values()]
    assert codes.generator("em") == [METHODS["wssl_em_fixed"]]
    assert codes.generator("shipped") == [LEARNED, GENERATORS["unet"], TRUNKS["tf_efficientnet_lite0"]]


def test_a_network_on_a_packaged_trunk_opens_the_trunks_line_too(plan, target, settings):
    settings["segmenters"]["other"] = {"architecture": "fpn", "trunk": "tf_efficientnet_lite2"}
    settings["segmenters"]["hub"] = {"architecture": "fpn", "trunk": "resnet18"}
    settings["generators"]["hub"] = {"architecture": "unet", "trunk": "resnet18"}
    codes = Codes(
        plan(
            fpn=target(segmenter="fpn", generator={"learn": "unet"}),
            other=target(segmenter="other", generator={"from": "fpn"}),
            hub=target(segmenter="hub", generator={"learn": "hub"}),
        ),
        SCRIPTS,
    )
    network, generator = SEGMENTERS["fpn"], GENERATORS["unet"]
    lite0, lite2 = TRUNKS["tf_efficientnet_lite0"], TRUNKS["tf_efficientnet_lite2"]
    assert codes.segmenter("fpn") == [network, lite0]
    assert codes.segmenter("other") == [network, lite2]
    assert codes.segmenter("hub") == [network, HUB]
    assert codes.segmenter_training("fpn") == [network, lite0, TASKS["plain"]]
    assert codes.generator_training("fpn") == [generator, lite0]
    assert codes.generator("fpn") == codes.generator("other") == [LEARNED, generator, lite0]
    assert codes.generator("hub") == [LEARNED, generator, HUB]
    digests = {codes.of("train_segmenter", codes.segmenter_training, {"run": run}) for run in ("fpn", "other", "hub")}
    assert len(digests) == 3


def test_other_weights_of_a_trunk_are_other_code():
    line = TRUNKS["tf_efficientnet_lite0"]
    assert line_digest(line) == line_digest(replace(line))
    assert line_digest(line) != line_digest(replace(line, sha256=64 * "0"))
    assert line_digest(line) != line_digest(replace(line, normalisation=((0, 0, 0), (1, 1, 1))))
