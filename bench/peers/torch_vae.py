"""The VAE of PyTorch's examples (784-400-20, ReLU, Bernoulli pictures, Adam at 1e-3, batches of 128), and its data.

`torch_vae_step.py` takes steps of it, `torch_vae_train.py` trains it for some epochs, `make_vae_fixture.py` records what it computes.
"""

import gzip
import os

import numpy
import torch
import torch.nn.functional as functional
from torch import nn

BATCH = 128


class Vae(nn.Module):
    def __init__(self, pixels: int = 784, hidden: int = 400, latent: int = 20):
        super().__init__()
        self.fc1 = nn.Linear(pixels, hidden)
        self.fc21 = nn.Linear(hidden, latent)
        self.fc22 = nn.Linear(hidden, latent)
        self.fc3 = nn.Linear(latent, hidden)
        self.fc4 = nn.Linear(hidden, pixels)

    def encode(self, x):
        h = functional.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def decode(self, z):
        return torch.sigmoid(self.fc4(functional.relu(self.fc3(z))))

    def forward(self, x, noise=None):
        mean, log_variance = self.encode(x)
        deviation = torch.exp(0.5 * log_variance)
        noise = torch.randn_like(deviation) if noise is None else noise
        return self.decode(mean + noise * deviation), mean, log_variance


def parts(reconstructed, x, mean, log_variance):
    """Reconstruction and divergence, each summed over the batch, as the example sums them."""
    reconstruction = functional.binary_cross_entropy(reconstructed, x, reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
    return reconstruction, divergence


def read_pictures(folder: str, name: str) -> torch.Tensor:
    """An IDX file of pictures, gzipped: (N, 784) in [0, 1]."""
    with gzip.open(os.path.join(folder, name)) as file:
        pictures = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
    return torch.from_numpy(pictures.reshape(-1, 784).astype(numpy.float32) / 255)


class Training:
    """The example's loop. An epoch shuffles all pictures and goes through them; the last batch is the shorter rest."""

    def __init__(self, pictures: torch.Tensor):
        self.pictures = pictures
        self.model = Vae()
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.order = iter(())

    def batch(self) -> torch.Tensor:
        rows = next(self.order, None)
        if rows is None:
            self.order = iter(torch.randperm(len(self.pictures)).split(BATCH))
            rows = next(self.order)
        return self.pictures[rows]

    def step(self) -> float:
        """One update; the loss per picture."""
        x = self.batch()
        self.optimiser.zero_grad()
        loss = self.loss(x)
        loss.backward()
        self.optimiser.step()
        return loss.item() / len(x)

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        reconstructed, mean, log_variance = self.model(x)
        return sum(parts(reconstructed, x, mean, log_variance))

    @torch.no_grad()
    def judge(self, pictures: torch.Tensor) -> float:
        """The mean loss of pictures, each with one draw of z."""
        return sum(self.loss(x).item() for x in pictures.split(BATCH)) / len(pictures)
