"""PyTorch's example VAE on Fashion-MNIST, some epochs of it: the loss on the test pictures, and how long an epoch takes.

    python torch_vae_train.py --pictures FOLDER [--epochs 10] [--seed 1] [--threads 2]

FOLDER holds the gzipped IDX files of Fashion-MNIST. Progress goes to standard error, the result to standard output as one line of JSON:
{"testLoss", "secondsPerEpoch", "epochs", "parameters", "versions"}.
"""

import argparse
import json
import platform
import sys
import time

import torch

from torch_vae import Training, read_pictures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    training = Training(read_pictures(options.pictures, "train-images-idx3-ubyte.gz"))
    test = read_pictures(options.pictures, "t10k-images-idx3-ubyte.gz")
    seconds = 0.0
    for epoch in range(options.epochs):
        started = time.perf_counter()
        for _ in range(-(-len(training.pictures) // 128)):
            training.step()
        seconds += time.perf_counter() - started
        loss = training.judge(test)
        print(f"epoch {epoch + 1}: test {loss:.3f}, {seconds:.1f} s", file=sys.stderr, flush=True)
    result = {
        "testLoss": loss,
        "secondsPerEpoch": seconds / options.epochs,
        "epochs": options.epochs,
        "parameters": sum(p.numel() for p in training.model.parameters()),
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
    }
    print(json.dumps(result), flush=True)


main()
