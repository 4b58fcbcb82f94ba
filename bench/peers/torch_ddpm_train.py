"""Trains the DDPM of torch_ddpm.py for so many steps or minutes.

    python torch_ddpm_train.py --data FOLDER --minutes 30 --out ddpm.safetensors [--batch 32] [--seed 1] [--threads 2]
    python torch_ddpm_train.py --data FOLDER --time-only 50

FOLDER holds the gzipped IDX files of Fashion-MNIST. Minutes are those spent on steps. Progress is a line of JSON on standard output for every
hundredth step: {"step", "seconds", "loss"}, the mean loss of the hundred; the last line is what the run was. The moving average of the
weights is written to FILE under Atelier's names and in its layout, every thousand steps and at the end; beside it, FILE.json has what the run
was and what the model makes of some noised pictures, for `ddpm-import-main` to compare with what it makes of them once it is Atelier's.
"""

import argparse
import json
import platform
import time

import torch

import torch_ddpm
from picture_networks import named_weights
from safetensors_file import write_safetensors
from step_protocol import reply

REPORTED, SAVED, WARM_UP = 100, 1000, 5
# The network in Atelier's words.
NETWORK = {
    "kind": "unet",
    "channels": torch_ddpm.UNET.base,
    "multipliers": torch_ddpm.UNET.multipliers,
    "blocks": torch_ddpm.UNET.blocks,
    "attention": torch_ddpm.UNET.attention,
    "headWidth": torch_ddpm.UNET.head_width,
    "dropout": 0,
}
SIGMAS = (0.01, 0.1, 0.5, 1.0, 5.0, 30.0, 150.0)


def probe(model, pictures):
    """What the model makes of noised pictures, one at each level: numbers in a row."""
    generator = torch.Generator().manual_seed(0)
    sigma = torch.tensor(SIGMAS)
    labels = torch.arange(len(SIGMAS)) % (torch_ddpm.CLASSES + 1)
    labels[-1] = torch_ddpm.CLASSES
    x = pictures[: len(SIGMAS)]
    x = x + sigma[:, None, None, None] * torch.randn(x.shape, generator=generator)
    with torch.inference_mode():
        denoised = model.denoise(x, sigma, labels)
    # Atelier has −1 for none.
    labels[-1] = -1
    probed = {"x": x, "sigma": sigma, "labels": labels, "denoised": denoised}
    return {name: tensor.flatten().tolist() for name, tensor in probed.items()}


def save(path, training, run):
    model = training.averaged()
    write_safetensors(path, {name: tensor for name, tensor, _ in named_weights(model)})
    with open(f"{path}.json", "w", encoding="utf-8") as file:
        json.dump({**run, "network": NETWORK, "probe": probe(model, training.pictures)}, file)
        file.write("\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int)
    length.add_argument("--minutes", type=float)
    length.add_argument("--time-only", type=int, metavar="STEPS")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out")
    options = parser.parse_args()
    if options.time_only is None and options.out is None:
        parser.error("--out FILE is where the weights go")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    training = torch_ddpm.Training(*torch_ddpm.read_train(options.data), options.batch)
    parameters = sum(parameter.numel() for parameter in training.trained)
    settings = {"batch": options.batch, "seed": options.seed, "threads": options.threads, "parameters": parameters}
    versions = {"torch": torch.__version__, "python": platform.python_version()}

    if options.time_only is not None:
        for _ in range(WARM_UP):
            training.step()
        started = time.perf_counter()
        for _ in range(options.time_only):
            training.step()
        milliseconds = (time.perf_counter() - started) * 1e3 / options.time_only
        reply({"millisecondsPerStep": milliseconds, "steps": options.time_only, **settings, "versions": versions})
        return

    seconds, step, total = 0.0, 0, 0.0
    while seconds < options.minutes * 60 if options.steps is None else step < options.steps:
        started = time.perf_counter()
        total += training.step()
        seconds += time.perf_counter() - started
        step += 1
        if step % REPORTED == 0:
            reply({"step": step, "seconds": seconds, "loss": total / REPORTED})
            total = 0.0
        if step % SAVED == 0:
            save(options.out, training, {"steps": step, "seconds": seconds, **settings, "versions": versions})
    run = {"steps": step, "seconds": seconds, **settings, "versions": versions}
    save(options.out, training, run)
    reply(run)


main()
