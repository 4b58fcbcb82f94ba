"""A worker that generates with Hugging Face transformers (GPT2LMHeadModel, float32, greedy, its own cache) when told to, and says how long it took.

    python transformers_generate.py --batch 1 --threads 2

It speaks lines of JSON. First it prints {"ready": true, "description", "versions"}; then it answers {"command": "steps", "count": n} with
{"milliseconds", "loss"}. A step is one generation: prompts of 16 tokens, 128 new tokens a row. Nothing ends a row early (there is no end
token), and the weights are random, which costs the same as trained ones. There is no loss; the last token stands in for it.
"""

import argparse
import json
import platform
import sys
import time

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

LAYERS, HEADS, WIDTH, VOCABULARY, CONTEXT = 6, 6, 384, 65, 256
PROMPT, NEW = 16, 128


def reply(message: dict) -> None:
    print(json.dumps(message), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1337)
    transformers.logging.set_verbosity_error()
    config = GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=CONTEXT,
        n_embd=WIDTH,
        n_layer=LAYERS,
        n_head=HEADS,
        bos_token_id=None,
        eos_token_id=None,
    )
    model = GPT2LMHeadModel(config).eval()
    prompt = torch.randint(0, VOCABULARY, (options.batch, PROMPT))
    mask = torch.ones_like(prompt)

    def generate() -> torch.Tensor:
        with torch.inference_mode():
            return model.generate(
                prompt,
                attention_mask=mask,
                max_new_tokens=NEW,
                min_new_tokens=NEW,
                do_sample=False,
                use_cache=True,
                pad_token_id=0,
            )

    reply(
        {
            "ready": True,
            "description": f"transformers generate, greedy, fp32, {options.threads} threads, {model.num_parameters():,} parameters",
            "versions": {
                "transformers": transformers.__version__,
                "torch": torch.__version__,
                "python": platform.python_version(),
            },
        }
    )
    for line in sys.stdin:
        message = json.loads(line)
        if message["command"] != "steps":
            reply({"error": f"unknown command {message['command']!r}"})
            continue
        started = time.perf_counter()
        for _ in range(message["count"]):
            made = generate()
        milliseconds = (time.perf_counter() - started) * 1e3
        if made.shape != (options.batch, PROMPT + NEW):
            raise RuntimeError(f"generate made {tuple(made.shape)}, not {(options.batch, PROMPT + NEW)}")
        reply({"milliseconds": milliseconds, "loss": float(made[0, -1])})


main()
