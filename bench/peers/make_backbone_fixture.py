"""Records what PyTorch computes with small picture networks, for `packages/models/src/backbones/torch.test.ts` to compare with.

    python make_backbone_fixture.py STEM

The networks are those of picture_networks.py and a convolutional encoder and decoder, with random weights. Writes STEM.safetensors, the weights
under Atelier's names and in its layout, each behind the name of its network, and STEM.json: for every network its inputs, its output, the sum
of the output's squares, and the norm of that sum's gradient over each parameter.
"""

import json
import sys

import torch
import torch.nn.functional as functional
from torch import nn

from picture_networks import Denoiser, Dit, DitConfig, Unet, UnetConfig, conv3, named_weights, norm
from safetensors_file import write_safetensors

SEED = 1337


class Encoder(nn.Module):
    """Two levels of group norm and SiLU, then a vector."""

    def __init__(self):
        super().__init__()
        self.levels = nn.ModuleList([conv3(2, 6, 2), conv3(6, 12, 2)])
        for level, channels in zip(self.levels, (6, 12)):
            level.norm = norm(channels)
        self.output = nn.Linear(12 * 2 * 2, 5)

    def forward(self, x):
        for level in self.levels:
            x = functional.silu(level.norm(level(x)))
        return self.output(x.flatten(1))


class Decoder(nn.Module):
    """The same the other way round, to 2 × 7 × 5."""

    SIZES = ((7, 5), (4, 3))

    def __init__(self):
        super().__init__()
        self.input = nn.Linear(5, 12 * 2 * 2)
        self.levels = nn.ModuleList([nn.ConvTranspose2d(6, 2, 4, 2, 1), nn.ConvTranspose2d(12, 6, 4, 2, 1)])
        for level, channels in zip(self.levels, (6, 12)):
            level.norm = norm(channels)

    def forward(self, z):
        h = self.input(z).view(-1, 12, 2, 2)
        for level, (height, width) in reversed(list(zip(self.levels, self.SIZES))):
            h = level(functional.silu(level.norm(h)))[:, :, :height, :width]
        return h


def main() -> None:
    stem = sys.argv[1]
    torch.manual_seed(SEED)
    time = torch.tensor([3.0, 250.0, 999.0])
    dit = DitConfig(patch=2, layers=2, heads=2, width=8, channels=2, size=4)
    unet = UnetConfig(
        base=6, multipliers=(1, 2), blocks=1, attention=(3,), channels=2, size=5, width=10, head_width=6
    )
    networks = {
        "dit": (Denoiser(Dit(dit), dit.width), (torch.randn(3, 2, 4, 4), time)),
        "unet": (Denoiser(Unet(unet), unet.width), (torch.randn(3, 2, 5, 5), time)),
        "encoder": (Encoder(), (torch.randn(3, 2, 7, 5),)),
        "decoder": (Decoder(), (torch.randn(3, 5),)),
    }
    tensors, recorded = {}, {}
    for name, (network, inputs) in networks.items():
        with torch.no_grad():
            for parameter in network.parameters():  # away from every zero and one that they start with
                parameter.add_(torch.randn_like(parameter) * 0.1)
        output = network(*inputs)
        loss = output.square().sum()
        loss.backward()
        named = list(named_weights(network))
        tensors.update({f"{name}.{path}": tensor for path, tensor, _ in named})
        recorded[name] = {
            "inputs": [x.tolist() for x in inputs],
            "output": output.tolist(),
            "loss": loss.item(),
            "gradientNorms": {path: parameter.grad.norm().item() for path, _, parameter in named},
        }
    write_safetensors(f"{stem}.safetensors", tensors)
    fixture = {"source": f"bench/peers/make_backbone_fixture.py, torch {torch.__version__}, seed {SEED}", **recorded}
    with open(f"{stem}.json", "w", encoding="utf-8") as file:
        json.dump(fixture, file)
        file.write("\n")


main()
