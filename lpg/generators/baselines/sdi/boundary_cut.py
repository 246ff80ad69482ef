"""GrabCut (Rother et al., SIGGRAPH 2004) whose pairwise terms are boundaries of any origin, as SDI has it.

OpenCV's knows colour contrasts only. Colours are clustered by OpenCV's k-means, the cut is PyMaxflow's.
"""

import cv2
import maxflow
import numpy as np

ITERATIONS = 5
COMPONENTS = 5  # of a colour model
SAMPLES = 2000  # pixels that a colour model learns from, at most
SMOOTHNESS = 50.0  # γ of GrabCut
NEVER = 1e9  # the cost of an object outside the box
# Neighbours of a pixel, each pair once: rows and columns away.
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


def boundary_cut(photograph: np.ndarray, boundaries: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    """The object inside a box, bool (H, W); nothing outside the box is of it.

    Arguments:
        photograph: RGB, uint8 (H, W, 3), with background around the box.
        boundaries: float32 (H, W) in [0, 1].
    """
    outside = np.ones(photograph.shape[:2], dtype=bool)
    outside[box] = False
    mask = ~outside
    if not outside.any():
        return mask
    colours = photograph.reshape(-1, 3).astype(np.float64)
    links = _links(boundaries)
    for _ in range(ITERATIONS):
        if not mask.any():
            break
        object_cost, background_cost = (
            _surprise(colours, colours[where.ravel()]).reshape(mask.shape) for where in (mask, ~mask)
        )
        object_cost[outside] = NEVER
        cut = _cut(object_cost, background_cost, links)
        if (cut == mask).all():
            break
        mask = cut
    return mask


def _links(boundaries: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The cost of parting neighbours, float64 (H, W) per direction, with PyMaxflow's pattern: little at a boundary."""
    height, width = boundaries.shape
    places = [(slice(0, height - down), slice(max(0, -right), width - max(0, right))) for down, right in NEIGHBOURS]
    squares = []
    for (down, right), here in zip(NEIGHBOURS, places, strict=True):
        there = slice(down, height), slice(max(0, right), width - max(0, -right))
        squares.append(np.maximum(boundaries[here], boundaries[there]) ** 2)
    scale = 2 * max(np.mean([square.mean() for square in squares if square.size] or [0]), 1e-12)
    links = []
    for (down, right), here, square in zip(NEIGHBOURS, places, squares, strict=True):
        pattern = np.zeros((3, 3))
        pattern[1 + down, 1 + right] = 1
        weights = np.zeros(boundaries.shape)
        weights[here] = SMOOTHNESS / np.hypot(down, right) * np.exp(-square / scale)
        links.append((weights, pattern))
    return links


def _surprise(colours: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Minus the logarithm of how likely colours (N, 3) are under a mixture of Gaussians of samples (M, 3)."""
    samples = samples[:: max(1, len(samples) // SAMPLES)]
    count = min(COMPONENTS, len(samples))
    cv2.setRNGSeed(0)  # its k-means starts at random
    criteria = cv2.TERM_CRITERIA_MAX_ITER, 10, 0
    _, owner, means = cv2.kmeans(samples.astype(np.float32), count, None, criteria, 1, cv2.KMEANS_PP_CENTERS)
    likelihood = np.zeros(len(colours))
    for index, mean in enumerate(means):
        own = samples[owner[:, 0] == index]
        covariance = (own - mean).T @ (own - mean) / max(1, len(own)) + np.eye(3)  # a grey level of doubt
        away = colours - mean
        distance = ((away @ np.linalg.inv(covariance)) * away).sum(axis=1)
        likelihood += len(own) / len(samples) * np.exp(-distance / 2) / np.sqrt(np.linalg.det(covariance))
    return -np.log(likelihood + 1e-30)


def _cut(
    object_cost: np.ndarray, background_cost: np.ndarray, links: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """The labelling of least cost, bool (H, W)."""
    graph = maxflow.Graph[float]()
    nodes = graph.add_grid_nodes(object_cost.shape)
    for weights, pattern in links:
        graph.add_grid_edges(nodes, weights, pattern, symmetric=True)
    graph.add_grid_tedges(nodes, object_cost, background_cost)
    graph.maxflow()
    return graph.get_grid_segments(nodes)
