"""nanoGPT's own CPU recipe, start to end, in PyTorch: how long it takes, and the loss it ends with.

    python torch_train.py --text FILE [--seed 1337] [--steps 2000] [--threads 2]

The command this follows is that of nanoGPT's README for a CPU: 4 layers, 4 heads, 128 wide, 12 x 64 tokens, 2,000 steps, no dropout, no
compilation, an estimate of both losses from 20 batches every 250 steps (that is part of the recipe, and of its time; writing its
checkpoint, about 20 ms, is left out). nanoGPT counts from 0 to 2,000 inclusive, and so do we. The clock runs from the text in memory to
the last step. The loss reported is over the whole validation split (the last tenth of the text), in windows that do not overlap, from
its first character, and is computed after the clock has stopped. Progress goes to standard error, the result to standard output as
one line of JSON: {"seconds", "validationLoss", "predictions", "parameters", "steps", "seed", "versions"}.
"""

import argparse
import json
import platform
import sys
import time

import torch

from nanogpt import SIZES, Training, random_batch, read_characters

EVALUATE_EVERY = 250
EVALUATION_BATCHES = 20


@torch.no_grad()
def estimate(training: Training, splits: dict) -> dict:
    training.model.eval()
    means = {}
    for name, data in splits.items():
        losses = [training.model(*random_batch(data, training.config)).item() for _ in range(EVALUATION_BATCHES)]
        means[name] = sum(losses) / len(losses)
    training.model.train()
    return means


@torch.no_grad()
def whole_split_loss(model, data, context: int, windows_at_once: int = 128):
    """Mean loss of every character of `data` that has a predecessor in its window, and how many there are."""
    model.eval()
    windows = (len(data) - 1) // context
    tokens = torch.from_numpy(data[: windows * context].astype("int64")).view(windows, context)
    targets = torch.from_numpy(data[1 : windows * context + 1].astype("int64")).view(windows, context)
    total = 0.0
    for start in range(0, windows, windows_at_once):
        x, y = tokens[start : start + windows_at_once], targets[start : start + windows_at_once]
        total += model(x, y).item() * y.numel()
    return total / (windows * context), windows * context


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", required=True)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    data, vocabulary = read_characters(options.text)
    boundary = int(len(data) * 0.9)
    splits = {"train": data[:boundary], "validation": data[boundary:]}

    started = time.perf_counter()
    training = Training(SIZES["nanogpt-cpu"], vocabulary, splits["train"], decay_steps=options.steps)
    for step in range(options.steps + 1):
        if step % EVALUATE_EVERY == 0:
            means = estimate(training, splits)
            print(
                f"seed {options.seed}, step {step}: train {means['train']:.4f}, validation {means['validation']:.4f}, "
                f"{time.perf_counter() - started:.1f} s",
                file=sys.stderr,
                flush=True,
            )
        training.step()
    seconds = time.perf_counter() - started

    loss, predictions = whole_split_loss(training.model, splits["validation"], training.config.context)
    result = {
        "seconds": seconds,
        "validationLoss": loss,
        "predictions": predictions,
        "parameters": training.model.parameter_count(),
        "steps": options.steps,
        "seed": options.seed,
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
    }
    print(json.dumps(result), flush=True)


main()
