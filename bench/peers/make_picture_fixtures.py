"""Records what PyTorch computes with pooling, resizing, padding, norms and convolutions, for Atelier's tests to compare with.

    python make_picture_fixtures.py packages/engine/src/ops/fixtures/torch-pictures.json packages/models/src/layers/fixtures/torch-layers.json

The first file: one case an operation, on small inputs: its result, and the gradient of Σ result² / 2 by its input. The second: layers with
their weights, their results and gradients, batch norm over several training steps, spectral norm over several uses.
"""

import json
import sys

import torch
import torch.nn.functional as functional
from torch import nn

SEED = 1337


def tensor_of(x: torch.Tensor):
    return {"shape": list(x.shape), "data": [round(value, 7) for value in x.detach().flatten().tolist()]}


def random(*shape: int) -> torch.Tensor:
    """Rounded, so that what the file says is what was computed with."""
    return (torch.randn(*shape) * 1000).round() / 1000


def operations():
    picture, odd, signal, volume = random(2, 4, 4, 6), random(1, 2, 5, 7), random(1, 2, 9), random(1, 2, 3, 4, 5)
    # Many equal elements: which of them has the gradient is seen.
    equal = (random(1, 2, 6, 6) * 1.5).round() / 2
    scale, shift = random(4), random(4)
    yield "maxPool", equal, lambda x: functional.max_pool2d(x, 2)
    yield "maxPool overlapping", equal, lambda x: functional.max_pool2d(x, 3, stride=2, padding=1)
    yield "maxPool of one axis", signal, lambda x: functional.max_pool1d(x, 4, stride=3, padding=2)
    yield "averagePool", odd, lambda x: functional.avg_pool2d(x, 2)
    yield "averagePool overlapping", odd, lambda x: functional.avg_pool2d(x, 3, stride=2, padding=1)
    yield "averagePool of three axes", volume, lambda x: functional.avg_pool3d(x, (3, 2, 2), stride=1)
    yield "resizeNearest", odd, lambda x: functional.interpolate(x, (10, 3))
    yield "resizeNearest of three axes", volume, lambda x: functional.interpolate(x, (6, 2, 7))
    yield "resizeBilinear of one axis", signal, lambda x: functional.interpolate(x, 18, mode="linear")
    yield "resizeBilinear", odd, lambda x: functional.interpolate(x, (10, 4), mode="bilinear")
    yield "resizeBilinear of three axes", volume, lambda x: functional.interpolate(x, (5, 8, 2), mode="trilinear")
    yield "pad reflect", odd, lambda x: functional.pad(x, (3, 1, 0, 2), mode="reflect")
    yield "pad edge", odd, lambda x: functional.pad(x, (3, 1, 0, 2), mode="replicate")
    yield "pad constant", odd, lambda x: functional.pad(x, (3, 1, 0, 2), value=0.7)
    yield "groupNorm", (picture, scale, shift), lambda x: functional.group_norm(x, 2, scale, shift)
    yield "batchNorm", (picture, scale, shift), lambda x: functional.batch_norm(x, None, None, scale, shift, training=True)


def record_operations():
    cases = []
    for name, given, fn in operations():
        x, *others = given if isinstance(given, tuple) else (given,)
        x = x.clone().requires_grad_(True)
        y = fn(x)
        (y.square().sum() / 2).backward()
        case = {"name": name, "x": tensor_of(x), "y": tensor_of(y), "gradient": tensor_of(x.grad)}
        cases.append(case | ({"scale": tensor_of(others[0]), "shift": tensor_of(others[1])} if others else {}))
    return cases


def rounded(module: nn.Module) -> nn.Module:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_((parameter * 1000).round() / 1000)
    return module


def record_layer(name: str, module: nn.Module, x: torch.Tensor):
    rounded(module)
    x = x.clone().requires_grad_(True)
    y = module(x)
    (y.square().sum() / 2).backward()
    return {
        "name": name,
        "x": tensor_of(x),
        "y": tensor_of(y),
        "weight": tensor_of(module.weight),
        "bias": tensor_of(module.bias),
        "gradients": {"x": tensor_of(x.grad), "weight": tensor_of(module.weight.grad), "bias": tensor_of(module.bias.grad)},
    }


def record_batch_norm():
    """Plain gradient descent on Σ y² for three batches, then the running statistics at work."""
    module = nn.BatchNorm2d(3, momentum=0.3)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.01)
    steps = []
    for _ in range(3):
        x = random(2, 3, 2, 3) * 2 + 1
        optimiser.zero_grad()
        loss = (module(x) - x.flip(0)).square().sum()
        loss.backward()
        optimiser.step()
        steps.append(
            {
                "x": tensor_of(x),
                "loss": loss.item(),
                "scale": tensor_of(module.weight),
                "shift": tensor_of(module.bias),
                "mean": tensor_of(module.running_mean),
                "variance": tensor_of(module.running_var),
            }
        )
    module.eval()
    x = random(1, 3, 2, 2)
    return {"momentum": 0.3, "rate": 0.01, "steps": steps, "evaluated": {"x": tensor_of(x), "y": tensor_of(module(x))}}


def record_spectral_norm(module: nn.Module, axis: int):
    """torch.nn.utils.spectral_norm, which follows the paper's algorithm: three uses, then the gradient of Σ (W / σ)³ by W."""
    rounded(module)
    weight = module.weight.detach().clone()
    module = nn.utils.spectral_norm(module)
    initial = (module.weight_u * 1000).round() / 1000
    initial = initial / initial.norm()
    module.weight_u.copy_(initial)
    x = torch.zeros(1, module.in_channels, 4, 4)
    normalised, directions = [], []
    for _ in range(3):
        module.weight_orig.grad = None
        module(x)
        module.weight.pow(3).sum().backward()
        normalised.append(tensor_of(module.weight))
        directions.append(tensor_of(module.weight_u))
    return {
        "axis": axis,
        "weight": tensor_of(weight),
        "direction": tensor_of(initial),
        "normalised": normalised,
        "directions": directions,
        "gradient": tensor_of(module.weight_orig.grad),
        "largest": torch.linalg.svdvals(weight.transpose(0, axis).flatten(1).double())[0].item(),
    }


def main():
    torch.manual_seed(SEED)
    engine, models = sys.argv[1:]
    origin = f"bench/peers/make_picture_fixtures.py, PyTorch {torch.__version__}, seed {SEED}"
    layers = [
        record_layer("convolution", nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), random(2, 4, 5, 4)),
        record_layer("transposedConvolution", nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1, groups=2), random(2, 4, 2, 3)),
        record_layer("groupNorm", nn.GroupNorm(2, 4), random(2, 4, 2, 3)),
    ]
    spectral = [record_spectral_norm(nn.Conv2d(3, 4, 2), 0), record_spectral_norm(nn.ConvTranspose2d(3, 2, 2), 1)]
    for path, value in (
        (engine, {"origin": origin, "cases": record_operations()}),
        (models, {"origin": origin, "layers": layers, "batchNorm": record_batch_norm(), "spectralNorm": spectral}),
    ):
        with open(path, "w") as file:
            json.dump(value, file, separators=(",", ":"))
            file.write("\n")


if __name__ == "__main__":
    main()
