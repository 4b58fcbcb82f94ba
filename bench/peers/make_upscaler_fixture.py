"""Records what PyTorch computes with two small upscalers, for `packages/models/src/families/upscaler/upscaler.test.ts` to compare with.

    python make_upscaler_fixture.py STEM

The network is written out here, over random weights. STEM.safetensors gets the weights under Atelier's names, each behind the name of its case.
STEM.json gets for every case the large pictures, the small ones (avg_pool2d, rounded to levels), what they are enlarged to, the Charbonnier loss,
the squared error of values in [0, 1], and the norms of the loss's gradients.
"""

import json
import sys

import torch
import torch.nn.functional as functional

from safetensors_file import write_safetensors

SEED = 1337
WIDTH = 3
# Factor, residual blocks, and the shape of the large pictures.
CASES = {"double": (2, 2, (2, 2, 6, 4)), "quadruple": (4, 0, (1, 3, 8, 12))}


class Weights(dict):
    """Parameters by path, made when they are first asked for."""

    def conv(self, path, x, channels):
        if f"{path}.weight" not in self:
            for name, shape in (("weight", (channels, x.shape[1], 3, 3)), ("bias", (channels,))):
                self[f"{path}.{name}"] = (torch.randn(shape) * 0.3).double().requires_grad_()
        return functional.conv2d(x, self[f"{path}.weight"], self[f"{path}.bias"], padding=1)


def enlarge(weights: Weights, small, factor: int, blocks: int):
    first = h = weights.conv("input", small, WIDTH)
    for i in range(blocks):
        inner = functional.relu(weights.conv(f"blocks.{i}.conv1", h, WIDTH))
        h = h + weights.conv(f"blocks.{i}.conv2", inner, WIDTH)
    h = first + weights.conv("joined", h, WIDTH)
    detail = weights.conv("output", h, small.shape[1] * factor**2)
    smooth = functional.interpolate(small, scale_factor=factor, mode="bilinear", align_corners=False)
    return smooth + functional.pixel_shuffle(detail, factor)


def main() -> None:
    stem = sys.argv[1]
    torch.manual_seed(SEED)
    tensors, cases = {}, {}
    for name, (factor, blocks, shape) in CASES.items():
        levels = torch.randint(0, 255, shape).double()
        # No mean halfway between two levels: which way it went would hang on rounding errors.
        halfway = functional.avg_pool2d(levels, factor).mul(factor**2).remainder(factor**2) == factor**2 / 2
        levels[:, :, ::factor, ::factor] += halfway
        x = levels / 127.5 - 1
        small = functional.avg_pool2d(levels, factor).round() / 127.5 - 1
        weights = Weights()
        large = enlarge(weights, small, factor, blocks)
        error = large - x
        loss = (error.square() + 0.002**2).sqrt().mean()
        slopes = torch.autograd.grad(loss, list(weights.values()))
        tensors.update({f"{name}.{path}": tensor.detach().float() for path, tensor in weights.items()})
        cases[name] = {
            "factor": factor,
            "blocks": blocks,
            "shape": shape,
            "x": x.flatten().tolist(),
            "small": small.flatten().tolist(),
            "large": large.flatten().tolist(),
            "loss": loss.item(),
            "squaredError": error.mul(0.5).square().mean().item(),
            "gradientNorms": {path: slope.norm().item() for path, slope in zip(weights, slopes)},
        }
    write_safetensors(f"{stem}.safetensors", tensors)
    fixture = {"source": f"bench/peers/make_upscaler_fixture.py, torch {torch.__version__}, seed {SEED}", "cases": cases}
    with open(f"{stem}.json", "w", encoding="utf-8") as file:
        json.dump(fixture, file)
        file.write("\n")


main()
