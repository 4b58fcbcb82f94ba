"""Records what PyTorch computes with convolutions, for `packages/engine/src/ops/convolution.test.ts` to compare with.

    python make_convolution_fixture.py OUT.json

Inputs, weights and cotangents are small whole numbers from a formula (`whole`), so that results are exact in any precision and order;
the file holds their shapes, the settings, the result and the gradients of its product with the cotangent, all in float64.
"""

import json
import sys

import torch
import torch.nn.functional as functional

CONVOLUTIONS = [
    # x, weight, settings
    ((2, 3, 11), (4, 3, 3), {"stride": 2, "padding": 2, "dilation": 2}),
    ((2, 3, 7, 6), (4, 3, 3, 3), {"padding": 1}),
    ((2, 4, 9, 8), (6, 2, 3, 3), {"stride": 2, "padding": 1, "groups": 2}),
    ((2, 4, 8, 8), (3, 4, 4, 4), {"stride": 2, "padding": 1}),
    ((2, 2, 9, 10), (3, 2, 2, 3), {"stride": (1, 3), "padding": (2, 1), "dilation": (3, 2)}),
    ((2, 5, 6, 7), (5, 1, 5, 5), {"padding": 2, "groups": 5}),
    ((2, 6, 5, 4), (4, 6, 1, 1), {}),
    ((1, 4, 5, 6, 4), (6, 2, 3, 2, 2), {"stride": (2, 1, 2), "padding": (1, 0, 1), "groups": 2}),
]
TRANSPOSED = [
    ((2, 3, 5), (3, 2, 4), {"stride": 3, "padding": 1, "output_padding": 2}),
    ((2, 4, 4, 5), (4, 3, 4, 4), {"stride": 2, "padding": 1}),
    ((2, 4, 4, 3), (4, 2, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}),
    ((2, 3, 6, 5), (3, 4, 3, 3), {"padding": 1, "dilation": (1, 2)}),
    ((1, 3, 2, 3, 2), (3, 2, 2, 3, 2), {"stride": 2, "padding": (0, 1, 0), "output_padding": (0, 1, 1)}),
]


def whole(shape, salt):
    """Element i is (37 i + 11 salt) mod 13 - 6."""
    count = torch.Size(shape).numel()
    return ((37 * torch.arange(count) + 11 * salt) % 13 - 6).double().reshape(shape)


def record(kind, x_shape, weight_shape, settings):
    axes = len(x_shape) - 2
    function = getattr(functional, f"{kind}{axes}d")
    x, weight = whole(x_shape, 1).requires_grad_(), whole(weight_shape, 2).requires_grad_()
    y = function(x, weight, **settings)
    dx, dweight = torch.autograd.grad((y * whole(y.shape, 3)).sum(), (x, weight))
    numbers = {name: [int(value) for value in tensor.flatten()] for name, tensor in (("y", y), ("dx", dx), ("dweight", dweight))}
    return {"kind": kind, "x": x_shape, "weight": weight_shape, "settings": settings, "shape": list(y.shape), **numbers}


cases = [record("conv", *case) for case in CONVOLUTIONS] + [record("conv_transpose", *case) for case in TRANSPOSED]
origin = f"bench/peers/make_convolution_fixture.py, PyTorch {torch.__version__}"
with open(sys.argv[1], "w", encoding="utf-8") as file:
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    file.write(f'{{\n"origin": {json.dumps(origin)},\n"cases": [\n{lines}\n]\n}}\n')
