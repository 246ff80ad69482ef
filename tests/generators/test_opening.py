"""Generators by name, and what is refused of their options."""

import pytest

from lpg.errors import InputError
from lpg.generators.interface import Generator
from lpg.generators.opening import check_method, open_method
from lpg.generators.registry import METHODS


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if not method.required])
def test_methods_are_opened_by_name(name):
    generator = open_method(name, {})
    assert isinstance(generator, Generator)
    assert generator.to("cpu") is generator


def test_options_reach_the_generator():
    generator = open_method("wssl_em_fixed", {"foreground_bias": 2.5, "background_bias": 1})
    assert (generator.foreground_bias, generator.background_bias) == (2.5, 1)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("grab", {}, "^runs.a.method: 'grab' is no generator; known are boxes, boxes_ignore, "),
        ("boxes", {"size": 1}, "^runs.a: 'boxes' takes no option 'size'; it takes none$"),
        ("grabcut_plus", {"sides": 1}, "^runs.a: 'grabcut_plus' takes no option 'sides'; it takes samples, side$"),
        ("mcg", {}, "^runs.a: 'mcg' needs proposals; add it beside method$"),
        ("grabcut_and_mcg", {"samples": 3}, "^runs.a: 'grabcut_and_mcg' needs proposals; "),
        ("mcg", {"proposals": "no/such/folder"}, r"^runs.a.proposals: no/such/folder does not exist; mend the path$"),
        ("grabcut_plus", {"samples": 0}, "^runs.a.samples: 0 is not a whole number above 0; mend the value$"),
        ("grabcut_plus", {"samples": 2.5}, "^runs.a.samples: 2.5 is not a whole number above 0; "),
        ("grabcut_plus", {"side": True}, "^runs.a.side: True is not a whole number above 0; "),
        ("grabcut", {"minimum_area": -0.1}, "^runs.a.minimum_area: -0.1 is not a number, 0 or above; "),
        (
            "grabcut",
            {"minimum_area": 10},
            "^runs.a.minimum_area: 10 is no part of an area; write a number from 0 to 1$",
        ),
        ("wssl_em_adapt", {"foreground_portion": 20}, "^runs.a.foreground_portion: 20 is no part of an area; "),
        ("grabcut", {"minimum_area": "0.1"}, "^runs.a.minimum_area: '0.1' is not a number, 0 or above; "),
    ],
)
def test_what_no_generator_takes_is_refused(name, options, message):
    with pytest.raises(InputError, match=message):
        check_method("runs.a", name, options)


def test_what_a_generator_takes_is_not_refused(tmp_path):
    check_method("runs.a", "grabcut_and_mcg", {"proposals": str(tmp_path), "samples": 3})
    check_method("runs.a", "wssl_em_fixed", {"foreground_bias": 0, "background_bias": 2.5})
