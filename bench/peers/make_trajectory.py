"""Records a short training run of nanoGPT's model in PyTorch, for `npm run trajectory` to follow.

    python make_trajectory.py --text FILE --out STEM [--layers 3 --heads 3 --width 24 --context 24 --bias] [--excerpt]

Writes STEM.safetensors, the initial weights under nanoGPT's names, and STEM.json: sizes, optimizer, vocabulary, where each batch starts in
the text, the losses and the gradient norms before clipping, and then the logits of a prompt and what the trained model goes on to
write when it always takes the likeliest token. The learning rate is constant, and there is no dropout. With --excerpt the windows that
the batches need are also written to STEM.txt, end to end, and the batches start in that: the fixture then stands by itself.
"""

import argparse
import json

import torch

from nanogpt import BETAS, CLIP_NORM, GPT, LEARNING_RATE, WEIGHT_DECAY, Config, adamw, read_characters
from safetensors_file import write_safetensors

PROMPT_LENGTH = 8
GREEDY_TOKENS = 40


def theirs(name: str) -> str:
    """nanoGPT keeps everything but its (tied) head in a module called `transformer`."""
    return f"transformer.{name}"


@torch.no_grad()
def greedy(model, prompt: list, count: int, context: int) -> list:
    ids = list(prompt)
    for _ in range(count):
        ids.append(int(model.logits(torch.tensor([ids[-context:]]))[0, -1].argmax()))
    return ids


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--heads", type=int, default=3)
    parser.add_argument("--width", type=int, default=24)
    parser.add_argument("--context", type=int, default=24)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--bias", action="store_true")
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--excerpt", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(options.seed)

    with open(options.text, encoding="utf-8") as file:
        text = file.read()
    ids, vocabulary_size = read_characters(options.text)
    vocabulary = "".join(sorted(set(text)))
    config = Config(options.layers, options.heads, options.width, options.context, options.batch, options.bias)
    model = GPT(config, vocabulary_size)
    write_safetensors(f"{options.out}.safetensors", {theirs(name): p for name, p in model.named_parameters()})

    optimizer = adamw(model)
    starts, losses, norms = [], [], []
    for _ in range(options.steps):
        batch = torch.randint(len(ids) - config.context, (config.batch,)).tolist()
        windows = torch.tensor([ids[i : i + config.context + 1].tolist() for i in batch])
        loss = model(windows[:, :-1].contiguous(), windows[:, 1:].contiguous())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
        optimizer.step()
        starts.append(batch)
        losses.append(loss.item())
        norms.append(norm.item())

    prompt = ids[:PROMPT_LENGTH].tolist()
    with torch.no_grad():
        logits = model.logits(torch.tensor([prompt]))[0].tolist()
    greedy_ids = greedy(model, prompt, GREEDY_TOKENS, config.context)

    if options.excerpt:
        window = config.context + 1
        with open(f"{options.out}.txt", "w", encoding="utf-8") as file:
            file.write("".join(text[i : i + window] for batch in starts for i in batch))
        starts = [
            [(step * config.batch + row) * window for row in range(config.batch)] for step in range(options.steps)
        ]
    fixture = {
        "source": f"bench/peers/make_trajectory.py, torch {torch.__version__}, seed {options.seed}",
        "config": {
            "n_layer": config.layers,
            "n_head": config.heads,
            "n_embd": config.width,
            "block_size": config.context,
            "vocab_size": vocabulary_size,
            "bias": config.bias,
        },
        "optimizer": {
            "name": "AdamW",
            "lr": LEARNING_RATE,
            "betas": BETAS,
            "eps": 1e-8,
            "weight_decay": WEIGHT_DECAY,
            "decay": "tensors of 2 or more dimensions only",
            "grad_clip_norm": CLIP_NORM,
        },
        "vocabulary": vocabulary,
        "batch_starts": starts,
        "losses": losses,
        "grad_norms_before_clip": norms,
        "after_training": {"prompt_ids": prompt, "logits": logits, "greedy_ids": greedy_ids},
    }
    with open(f"{options.out}.json", "w", encoding="utf-8") as file:
        json.dump(fixture, file)
    print(f"{options.out}: loss {losses[0]:.4f} to {losses[-1]:.4f} over {options.steps} steps")


main()
