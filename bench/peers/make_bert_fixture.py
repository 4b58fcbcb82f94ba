"""Records what PyTorch computes with a small masked language model, for `packages/models/src/families/bert/torch.test.ts` to compare with.

    python make_bert_fixture.py STEM

The model is torch.nn.TransformerEncoder with its norms first and random weights, between an embedding and the same table as the head.
Writes STEM.safetensors, the weights under Atelier's names and in its layout ([in, out]), and STEM.json: sizes, rows of different
lengths with hidden tokens, the logits at the hidden places, their mean cross-entropy, the norm of its gradient over each parameter, and
the normalised mean of the hidden states of each row.
"""

import json
import sys

import torch
import torch.nn.functional as functional
from torch import nn

from safetensors_file import write_safetensors

SEED = 1337
VOCABULARY, CONTEXT, LAYERS, HEADS, WIDTH = 13, 7, 2, 2, 8
MASK = VOCABULARY - 1


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(CONTEXT, WIDTH)
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 4 * WIDTH, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, LAYERS, norm=nn.LayerNorm(WIDTH), enable_nested_tensor=False)

    def hidden(self, tokens, visible):
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1]))  # (B, T, C)
        return self.encoder(x, src_key_padding_mask=visible == 0)  # (B, T, C)

    def logits(self, tokens, visible, positions):
        rows = torch.arange(tokens.shape[0])[:, None]
        return self.hidden(tokens, visible)[rows, positions] @ self.tokens.weight.T  # (B, K, V)


def parameters(model: Bert):
    """(Atelier's name, parameter, whether it is the other way round)."""
    yield "embedding.tokens", model.tokens.weight, False
    yield "embedding.positions", model.positions.weight, False
    for i, layer in enumerate(model.encoder.layers):
        block = f"blocks.{i}"
        for name, norm in ((f"{block}.norm1", layer.norm1), (f"{block}.norm2", layer.norm2)):
            yield f"{name}.scale", norm.weight, False
            yield f"{name}.shift", norm.bias, False
        yield f"{block}.attention.qkv.weight", layer.self_attn.in_proj_weight, True
        yield f"{block}.attention.qkv.bias", layer.self_attn.in_proj_bias, False
        for name, linear in (
            ("attention.output", layer.self_attn.out_proj),
            ("mlp.expand", layer.linear1),
            ("mlp.contract", layer.linear2),
        ):
            yield f"{block}.{name}.weight", linear.weight, True
            yield f"{block}.{name}.bias", linear.bias, False
    yield "norm.scale", model.encoder.norm.weight, False
    yield "norm.shift", model.encoder.norm.bias, False


def main() -> None:
    stem = sys.argv[1]
    torch.manual_seed(SEED)
    model = Bert()
    with torch.no_grad():
        for parameter in model.parameters():  # away from every zero and one that they start with
            parameter.add_(torch.randn_like(parameter) * 0.3)

    lengths = [CONTEXT, 4, 6]
    visible = torch.tensor([[1.0] * n + [0.0] * (CONTEXT - n) for n in lengths])
    text = torch.randint(MASK, (len(lengths), CONTEXT))
    positions = torch.tensor([[1, 4], [0, 3], [2, 5]])
    targets = text.gather(1, positions)
    tokens = text.scatter(1, positions, MASK).where(visible == 1, MASK)

    logits = model.logits(tokens, visible, positions)
    loss = functional.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1))
    loss.backward()
    hidden = model.hidden(tokens, visible)
    mean = (hidden * visible[..., None]).sum(1) / visible.sum(1, keepdim=True)
    named = list(parameters(model))
    write_safetensors(f"{stem}.safetensors", {name: p.T if turned else p for name, p, turned in named})
    fixture = {
        "source": f"bench/peers/make_bert_fixture.py, torch {torch.__version__}, seed {SEED}",
        "size": {"vocabulary": VOCABULARY, "context": CONTEXT, "layers": LAYERS, "heads": HEADS, "width": WIDTH},
        "inputs": tokens.tolist(),
        "visible": visible.tolist(),
        "positions": positions.tolist(),
        "targets": targets.tolist(),
        "logits": logits.tolist(),
        "loss": loss.item(),
        "gradientNorms": {name: p.grad.norm().item() for name, p, _ in named},
        "embeddings": functional.normalize(mean, dim=-1).tolist(),
    }
    with open(f"{stem}.json", "w", encoding="utf-8") as file:
        json.dump(fixture, file)
        file.write("\n")


main()
