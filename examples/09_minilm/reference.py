"""Makes `sentences.json`: token ids and reference embeddings of a few sentences, and the shapes of all
tensors of the checkpoint.

    pip install torch safetensors tokenizers numpy
    python reference.py DIRECTORY      # with model.safetensors and tokenizer.json

The network is written out in plain PyTorch, in f64 and one sentence at a time: nothing is padded, so that
the example's padding and masks are put to the test as well.
"""

import json
import math
import pathlib
import sys

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn import functional as F

LAYERS, HEADS, WIDTH = 6, 12, 384
SENTENCES = [
    "A man is eating food.",
    "Someone is having a meal.",
    "The stock market fell sharply today.",
    "Hello",
    "A type checker finds the wrong shape before the program runs, which is better than finding it a week later.",
    "¿Dónde está la biblioteca?",
]

directory = pathlib.Path(sys.argv[1])
weights = load_file(directory / "model.safetensors")
shapes = {name: list(w.shape) for name, w in sorted(weights.items())}
weights = {name: w.double() for name, w in weights.items() if w.is_floating_point()}
tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()


def linear(x, name):
    return F.linear(x, weights[name + ".weight"], weights[name + ".bias"])


def norm(x, name):
    return F.layer_norm(x, (WIDTH,), weights[name + ".weight"], weights[name + ".bias"], 1e-12)


def embed(tokens):
    n = len(tokens)
    x = weights["embeddings.word_embeddings.weight"][tokens]
    x = x + weights["embeddings.position_embeddings.weight"][:n]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "embeddings.LayerNorm")
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}."
        q, k, v = (
            linear(x, f"{layer}attention.self.{part}").reshape(n, HEADS, WIDTH // HEADS).transpose(0, 1)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS)
        context = (scores.softmax(-1) @ v).transpose(0, 1).reshape(n, WIDTH)
        attention = linear(context, layer + "attention.output.dense")
        x = norm(attention + x, layer + "attention.output.LayerNorm")
        hidden = F.gelu(linear(x, layer + "intermediate.dense"))
        x = norm(linear(hidden, layer + "output.dense") + x, layer + "output.LayerNorm")
    mean = x.mean(0)  # the pooler of the checkpoint is not used
    return mean / mean.norm()


sentences = []
for text in SENTENCES:
    tokens = tokenizer.encode(text).ids
    embedding = [float(f"{x:.9g}") for x in embed(tokens).tolist()]
    sentences.append({"text": text, "tokens": tokens, "embedding": embedding})
    print(len(tokens), text)

rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in sentences)
names = ",\n".join(f"{json.dumps(name)}: {shape}" for name, shape in shapes.items())
path = pathlib.Path(__file__).with_name("sentences.json")
path.write_text(f'{{"tensors": {{\n{names}\n}}, "sentences": [\n{rows}\n]}}\n')
