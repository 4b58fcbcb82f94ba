"""A worker that takes training steps in PyTorch (eager, float32) when told to, and says how long they took.

    python torch_step.py --size nanogpt-cpu --threads 2 [--text FILE]

It speaks lines of JSON. First it prints {"ready": true, "description", "versions"}; then it answers, one line each,
{"command": "steps", "count": n} with {"milliseconds", "loss"}, and {"command": "memory"} with {"bytes"} (the peak resident memory of this
process so far); it ends with its standard input. Without a text the tokens are random, which costs the same.
"""

import argparse
import platform

import numpy
import torch

from nanogpt import SIZES, Training, read_characters
from step_protocol import answer

VOCABULARY = 65


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=sorted(SIZES), required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--text")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1337)
    if options.text:
        data, vocabulary = read_characters(options.text)
        data = data[: int(len(data) * 0.9)]
    else:
        data, vocabulary = numpy.random.default_rng(1337).integers(0, VOCABULARY, 1_000_000, dtype=numpy.uint16), VOCABULARY
    training = Training(SIZES[options.size], vocabulary, data, decay_steps=2000)
    description = f"PyTorch eager fp32, {options.threads} threads, {training.model.parameter_count():,} parameters"
    ready = {
        "description": description,
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
    }
    answer(ready, training.step)


main()
