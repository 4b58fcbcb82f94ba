"""A worker that computes a convolution and both gradients in PyTorch (eager, float32, NCHW as PyTorch has it by default).

    python torch_convolution.py --x 32,64,32,32 --weight 64,64,3,3 --stride 1 --padding 1 --groups 1 --threads 2

It speaks the lines of JSON that torch_step.py describes; the loss is the mean of all three results.
"""

import argparse
import platform

import torch
import torch.nn.functional as functional

from step_protocol import answer


def numbers(text: str) -> list:
    return [int(number) for number in text.split(",")]


parser = argparse.ArgumentParser()
parser.add_argument("--x", type=numbers, required=True)
parser.add_argument("--weight", type=numbers, required=True)
for name in ("stride", "padding", "groups", "threads"):
    parser.add_argument(f"--{name}", type=int, required=True)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(1)
x, weight = torch.rand(options.x).requires_grad_(), torch.rand(options.weight).requires_grad_()
settings = {"stride": options.stride, "padding": options.padding, "groups": options.groups}
cotangent = torch.rand_like(functional.conv2d(x, weight, **settings))


def step() -> float:
    y = functional.conv2d(x, weight, **settings)
    by_x, by_weight = torch.autograd.grad(y, (x, weight), cotangent)
    return (y.mean() + by_x.mean() + by_weight.mean()).item()


answer(
    {
        "description": f"PyTorch eager fp32, {options.threads} threads",
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
    },
    step,
)
