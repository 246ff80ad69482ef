"""Images of any size, brought to a multiple."""

import torch

from lpg.graphs.padding import pad_with

IMAGE = torch.tensor([[[[1, 2, 3]], [[4, 5, 6]]]], dtype=torch.uint8)  # two channels, one row


def test_every_channel_is_filled_with_its_own_value():
    found = pad_with(IMAGE, 2, torch.tensor([7, 255], dtype=torch.uint8))
    assert found.tolist() == [[[[1, 2, 3, 7], [7, 7, 7, 7]], [[4, 5, 6, 255], [255, 255, 255, 255]]]]
    assert found.dtype == torch.uint8


def test_every_sample_may_have_its_own_too():
    found = pad_with(IMAGE.swapaxes(0, 1), 2, torch.tensor([[0.0], [153.0]]))
    assert found.tolist() == [[[[1, 2, 3, 0], [0, 0, 0, 0]]], [[[4, 5, 6, 153], [153, 153, 153, 153]]]]


def test_what_fits_is_left_alone():
    assert torch.equal(pad_with(IMAGE, 1, torch.zeros(2)), IMAGE)
