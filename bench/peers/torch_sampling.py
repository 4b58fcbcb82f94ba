"""A worker that draws pictures in PyTorch (eager, float32, inference mode): 64 of 32 × 32 × 3, in 20 steps of DDIM (Song et al. 2021), with
the U-Net that torch_pictures.py trains, over random weights.

    python torch_sampling.py --threads 2

It speaks the lines of JSON that torch_step.py describes; a step draws all pictures, and its "loss" is their mean. bench/src/workers/
sampling-main.ts is the same of Atelier's.
"""

import argparse
import platform

import torch

from picture_networks import denoiser_of
from step_protocol import answer

PICTURES, STEPS = 64, 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    threads = parser.parse_args().threads
    torch.set_num_threads(threads)
    torch.manual_seed(1337)
    model, _, channels, side = denoiser_of("unet")
    kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0)  # ᾱ
    places = torch.linspace(999, 0, STEPS).round().long()
    sigmas = [*((1 - kept) / kept).sqrt()[places].tolist(), 0.0]

    @torch.inference_mode()
    def draw() -> float:
        x = torch.randn(PICTURES, channels, side, side) * sigmas[0]
        for sigma, following in zip(sigmas, sigmas[1:]):
            time = torch.full((PICTURES,), 1000 * sigma / (1 + sigma))
            noise = model(x / (1 + sigma**2) ** 0.5, time)
            x = x + (following - sigma) * noise
        return x.mean().item()

    ready = {
        "description": f"PyTorch eager fp32, inference mode, {threads} threads",
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    answer(ready, draw)


main()
