"""A plain DDPM (Ho et al. 2020) of Fashion-MNIST in PyTorch: the model and a step of its training.

The network is a U-Net (picture_networks.py) with about as many parameters as that of `recipes/fashion-mnist-diffusion.json`, and is told the
class, which is left out for a tenth of the pictures. The training is the paper's: the noise is predicted, at 1,000 steps of a linear
schedule, each as often; Adam at 2e-4 without a schedule; gradients clipped to a norm of 1. Where the paper's moving average has a decay
of 0.9999, for 800,000 steps, this one has Atelier's 0.999. The network is told t as Atelier tells it: not the step's number, but 1000 σ / (1 + σ), which rises with it.
"""

import gzip
import os

import numpy
import torch
import torch.nn.functional as functional
from torch import nn

from picture_networks import Time, Unet, UnetConfig

STEPS, FIRST, LAST = 1000, 1e-4, 0.02
CLASSES, DROP = 10, 0.1
RATE, CLIP, DECAY = 2e-4, 1.0, 0.999
UNET = UnetConfig(base=32, multipliers=(1, 2, 2), blocks=1, attention=(), channels=1, size=28, width=128)
# In the order of the dataset's labels. Atelier numbers classes by their names.
NAMES = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",")


class Label(nn.Module):
    """A vector for each class and, behind them, one for none."""

    def __init__(self, classes, width):
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(classes + 1, width))

    def forward(self, labels):
        return functional.embedding(labels, self.embedding)


class Ddpm(nn.Module):
    """The predicted noise. x: (B, C, H, W), t: (B) as `times` has them, labels: (B) int64, `CLASSES` for none → (B, C, H, W)"""

    def __init__(self):
        super().__init__()
        label = nn.ModuleDict({"class": Label(CLASSES, UNET.width)})
        self.conditions = nn.ModuleDict({"time": Time(UNET.width), "label": label})
        self.network = Unet(UNET)

    def forward(self, x, t, labels):
        return self.network(x, self.conditions["time"](t) + self.conditions["label"]["class"](labels))

    def denoise(self, x, sigma, labels):
        """E[x₀ | x₀ + σ ε = x] after Ho et al. 2020, equation 15. sigma: (B)"""
        column = sigma[:, None, None, None]
        return x - column * self(x / (1 + column.square()).sqrt(), time_of(sigma), labels)


def time_of(sigma):
    return 1000 * sigma / (1 + sigma)


def read_train(folder):
    """The 60,000 training pictures as (N, 1, 28, 28) in [−1, 1], and their classes under Atelier's numbers, (N) int64."""

    def numbers(name, offset):
        with gzip.open(os.path.join(folder, f"train-{name}-ubyte.gz")) as file:
            return numpy.frombuffer(file.read(), numpy.uint8, offset=offset)

    pictures = torch.from_numpy(numbers("images-idx3", 16).reshape(-1, 1, 28, 28).astype(numpy.float32) / 127.5 - 1)
    places = numpy.array([sorted(NAMES).index(name) for name in NAMES])
    return pictures, torch.from_numpy(places[numbers("labels-idx1", 8)])


class Training:
    """All pictures in a new order on every pass; a batch may lie across two passes."""

    def __init__(self, pictures, labels, batch):
        self.pictures, self.labels, self.batch = pictures, labels, batch
        self.model = Ddpm()
        self.trained = list(self.model.parameters())
        self.average = [parameter.detach().clone() for parameter in self.trained]
        self.optimiser = torch.optim.Adam(self.trained, lr=RATE)
        self.order = torch.empty(0, dtype=torch.int64)
        kept = torch.cumprod(1 - torch.linspace(FIRST, LAST, STEPS, dtype=torch.float64), 0)  # ᾱ
        self.signal, self.noise = kept.sqrt().float(), (1 - kept).sqrt().float()
        self.times = time_of(((1 - kept) / kept).sqrt()).float()

    def rows(self):
        while len(self.order) < self.batch:
            self.order = torch.cat([self.order, torch.randperm(len(self.pictures))])
        chosen, self.order = self.order.split([self.batch, len(self.order) - self.batch])
        return chosen

    def step(self) -> float:
        """One update; its loss (Ho et al. 2020, equation 14)."""
        rows = self.rows()
        x, labels = self.pictures[rows], self.labels[rows]
        labels = torch.where(torch.rand(self.batch) < DROP, CLASSES, labels)
        t, noise = torch.randint(STEPS, (self.batch,)), torch.randn_like(x)
        noised = self.signal[t][:, None, None, None] * x + self.noise[t][:, None, None, None] * noise
        loss = functional.mse_loss(self.model(noised, self.times[t], labels), noise)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, CLIP)
        self.optimiser.step()
        torch._foreach_lerp_(self.average, [parameter.detach() for parameter in self.trained], 1 - DECAY)
        return loss.item()

    def averaged(self) -> Ddpm:
        """A model of the moving average."""
        model = Ddpm()
        with torch.no_grad():
            for parameter, average in zip(model.parameters(), self.average):
                parameter.copy_(average)
        return model
