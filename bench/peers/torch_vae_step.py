"""A worker that takes training steps of PyTorch's example VAE (eager, float32) when told to, and says how long they took.

    python torch_vae_step.py --pictures FOLDER [--threads 2]

FOLDER holds the gzipped IDX files of Fashion-MNIST. The protocol is that of torch_step.py.
"""

import argparse
import platform

import torch

from step_protocol import answer
from torch_vae import Training, read_pictures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    training = Training(read_pictures(options.pictures, "train-images-idx3-ubyte.gz"))
    parameters = sum(p.numel() for p in training.model.parameters())
    ready = {
        "description": f"PyTorch eager fp32, {options.threads} threads, {parameters:,} parameters",
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "parameters": parameters,
    }
    answer(ready, training.step)


main()
