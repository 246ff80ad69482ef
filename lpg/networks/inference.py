"""A trained network made ready to be applied: normalisations folded away, in the arithmetic its device is good at."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval

from lpg.errors import InputError
from lpg.jobs.machine import check_device, has_bfloat16, keep_float32_whole

SIDE = 64  # of the image that shows which convolution a normalisation follows
AT_ONCE = {"cpu": 4, "cuda": 32}  # inputs, at most; on a CPU few are quicker than many
PIXELS = {"cpu": 4 * 384 * 384, "cuda": 32 * 512 * 512}  # of them together, but for a larger one by itself
EXACT = 1e-3  # of the largest logit: what folding may change by rounding


def ready(network: nn.Module, device: str) -> nn.Module:
    """A network that gives the same logits in less time, and is not to be trained; a copy, if anything is folded.

    Arguments:
        network: as `lpg.networks.protocols` describes it; what it says of itself stays.
        device: where it goes, `cpu` or `cuda`.

    Raises:
        InputError: that is none of the two, or there is no GPU.
    """
    check_device(device)
    keep_float32_whole()
    return folded(network.cpu().eval()).to(device, memory_format=torch.channels_last)


def arithmetic(device: str) -> AbstractContextManager:
    """The arithmetic of networks that are applied: bfloat16 in convolutions where the device has it, float32 elsewhere.

    Masks are the same in 99.9 % of the pixels (docs/performance.md).
    """
    return torch.autocast(device, dtype=torch.bfloat16, enabled=has_bfloat16(device))


def together(
    inputs: Sequence[Tensor],
    forward: Callable[[list[int]], Iterable[Tensor]],
    device: str,
) -> list[Tensor]:
    """What a network answers on every input (channels, h, w), where those of one size go through it at once.

    Arguments:
        forward: the answers on the inputs at some positions.

    Raises:
        InputError: a GPU's memory is too small for a single one.
    """
    sizes: dict[torch.Size, list[int]] = {}
    for index, channels in enumerate(inputs):
        sizes.setdefault(channels.shape, []).append(index)
    answers: dict[int, Tensor] = {}
    for (_, height, width), alike in sizes.items():
        step = max(1, min(AT_ONCE[device], PIXELS[device] // (height * width)))
        for start in range(0, len(alike), step):
            group = alike[start : start + step]
            answers |= zip(group, _fitting(group, forward), strict=True)
    return [answers[index] for index in range(len(inputs))]


def _fitting(group: list[int], forward: Callable[[list[int]], Iterable[Tensor]]) -> list[Tensor]:
    """The answers on a group at once, or on half as many as long as a GPU's memory is too small."""
    step = len(group)
    while step:
        try:
            return [answer for start in range(0, len(group), step) for answer in forward(group[start : start + step])]
        except torch.OutOfMemoryError:
            step //= 2
        torch.cuda.empty_cache()
    fault = "the GPU's memory is too small for a single input"
    raise InputError(fault, "see that nothing else fills it", permission="cpu")


@torch.no_grad()
def folded(network: nn.Module) -> nn.Module:
    """A copy in which every batch normalisation that follows a convolution has become part of it.

    Which follows which is seen on an example. A network without any, or in which such a convolution has other readers
    too, stays as it is.
    """
    first = next((layer for layer in network.modules() if isinstance(layer, nn.Conv2d)), None)
    if first is None:
        return network
    example = torch.rand(1, first.in_channels, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    pairs = _neighbours(network, example)
    if not pairs:
        return network
    copy = deepcopy(network)
    for convolution, normalisation in pairs:
        one, other = copy.get_submodule(convolution), copy.get_submodule(normalisation)
        copy.set_submodule(convolution, fuse_conv_bn_eval(one, other))
        copy.set_submodule(normalisation, _what_is_left(other))
    expected = network(example)
    same = torch.allclose(copy(example), expected, rtol=0, atol=EXACT * float(expected.abs().max()))
    return copy if same else network


def _neighbours(network: nn.Module, example: Tensor) -> list[tuple[str, str]]:
    """The names of convolutions and of the normalisations that read what they give."""
    given: dict[int, tuple[str, Tensor]] = {}  # by the identity of a tensor, which is kept, so that no other takes it
    pairs = []

    def gives(layer: nn.Module, inputs: tuple, output: Tensor) -> None:
        given[id(output)] = names[layer], output

    def reads(layer: nn.Module, inputs: tuple) -> None:
        if id(inputs[0]) in given:
            pairs.append((given[id(inputs[0])][0], names[layer]))

    names = {layer: name for name, layer in network.named_modules()}
    hooks = [layer.register_forward_hook(gives) for layer in names if isinstance(layer, nn.Conv2d)]
    hooks += [layer.register_forward_pre_hook(reads) for layer in names if isinstance(layer, _BatchNorm)]
    network(example)
    for hook in hooks:
        hook.remove()
    return pairs


def _what_is_left(normalisation: nn.Module) -> nn.Module:
    """What is left of a normalisation that is folded: timm's have the activation that follows in them."""
    return nn.Sequential(normalisation.drop, normalisation.act) if hasattr(normalisation, "act") else nn.Identity()
