"""A worker that takes training steps of R3GAN (Huang et al. 2024) in PyTorch (eager, float32), at the size of bench/src/workers/gan-step-main.ts,
with networks that are layer by layer those of packages/models/src/families/gan/residual-network.ts.

    python torch_gan_step.py --threads 2

It speaks the lines of JSON that torch_step.py describes. A step is one of the discriminator, with R1 and R2, and one of the generator, on a
batch of random pictures; each has its own latent vectors, Adam without its fused kernel, and a moving average of the weights.
"""

import argparse
import platform

import torch
import torch.nn.functional as functional
from torch import nn

from step_protocol import answer

CHANNELS, BLOCKS, EXPANSION, GROUPS = (32, 64, 128, 128), 2, 2, 4  # of each level, the picture's own size first
BATCH, LATENT, SHAPE, SIDE = 32, 64, (3, 32, 32), 4
GAMMA, RATE, BETAS, DECAY = 0.5, 2e-4, (0.0, 0.99), 0.999


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        inner = channels * EXPANSION
        self.conv1 = nn.Conv2d(channels, inner, 1)
        self.conv2 = nn.Conv2d(inner, inner, 3, padding=1, groups=GROUPS)
        self.conv3 = nn.Conv2d(inner, channels, 1, bias=False)
        nn.init.zeros_(self.conv3.weight)

    def forward(self, x):
        h = self.conv2(functional.leaky_relu(self.conv1(x), 0.2))
        return x + self.conv3(functional.leaky_relu(h, 0.2))


class Level(nn.Module):
    """A change of channels, where there is one, and the blocks."""

    def __init__(self, channels, out):
        super().__init__()
        self.channels = nn.Conv2d(channels, out, 1, bias=False) if channels != out else nn.Identity()
        self.blocks = nn.Sequential(*(Block(out) for _ in range(BLOCKS)))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        low = CHANNELS[-1]
        self.pictures = nn.Parameter(torch.randn(low, SIDE, SIDE))
        self.mix = nn.Linear(LATENT, low, bias=False)
        widths = CHANNELS[::-1]
        self.levels = nn.ModuleList(Level(before, out) for before, out in zip((low, *widths), widths))
        self.output = nn.Conv2d(CHANNELS[0], SHAPE[0], 1)

    def forward(self, z):
        h = self.mix(z)[:, :, None, None] * self.pictures
        for i, level in enumerate(self.levels):
            h = level.channels(h)
            if i > 0:
                h = functional.interpolate(h, scale_factor=2, mode="bilinear", align_corners=False)
            h = level.blocks(h)
        return self.output(h)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.input = nn.Conv2d(SHAPE[0], CHANNELS[0], 1)
        self.levels = nn.ModuleList(Level(before, out) for before, out in zip((CHANNELS[0], *CHANNELS), CHANNELS))
        self.places = nn.Parameter(torch.randn(CHANNELS[-1], SIDE, SIDE) / SIDE)
        self.output = nn.Linear(CHANNELS[-1], 1, bias=False)

    def forward(self, x):
        h = self.input(x)
        for i, level in enumerate(self.levels):
            h = level.blocks(level.channels(functional.avg_pool2d(h, 2) if i > 0 else h))
        return self.output((h * self.places).sum((2, 3)))[:, 0]


class Training:
    def __init__(self):
        self.generator, self.discriminator = Generator(), Discriminator()
        self.networks = (self.generator, self.discriminator)
        self.trained = [list(network.parameters()) for network in self.networks]
        self.average = [[p.detach().clone() for p in parameters] for parameters in self.trained]
        self.optimisers = [torch.optim.Adam(parameters, lr=RATE, betas=BETAS) for parameters in self.trained]
        self.pictures = torch.rand(1024, *SHAPE) * 2 - 1

    def update(self, which, loss):
        parameters = self.trained[which]
        for parameter, slope in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.grad = slope
        self.optimisers[which].step()
        torch._foreach_lerp_(self.average[which], [p.detach() for p in parameters], 1 - DECAY)

    def step(self) -> float:
        real = self.pictures[torch.randint(len(self.pictures), (BATCH,))]
        with torch.no_grad():
            fake = self.generator(torch.randn(BATCH, LATENT))
        pictures = torch.cat([real, fake]).requires_grad_()
        scores = self.discriminator(pictures)
        (slopes,) = torch.autograd.grad(scores.sum(), pictures, create_graph=True)
        penalty = slopes.square().sum((1, 2, 3)).mean()
        on_real, on_fake = scores.chunk(2)
        self.update(1, functional.softplus(on_fake - on_real).mean() + GAMMA * penalty)
        fake = self.generator(torch.randn(BATCH, LATENT))
        on_real, on_fake = self.discriminator(torch.cat([real, fake])).chunk(2)
        loss = functional.softplus(on_real - on_fake).mean()
        self.update(0, loss)
        return loss.item()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    threads = parser.parse_args().threads
    torch.set_num_threads(threads)
    torch.manual_seed(1337)
    training = Training()
    ready = {
        "description": f"PyTorch eager fp32, {threads} threads",
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "parameters": sum(p.numel() for parameters in training.trained for p in parameters),
    }
    answer(ready, training.step)


main()
