"""The guided filter against least squares written out, and on a photograph whose edge one can see."""

import numpy as np
import pytest
import torch

from lpg.pixels.guided import RIDGE, colour_functions, fitted_functions, mask_of_colours


def functions_by_hand(image, mask, radius):
    """Ridge regression in every square, then the mean of the squares that hold a pixel; slow and plain."""
    height, width = mask.shape
    squares = [
        (slice(max(row - radius, 0), row + radius + 1), slice(max(column - radius, 0), column + radius + 1))
        for row in range(height)
        for column in range(width)
    ]
    fitted = []
    for where in squares:
        colours, wanted = image[:, *where].reshape(3, -1).T, mask[where].ravel()
        middle, mean = colours.mean(axis=0), wanted.mean()
        centred = colours - middle
        a = np.linalg.solve(
            centred.T @ centred + len(wanted) * RIDGE * np.eye(3),
            centred.T @ (wanted - mean),
        )
        fitted.append(np.append(a, mean - a @ middle))
    fitted = np.array(fitted).reshape(height, width, 4)
    return np.array([fitted[where].reshape(-1, 4).mean(axis=0) for where in squares]).reshape(height, width, 4)


def test_the_functions_are_those_of_least_squares_in_every_square():
    rng = np.random.default_rng(0)
    images, masks = rng.random((2, 3, 7, 9)), rng.random((2, 7, 9))
    for radius in (1, 2, 5):
        found = fitted_functions(torch.tensor(images), torch.tensor(masks)[:, None], radius)
        for functions, image, mask in zip(found, images, masks, strict=True):
            wanted = functions_by_hand(image, mask, radius).transpose(2, 0, 1)
            np.testing.assert_allclose(functions, wanted, rtol=1e-6)


def test_a_mask_without_colours_to_follow_is_the_mean_around_every_pixel():
    mask = torch.zeros(5, 5)
    mask[2, 2] = 1
    functions = fitted_functions(torch.full((1, 3, 5, 5), 0.5), mask[None, None], 1)[0]
    assert torch.allclose(functions[:3], torch.zeros(3, 5, 5), atol=1e-4)
    assert torch.allclose(functions[3, 2], torch.tensor([1 / 18, 6 / 81, 1 / 9, 6 / 81, 1 / 18]), atol=1e-4)


@pytest.mark.parametrize(("height", "width"), [(12, 16), (11, 15)])
def test_squares_are_fitted_on_half_of_the_resolution_and_functions_lie_where_their_pixels_are(height, width):
    """The pixels of an input of even sides are halves of an odd one, whose last row and column are their own means."""
    rng = np.random.default_rng(0)
    image, mask = torch.tensor(rng.random((3, height, width))), torch.tensor(rng.random((height, width)))
    rows, columns = (np.arange(0, side, 2) for side in (height, width))

    def halved(values: torch.Tensor) -> torch.Tensor:
        cells = [
            [values[..., row : row + 2, column : column + 2].mean(dim=(-2, -1)) for column in columns] for row in rows
        ]
        return torch.stack([torch.stack(row, dim=-1) for row in cells], dim=-2)

    wanted = fitted_functions(halved(image)[None], halved(mask)[None, None], 2)[0]
    found = colour_functions(image[None], mask[None], 3)[0]
    assert found.shape == (4, height, width)
    # Four pixels around the corner of four cells: nine, three, three and one sixteenth of them.
    near = wanted[:, 2:4, 3:5]
    corner = (9 * near[:, 0, 0] + 3 * near[:, 0, 1] + 3 * near[:, 1, 0] + near[:, 1, 1]) / 16
    torch.testing.assert_close(found[:, 5, 7], corner)
    torch.testing.assert_close(found[:, 0, 0], wanted[:, 0, 0])


def test_a_coarse_mask_ends_at_the_edge_of_the_photograph():
    photograph = torch.full((3, 16, 16), 200, dtype=torch.uint8)
    photograph[:, :, 6:] = 40
    coarse = torch.ones(16, 16)
    coarse[:, 8:] = 0  # two columns too wide
    functions = colour_functions(photograph[None] / 255, coarse[None], 6)[0]
    mask = mask_of_colours(functions, photograph)
    assert mask.dtype == torch.uint8
    assert (mask[:, :6] > 200).all()
    assert (mask[:, 6:] < 128).all()


def test_colours_far_from_those_that_were_fitted_stay_within_0_and_1():
    functions = torch.tensor([2.0, 0, 0, -0.4])[:, None, None]
    reds = torch.tensor([[[0, 51, 100, 255]], [[0] * 4], [[0] * 4]], dtype=torch.uint8)
    assert mask_of_colours(functions.expand(4, 1, 4), reds).tolist() == [[0, 0, 98, 255]]
