"""nanoGPT in PyTorch, the peer that Atelier's benchmark is measured against.

Written from the published behaviour of github.com/karpathy/nanoGPT (model.py, train.py, config/train_shakespeare_char.py and the
CPU command of its README), without its code: pre-norm GPT-2 blocks, exact GELU, fused causal attention, tied embedding and head,
normal(0, 0.02) weights with the residual projections scaled by 1/sqrt(2 * layers), and no biases anywhere unless asked for (train.py's
default).
Training: AdamW (betas 0.9 and 0.99, weight decay 0.1 on tensors of two or more dimensions), gradient norm clipped to 1, learning
rate 1e-3 falling by a cosine to 1e-4 after a linear warm-up of 100 steps. On a CPU nanoGPT uses neither the fused optimiser, nor
autocast, nor (in that command) torch.compile; nor do we.
"""

import math
from dataclasses import dataclass

import numpy
import torch
import torch.nn.functional as functional
from torch import nn


@dataclass(frozen=True)
class Config:
    layers: int
    heads: int
    width: int
    context: int
    batch: int
    bias: bool = False


SIZES = {
    "nanogpt-cpu": Config(layers=4, heads=4, width=128, context=64, batch=12),
    "nanogpt-gpu": Config(layers=6, heads=6, width=384, context=256, batch=16),
}

LEARNING_RATE = 1e-3
LEAST_LEARNING_RATE = 1e-4
WARM_UP_STEPS = 100
WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.99)
CLIP_NORM = 1.0


class LayerNorm(nn.Module):
    """Layer normalisation with a gain, and a bias if asked for."""

    def __init__(self, config: Config):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(config.width))
        self.bias = nn.Parameter(torch.zeros(config.width)) if config.bias else None

    def forward(self, x):
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


class Attention(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.heads = config.heads
        self.c_attn = nn.Linear(config.width, 3 * config.width, bias=config.bias)
        self.c_proj = nn.Linear(config.width, config.width, bias=config.bias)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (
            part.view(batch, length, self.heads, width // self.heads).transpose(1, 2)  # (B, H, T, D)
            for part in self.c_attn(x).split(width, dim=2)
        )
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, H, T, D)
        return self.c_proj(y.transpose(1, 2).contiguous().view(batch, length, width))  # (B, T, C)


class FeedForward(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.c_fc = nn.Linear(config.width, 4 * config.width, bias=config.bias)
        self.c_proj = nn.Linear(4 * config.width, config.width, bias=config.bias)

    def forward(self, x):
        return self.c_proj(functional.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.ln_1 = LayerNorm(config)
        self.attn = Attention(config)
        self.ln_2 = LayerNorm(config)
        self.mlp = FeedForward(config)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, config: Config, vocabulary: int):
        super().__init__()
        self.wte = nn.Embedding(vocabulary, config.width)
        self.wpe = nn.Embedding(config.context, config.width)
        self.h = nn.ModuleList([Block(config) for _ in range(config.layers)])
        self.ln_f = LayerNorm(config)
        for name, parameter in self.named_parameters():
            if parameter.dim() >= 2:
                residual = name.endswith("c_proj.weight")
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * config.layers) if residual else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def logits(self, tokens):
        """Of the next token at every position: (B, T) -> (B, T, V)."""
        positions = torch.arange(tokens.shape[1])
        x = self.wte(tokens) + self.wpe(positions)  # (B, T, C)
        for block in self.h:
            x = block(x)
        return functional.linear(self.ln_f(x), self.wte.weight)  # (B, T, V)

    def forward(self, tokens, targets):
        """Mean cross-entropy in nats of `targets` (B, T) given `tokens` (B, T)."""
        logits = self.logits(tokens)
        return functional.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))

    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())


def adamw(model: nn.Module) -> torch.optim.AdamW:
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS)


def learning_rate(step: int, decay_steps: int) -> float:
    if step < WARM_UP_STEPS:
        return LEARNING_RATE * (step + 1) / (WARM_UP_STEPS + 1)
    if step > decay_steps:
        return LEAST_LEARNING_RATE
    fraction = (step - WARM_UP_STEPS) / (decay_steps - WARM_UP_STEPS)
    return LEAST_LEARNING_RATE + 0.5 * (1.0 + math.cos(math.pi * fraction)) * (LEARNING_RATE - LEAST_LEARNING_RATE)


def random_batch(data: numpy.ndarray, config: Config):
    """Inputs and targets (B, T), int64, from random offsets into `data` (uint16)."""
    starts = torch.randint(len(data) - config.context, (config.batch,)).tolist()
    tokens = torch.stack([torch.from_numpy(data[i : i + config.context].astype(numpy.int64)) for i in starts])
    targets = torch.stack([torch.from_numpy(data[i + 1 : i + 1 + config.context].astype(numpy.int64)) for i in starts])
    return tokens, targets


def read_characters(path: str):
    """The text's character ids (uint16; a character's id is its rank among the sorted distinct ones) and the vocabulary's size."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    characters = sorted(set(text))
    ids = {character: index for index, character in enumerate(characters)}
    return numpy.array([ids[character] for character in text], dtype=numpy.uint16), len(characters)


class Training:
    """nanoGPT's loop, one step at a time: the batch for the next step is drawn after the forward pass, and the loss is read every step."""

    def __init__(self, config: Config, vocabulary: int, data: numpy.ndarray, decay_steps: int):
        self.config = config
        self.data = data
        self.decay_steps = decay_steps
        self.model = GPT(config, vocabulary)
        self.optimizer = adamw(self.model)
        self.batch = random_batch(data, config)
        self.index = 0

    def step(self) -> float:
        rate = learning_rate(self.index, self.decay_steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = self.model(*self.batch)
        self.batch = random_batch(self.data, self.config)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.index += 1
        return loss.item()
