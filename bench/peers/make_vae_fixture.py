"""Records what PyTorch computes with likelihoods and with a small VAE, for tests of `packages/models` to compare with.

    python make_vae_fixture.py LIKELIHOODS.json STEM

LIKELIHOODS.json gets pictures and parameters at random, extreme ones among them, and the log-probability of each picture under each
likelihood, in float64 or more and straight from the definitions. STEM.safetensors gets the weights of the VAE of PyTorch's examples at a small size,
under Atelier's names and in its layout ([in, out]); STEM.json pictures in [0, 1], the noise of the draw, and what comes of them.
"""

import json
import sys

import mpmath
import torch
import torch.nn.functional as functional

from safetensors_file import write_safetensors
from torch_vae import Vae, parts

SEED = 1337
LEVELS = 256
mpmath.mp.dps = 2000


def discretised_logistic(x, location, log_scale) -> float:
    """log of the probability of the level that x in [-1, 1] is, from the cumulative distribution, in 2,000 digits."""
    scale, half = mpmath.exp(log_scale), mpmath.mpf(1) / (LEVELS - 1)
    cumulative = lambda value: 1 / (1 + mpmath.exp(-(value - location) / scale))
    upper = 1 if x > 0.999 else cumulative(x + half)
    lower = 0 if x < -0.999 else cumulative(x - half)
    return float(mpmath.log(upper - lower))


def each(log_probability) -> list:
    """Of each picture, summed over its values."""
    return log_probability.double().flatten(1).sum(1).tolist()


def likelihoods() -> dict:
    logits, levels = torch.randn(2, 2, 3, 5).double() * 2, torch.randint(0, 5, (2, 2, 3))  # five levels, at 3 places
    shape = (3, 2, 4, 3)  # (B, C, H, W)
    bytes_ = torch.randint(0, LEVELS, shape)
    bytes_[:, :, 0] = torch.tensor([0, 255, 128])
    x = bytes_.double() / 255 * 2 - 1
    unit = bytes_.double() / 255
    first = torch.randn(shape).double()
    second = (torch.randn(shape).double() * 2 - 3).clamp(min=-7)
    bytewise = torch.distributions.Normal(first * 255, 255 * 0.2)
    lists = [tensor.flatten().tolist() for tensor in (x, first, second)]
    return {
        "shape": shape,
        **dict(zip(("x", "first", "second"), lists)),
        "bernoulli": each(-functional.binary_cross_entropy_with_logits(first * 4, unit, reduction="none")),
        "gaussian": each(bytewise.log_prob(bytes_.double())),
        "discretised": each(torch.tensor(list(map(discretised_logistic, *lists)), dtype=torch.float64).view(shape)),
        "categorical": each(torch.distributions.Categorical(logits=logits).log_prob(levels)),
        "logits": logits.transpose(2, 3).flatten().tolist(),  # the levels of a channel before its places
        "levels": levels.flatten().tolist(),
    }


def small_vae(stem: str) -> None:
    model = Vae(pixels=12, hidden=7, latent=3)
    x, noise = torch.rand(4, 12), torch.randn(4, 3)
    reconstructed, mean, log_variance = model(x, noise)
    reconstruction, divergence = parts(reconstructed, x, mean, log_variance)
    loss = (reconstruction + divergence) / len(x)
    loss.backward()
    # The two heads are one layer here, the means first.
    heads = [model.fc21, model.fc22]
    weights = {
        "encoder.layers.0": (model.fc1.weight, model.fc1.bias, model.fc1.weight.grad, model.fc1.bias.grad),
        "encoder.output": (
            torch.cat([head.weight for head in heads]),
            torch.cat([head.bias for head in heads]),
            torch.cat([head.weight.grad for head in heads]),
            torch.cat([head.bias.grad for head in heads]),
        ),
        "decoder.layers.0": (model.fc3.weight, model.fc3.bias, model.fc3.weight.grad, model.fc3.bias.grad),
        "decoder.output": (model.fc4.weight, model.fc4.bias, model.fc4.weight.grad, model.fc4.bias.grad),
    }
    tensors, norms = {}, {}
    for name, (weight, bias, weight_grad, bias_grad) in weights.items():
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = weight.T, bias
        norms[f"{name}.weight"], norms[f"{name}.bias"] = weight_grad.norm().item(), bias_grad.norm().item()
    write_safetensors(f"{stem}.safetensors", tensors)
    record = {
        "x": x.tolist(),
        "noise": noise.tolist(),
        "reconstruction": reconstruction.item() / len(x),
        "kl": divergence.item() / len(x),
        "loss": loss.item(),
        "mean": mean.tolist(),
        "logVariance": log_variance.tolist(),
        "pictures": model.decode(mean).tolist(),
        "gradientNorms": norms,
    }
    with open(f"{stem}.json", "w", encoding="utf-8") as file:
        json.dump(record, file)


torch.manual_seed(SEED)
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(likelihoods(), file)
small_vae(sys.argv[2])
