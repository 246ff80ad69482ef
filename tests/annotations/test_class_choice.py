"""Classes that a configuration names are the dataset's, unless a group stands for them."""

import pytest

from lpg.annotations.class_choice import chosen_classes
from lpg.errors import InputError


@pytest.mark.parametrize(("keep", "exclude"), [(None, ["cat"]), (["cat", "wolf"], None), ("cat", None)])
def test_a_class_of_vocs_that_the_dataset_spells_otherwise_is_refused(keep, exclude):
    """The group `voc` has a cat; who writes it out means one that is here, which is called cats."""
    with pytest.raises(InputError, match=r"^datasets\.x: the dataset has no class 'cat'; did you mean 'cats'\?$"):
        chosen_classes(["cats", "wolf"], keep, exclude, "datasets.x")


def test_the_members_of_a_group_may_be_absent():
    assert chosen_classes(["cat", "wolf"], None, "voc", "datasets.x") == ["wolf"]
    assert chosen_classes(["cat", "wolf", "TV"], ["voc"], None, "datasets.x") == ["cat", "TV"]
    assert chosen_classes(["cat", "wolf"], None, ["person", "cat"], "datasets.x") == ["wolf"], "a small set may lack it"
    assert chosen_classes(["cat", "TV", "wolf"], None, ["tvmonitor"], "datasets.x") == ["cat", "wolf"]
