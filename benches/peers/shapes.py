"""Shapes of the parameters of W8 and W9, under our names (without a framework, which some peers must not load)."""

# ---- W8: ResNet-18
BLOCKS = [("layer1.0", 64, 64), ("layer1.1", 64, 64)]
for i, c in ((2, 64), (3, 128), (4, 256)):
    BLOCKS += [(f"layer{i}.first", c, 2 * c), (f"layer{i}.second", 2 * c, 2 * c)]


def w8_convs():
    """(convolution, its batch norm, [outputs, inputs, kernel, kernel])"""
    yield "conv1", "bn1", (64, 3, 7, 7)
    for b, i, o in BLOCKS:
        yield b + ".conv1", b + ".bn1", (o, i, 3, 3)
        yield b + ".conv2", b + ".bn2", (o, o, 3, 3)
        if i != o:
            yield b + ".skip.conv", b + ".skip.bn", (o, i, 1, 1)


def w8_shapes():
    s = {}
    for conv, bn, shape in w8_convs():
        s[conv + ".weight"] = shape
        for n in ("weight", "bias", "running_mean", "running_var"):
            s[f"{bn}.{n}"] = shape[:1]
    s["fc.weight"], s["fc.bias"] = (1000, 512), (1000,)
    return s


# ---- W9: all-MiniLM-L6-v2
VOCAB, POSITIONS, TOKENS, D, HEADS, FF = 30522, 512, 32, 384, 12, 1536


def w9_shapes():
    s = {"position_embeddings.weight": (POSITIONS, D), "token_type_embeddings.weight": (2, D), "word_embeddings.weight": (VOCAB, D),
         "embeddings_norm.weight": (D,), "embeddings_norm.bias": (D,)}
    for i in range(6):
        for n, o, m in (("query", D, D), ("key", D, D), ("value", D, D), ("attention", D, D), ("intermediate", FF, D), ("output", D, FF)):
            s[f"layers.{i}.{n}.weight"], s[f"layers.{i}.{n}.bias"] = (o, m), (o,)
        for n in ("attention_norm", "output_norm"):
            s[f"layers.{i}.{n}.weight"], s[f"layers.{i}.{n}.bias"] = (D,), (D,)
    return s
