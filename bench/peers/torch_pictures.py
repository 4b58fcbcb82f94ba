"""A worker that takes training steps of a picture network in PyTorch (eager, float32): flow matching on random pictures.

    python torch_pictures.py --size unet --threads 2

It speaks the lines of JSON that torch_step.py describes. A step is that of bench/src/workers/picture-stepper.ts: a batch of pictures, times and noise,
the velocity from picture to noise as the target (Lipman et al. 2022), forward, backward, clipping to 1, AdamW without its fused kernel,
and reading the loss.
"""

import argparse
import platform

import torch

from picture_networks import denoiser_of
from step_protocol import answer


class Training:
    def __init__(self, size):
        self.model, self.batch, channels, side = denoiser_of(size)
        self.parameters = sum(parameter.numel() for parameter in self.model.parameters())
        self.pictures = torch.rand(1024, channels, side, side) * 2 - 1
        decayed = [p for p in self.model.parameters() if p.dim() >= 2]
        kept = [p for p in self.model.parameters() if p.dim() < 2]
        groups = [{"params": decayed, "weight_decay": 0.01}, {"params": kept, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.999))

    def step(self) -> float:
        x = self.pictures[torch.randint(len(self.pictures), (self.batch,))]
        t, noise = torch.rand(self.batch), torch.randn_like(x)
        mixed = torch.lerp(x, noise, t[:, None, None, None])
        loss = (self.model(mixed, t * 1000) - (noise - x)).square().mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        return loss.item()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=["unet", "dit"], required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1337)
    training = Training(options.size)
    description = f"PyTorch eager fp32, {options.threads} threads, {training.parameters:,} parameters"
    ready = {
        "description": description,
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "parameters": training.parameters,
    }
    answer(ready, training.step)


main()
