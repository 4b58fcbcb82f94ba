"""The picture networks in PyTorch, the peers that Atelier's are measured against and compared with: a U-Net and a diffusion transformer.

Written from the papers named at each network, layer by layer as packages/models/src/backbones has them, so that the two have the same
parameters; `named_weights` gives them under Atelier's names and in its layout.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import nn


def time_embedding(t, width):
    """cos and sin of t · 10,000^(−i / (width / 2)). (B) → (B, width)"""
    half = width // 2
    rates = torch.exp(-math.log(10_000) * torch.arange(half, dtype=torch.float32) / half)
    angles = t[:, None] * rates
    return torch.cat([angles.cos(), angles.sin()], 1)


class Time(nn.Module):
    """The conditioning vector of a time."""

    def __init__(self, width):
        super().__init__()
        self.expand, self.contract = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, t):
        return self.contract(functional.silu(self.expand(time_embedding(t, self.expand.in_features))))


class SelfAttention(nn.Module):
    """x: (B, T, C) → (B, T, C)"""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3 * self.heads, -1).transpose(1, 2).chunk(3, 1)  # (B, H, T, D)
        mixed = functional.scaled_dot_product_attention(q, k, v)
        return self.output(mixed.transpose(1, 2).reshape(batch, length, width))


# The diffusion transformer: Peebles and Xie 2023.


@dataclass(frozen=True)
class DitConfig:
    patch: int
    layers: int
    heads: int
    width: int
    channels: int
    size: int


def modulate(x, shift, scale):
    return functional.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift


class DitBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config.width
        self.modulation = nn.Linear(width, 6 * width)
        self.attention = SelfAttention(width, config.heads)
        self.mlp = nn.ModuleDict({"expand": nn.Linear(width, 4 * width), "contract": nn.Linear(4 * width, width)})

    def forward(self, x, vector):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.modulation(vector)[:, None].chunk(6, 2)
        x = x + gate1 * self.attention(modulate(x, shift1, scale1))
        hidden = functional.gelu(self.mlp["expand"](modulate(x, shift2, scale2)))
        return x + gate2 * self.mlp["contract"](hidden)


class DitOutput(nn.Linear):
    """The last layer, with its own modulation."""

    def __init__(self, width, out):
        super().__init__(width, out)
        self.modulation = nn.Linear(width, 2 * width)

    def forward(self, x, vector):
        shift, scale = self.modulation(vector)[:, None].chunk(2, 2)
        return super().forward(modulate(x, shift, scale))


def positions(side, width):
    """sin and cos of the row in the first half of the width, of the column in the second. (T, C)"""
    quarter = width // 4
    rates = 10_000 ** (-torch.arange(quarter, dtype=torch.float64) / quarter)
    place = torch.arange(side, dtype=torch.float64)[:, None] * rates
    waves = torch.cat([place.sin(), place.cos()], 1)  # (side, C / 2)
    rows = waves[:, None].expand(side, side, -1)
    columns = waves[None].expand(side, side, -1)
    return torch.cat([rows, columns], 2).reshape(side * side, width).float()


class Dit(nn.Module):
    def __init__(self, config: DitConfig):
        super().__init__()
        self.config = config
        area = config.patch**2
        self.patches = nn.Linear(config.channels * area, config.width)
        self.blocks = nn.ModuleList(DitBlock(config) for _ in range(config.layers))
        self.output = DitOutput(config.width, config.channels * area)
        self.register_buffer("positions", positions(config.size // config.patch, config.width), persistent=False)
        for layer in [self.output, self.output.modulation, *(block.modulation for block in self.blocks)]:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x, vector):
        batch, channels, height, width = x.shape
        p = self.config.patch
        rows, columns = height // p, width // p
        cut = x.view(batch, channels, rows, p, columns, p).permute(0, 2, 4, 1, 3, 5).reshape(batch, rows * columns, -1)
        h = self.patches(cut) + self.positions
        vector = functional.silu(vector)
        for block in self.blocks:
            h = block(h, vector)
        pixels = self.output(h, vector).view(batch, rows, columns, channels, p, p)
        return pixels.permute(0, 3, 1, 4, 2, 5).reshape(batch, channels, height, width)


# The U-Net: Ho et al. 2020, with the residual blocks of Dhariwal and Nichol 2021.


@dataclass(frozen=True)
class UnetConfig:
    base: int
    multipliers: tuple
    blocks: int
    attention: tuple
    channels: int
    size: int
    width: int  # of the conditioning vector
    head_width: int = 64


def norm(channels):
    """As many groups as divide the channels, at most 32 and of at least four channels."""
    most = max(1, min(32, channels // 4))
    groups = next(groups for groups in range(most, 0, -1) if channels % groups == 0)
    return nn.GroupNorm(groups, channels)


def conv3(channels, out, stride=1):
    return nn.Conv2d(channels, out, 3, stride, 1)


def zeroed(layer):
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Resnet(nn.Module):
    def __init__(self, channels, out, width):
        super().__init__()
        self.norm1, self.conv1 = norm(channels), conv3(channels, out)
        self.norm2, self.conv2 = norm(out), zeroed(conv3(out, out))
        self.norm2.condition = nn.Linear(width, 2 * out)
        self.skip = nn.Conv2d(channels, out, 1) if channels != out else nn.Identity()

    def forward(self, x, vector):
        h = self.conv1(functional.silu(self.norm1(x)))
        scale, shift = self.norm2.condition(functional.silu(vector))[:, :, None, None].chunk(2, 1)
        h = functional.silu(self.norm2(h) * (1 + scale) + shift)
        return self.skip(x) + self.conv2(h)


class AttentionBlock(nn.Module):
    def __init__(self, channels, head_width):
        super().__init__()
        self.norm, self.self = norm(channels), SelfAttention(channels, max(1, channels // head_width))
        zeroed(self.self.output)

    def forward(self, x):
        change = self.self(self.norm(x).flatten(2).transpose(1, 2))
        return x + change.transpose(1, 2).reshape(x.shape)


class Stage(nn.Module):
    """A residual block and, where it belongs, attention."""

    def __init__(self, config, channels, out, side):
        super().__init__()
        self.resnet = Resnet(channels, out, config.width)
        self.attention = AttentionBlock(out, config.head_width) if side in config.attention else nn.Identity()

    def forward(self, x, vector):
        return self.attention(self.resnet(x, vector))


class Level(nn.ModuleDict):
    """The blocks of a level under their numbers, and what leads to the next."""


class Unet(nn.Module):
    def __init__(self, config: UnetConfig):
        super().__init__()
        self.input = conv3(config.channels, config.base)
        self.down, self.up = nn.ModuleList(), nn.ModuleDict()
        channels, side = config.base, config.size
        skips = [channels]
        for i, multiplier in enumerate(config.multipliers):
            level = Level()
            for j in range(config.blocks):
                level[str(j)] = Stage(config, channels, config.base * multiplier, side)
                channels = config.base * multiplier
                skips.append(channels)
            if i < len(config.multipliers) - 1:
                level["smaller"] = conv3(channels, channels, 2)
                side = -(-side // 2)
                skips.append(channels)
            self.down.append(level)
        middle = {"resnet1": Resnet(channels, channels, config.width), "attention": AttentionBlock(channels, config.head_width)}
        self.middle = nn.ModuleDict({**middle, "resnet2": Resnet(channels, channels, config.width)})
        for i, multiplier in reversed(list(enumerate(config.multipliers))):
            level = Level()
            side = config.size
            for _ in range(i):
                side = -(-side // 2)
            for j in range(config.blocks + 1):
                level[str(j)] = Stage(config, channels + skips.pop(), config.base * multiplier, side)
                channels = config.base * multiplier
            if i > 0:
                level["larger"] = conv3(channels, channels)
            self.up[str(i)] = level
        self.output = zeroed(conv3(channels, config.channels))
        self.output.norm = norm(channels)

    def forward(self, x, vector):
        h = self.input(x)
        skips = [h]
        for level in self.down:
            for name, part in level.items():
                h = part(h) if name == "smaller" else part(h, vector)
                skips.append(h)
        h = self.middle["resnet1"](h, vector)
        h = self.middle["resnet2"](self.middle["attention"](h), vector)
        for level in self.up.values():
            for name, part in level.items():
                if name == "larger":
                    h = part(functional.interpolate(h, size=skips[-1].shape[2:], mode="nearest"))
                else:
                    h = part(torch.cat([h, skips.pop()], 1), vector)
        return self.output(functional.silu(self.output.norm(h)))


class Denoiser(nn.Module):
    """A network and the embedding of its time."""

    def __init__(self, network, width):
        super().__init__()
        self.time, self.network = Time(width), network

    def forward(self, x, t):
        return self.network(x, self.time(t))


def named_weights(module):
    """(Atelier's name, tensor of a parameter in Atelier's layout, the parameter)"""
    for path, part in module.named_modules():
        for name, parameter in part.named_parameters(recurse=False):
            tensor = parameter
            if isinstance(part, nn.GroupNorm):
                name = {"weight": "scale", "bias": "shift"}[name]
            elif isinstance(part, nn.Linear) and name == "weight":
                tensor = parameter.T
            yield f"{path}.{name}", tensor, parameter


SIZES = {
    "dit": (DitConfig(patch=4, layers=6, heads=4, width=256, channels=3, size=32), 256, 64),
    "unet": (
        UnetConfig(base=64, multipliers=(1, 2), blocks=2, attention=(16,), channels=3, size=32, width=256),
        256,
        32,
    ),
}


def denoiser_of(size):
    """(the network of a bench row, its batch, its channels and its side)"""
    config, width, batch = SIZES[size]
    network = Dit(config) if isinstance(config, DitConfig) else Unet(config)
    return Denoiser(network, width), batch, config.channels, config.size
