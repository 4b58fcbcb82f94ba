"""Records what PyTorch computes with three small GANs, for `packages/models/src/families/gan/torch.test.ts` to compare with.

    python make_gan_fixture.py STEM

The networks are written out here, over random weights. STEM.safetensors gets the weights under Atelier's names and in its layout, each behind the
names of its case and its network. STEM.json gets for every case the real pictures, latent vectors and labels, and for each objective (that of the
discriminator, lazy R1, that of the generator) the loss, the gradient penalty without its weight, and the norms of the loss's gradients.
"""

import json
import sys

import torch
import torch.nn.functional as functional

from safetensors_file import write_safetensors

SEED = 1337
BATCH, SHAPE, LATENT, CLASSES, WIDTH = 3, (2, 4, 4), 3, 3, 64


class Weights(dict):
    """Parameters by path, made when they are first asked for."""

    def __call__(self, path, *shape, scale=0.5):
        if path not in self:
            self[path] = (torch.randn(shape, dtype=torch.float64) * scale).float().double().requires_grad_()
        return self[path]

    def linear(self, path, x, out, bias=True):
        y = x @ self(f"{path}.weight", x.shape[1], out)
        return y + self(f"{path}.bias", out) if bias else y

    def conv(self, path, x, out, kernel, stride=1, padding=0, groups=1, bias=True):
        weight = self(f"{path}.weight", out, x.shape[1] // groups, kernel, kernel, scale=0.3)
        b = self(f"{path}.bias", out) if bias else None
        return functional.conv2d(x, weight, b, stride, padding, groups=groups)

    def embedding(self, labels):
        return self("conditions.label.kind.embedding", CLASSES + 1, WIDTH)[labels]


leaky = lambda x: functional.leaky_relu(x, 0.2)


def block(w, path, h):
    y = w.conv(f"{path}.conv1", h, 2 * h.shape[1], 1)
    y = w.conv(f"{path}.conv2", leaky(y), y.shape[1], 3, padding=1, groups=2)
    return h + w.conv(f"{path}.conv3", leaky(y), h.shape[1], 1, bias=False)


def residual_generator(w, z, labels):
    given = torch.cat([z, w.embedding(labels)], 1)
    mixed = w.linear("network.basis", given, 6, bias=False)
    h = mixed[:, :, None, None] * w("network.basis.pictures", 6, 2, 2)
    h = block(w, "network.levels.1.blocks.0", h)
    h = w.conv("network.levels.0.channels", h, 4, 1, bias=False)
    h = functional.interpolate(h, scale_factor=2, mode="bilinear", align_corners=False)
    h = block(w, "network.levels.0.blocks.0", h)
    return w.conv("network.output", h, 2, 1).tanh()


def residual_discriminator(w, x, labels):
    h = block(w, "network.levels.0.blocks.0", w.conv("network.input", x, 4, 1))
    h = w.conv("network.levels.1.channels", functional.avg_pool2d(h, 2), 6, 1, bias=False)
    h = block(w, "network.levels.1.blocks.0", h)
    h = functional.conv2d(h, w("network.basis.weight", 6, 2, 2)[:, None], groups=6).flatten(1)
    y = w.linear("network.output", h, 1 + WIDTH, bias=False)
    return y[:, 0] + (y[:, 1:] * w.embedding(labels)).sum(1) / WIDTH**0.5


def dcgan_generator(w, z, _):
    h = w.linear("network.input", z, 6 * 2 * 2).view(-1, 6, 2, 2)
    weight = w("network.levels.0.weight", 6, 2, 4, 4, scale=0.3)
    return functional.conv_transpose2d(leaky(h), weight, w("network.levels.0.bias", 2), 2, 1)


def dcgan_discriminator(w, x, _):
    h = leaky(w.conv("network.levels.0", x, 6, 3, 2, 1))
    return w.linear("network.output", h.flatten(1), 1)[:, 0]


def mlp_generator(w, z, _):
    return w.linear("network.output", functional.silu(w.linear("network.layers.0", z, 8)), 32).view(-1, *SHAPE)


def mlp_discriminator(w, x, _):
    return w.linear("network.output", functional.silu(w.linear("network.layers.0", x.flatten(1), 8)), 1)[:, 0]


CASES = {
    "relativistic": (residual_generator, residual_discriminator),
    "non-saturating": (dcgan_generator, dcgan_discriminator),
    "wasserstein": (mlp_generator, mlp_discriminator),
}
GAMMA, PENALTY, EVERY = 0.7, 10, 16


def squared_slopes(scores, x):
    (slopes,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    return slopes.flatten(1).square().sum(1)


def discriminator_objective(kind, judge, real, fake, mix):
    real, fake = real.clone().requires_grad_(), fake.detach().requires_grad_()
    on_real, on_fake = judge(real), judge(fake)
    softplus = functional.softplus
    if kind == "non-saturating":
        return softplus(-on_real).mean() + softplus(on_fake).mean(), None
    if kind == "wasserstein":
        between = (mix * real + (1 - mix) * fake).detach().requires_grad_()
        penalty = ((squared_slopes(judge(between), between).sqrt() - 1) ** 2).mean()
        return on_fake.mean() - on_real.mean() + PENALTY * penalty, penalty
    r1, r2 = squared_slopes(on_real, real).mean(), squared_slopes(on_fake, fake).mean()
    return softplus(-(on_real - on_fake)).mean() + GAMMA / 2 * (r1 + r2), (r1 + r2) / 2


def penalty_objective(judge, real):
    real = real.clone().requires_grad_()
    penalty = squared_slopes(judge(real), real).mean()
    return EVERY * GAMMA / 2 * penalty, penalty


def generator_objective(kind, on_real, on_fake):
    if kind == "non-saturating":
        return functional.softplus(-on_fake).mean()
    if kind == "wasserstein":
        return -on_fake.mean()
    return functional.softplus(-(on_fake - on_real)).mean()


def recorded(loss, penalty, weights):
    slopes = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
    norms = {path: 0.0 if slope is None else slope.norm().item() for path, slope in zip(weights, slopes)}
    return {"loss": loss.item(), "gradientPenalty": None if penalty is None else penalty.item(), "gradientNorms": norms}


def main() -> None:
    stem = sys.argv[1]
    torch.manual_seed(SEED)
    real = torch.randn(BATCH, *SHAPE).double()
    z = torch.randn(BATCH, LATENT).double()
    labels = torch.tensor([2, 0, -1])
    rows = torch.where(labels < 0, CLASSES, labels)
    mix = torch.rand(BATCH, 1, 1, 1).double()
    tensors, cases = {}, {}
    for kind, (generate, discriminate) in CASES.items():
        generator, discriminator = Weights(), Weights()
        judge = lambda x: discriminate(discriminator, x, rows)
        fake = generate(generator, z, rows)
        cases[kind] = {
            "discriminator": recorded(*discriminator_objective(kind, judge, real, fake, mix), discriminator),
            "penalty": recorded(*penalty_objective(judge, real), discriminator),
            "generator": recorded(generator_objective(kind, judge(real), judge(fake)), None, generator),
        }
        for name, weights in (("generator", generator), ("discriminator", discriminator)):
            tensors.update({f"{kind}.{name}.{path}": tensor.detach().float() for path, tensor in weights.items()})
    write_safetensors(f"{stem}.safetensors", tensors)
    fixture = {
        "source": f"bench/peers/make_gan_fixture.py, torch {torch.__version__}, seed {SEED}",
        "real": real.flatten().tolist(),
        "z": z.flatten().tolist(),
        "labels": labels.tolist(),
        "mix": mix.flatten().tolist(),
        "cases": cases,
    }
    with open(f"{stem}.json", "w", encoding="utf-8") as file:
        json.dump(fixture, file)
        file.write("\n")


main()
