"""The networks of the forward workloads as PyTorch functions of (parameters, inputs): timed by peer_torch.py, written out as ONNX
for peer_onnx.py, and the float64 reference of W8 and W9 in gen_data.py. The names of W8's and W9's parameters are ours:
`layer2.first.skip.conv.weight` is torchvision's `layer2.0.downsample.0.weight`."""
import torch
import torch.nn.functional as F
from shapes import BLOCKS, D, HEADS


def w2(p, x):
    h = torch.relu(F.linear(x, p["W1"], p["b1"]))
    h = torch.relu(F.linear(h, p["W2"], p["b2"]))
    return F.linear(h, p["W3"], p["b3"])


def w3(p, x):
    h = F.max_pool2d(torch.relu(F.conv2d(x, p["K1"], p["kb1"])), 2)
    h = F.max_pool2d(torch.relu(F.conv2d(h, p["K2"], p["kb2"])), 2).flatten(1)
    h = torch.relu(F.linear(h, p["W1"], p["b1"]))
    h = torch.relu(F.linear(h, p["W2"], p["b2"]))
    return F.linear(h, p["W3"], p["b3"])


def w5(p, x):
    B, Tn, d = x.shape
    H = 4
    h = F.layer_norm(x, (d,), p["ln1g"], p["ln1b"], 1e-5)
    q, k, v = F.linear(h, p["Wqkv"], p["bqkv"]).view(B, Tn, 3, H, d // H).permute(2, 0, 3, 1, 4)
    a = F.scaled_dot_product_attention(q, k, v)
    x = x + F.linear(a.transpose(1, 2).reshape(B, Tn, d), p["Wo"], p["bo"])
    h = F.layer_norm(x, (d,), p["ln2g"], p["ln2b"], 1e-5)
    return x + F.linear(F.gelu(F.linear(h, p["W1"], p["b1"]), approximate="tanh"), p["W2"], p["b2"])


def w7(p, x):
    return F.gelu(F.linear(x, p["W"], p["b"]), approximate="tanh")


# ---- W8: ResNet-18
def w8(p, x, training=False, momentum=0.0):
    """x: [B, 3, 224, 224]. `training` takes statistics from the batch (to find running ones for random weights)."""
    def norm(h, n):
        return F.batch_norm(h, p[n + ".running_mean"], p[n + ".running_var"], p[n + ".weight"], p[n + ".bias"], training, momentum, 1e-5)
    h = torch.relu(norm(F.conv2d(x, p["conv1.weight"], None, 2, 3), "bn1"))
    h = F.max_pool2d(h, 3, 2, 1)
    for b, i, o in BLOCKS:
        s = 1 if i == o else 2
        g = torch.relu(norm(F.conv2d(h, p[b + ".conv1.weight"], None, s, 1), b + ".bn1"))
        g = norm(F.conv2d(g, p[b + ".conv2.weight"], None, 1, 1), b + ".bn2")
        if i != o:
            h = norm(F.conv2d(h, p[b + ".skip.conv.weight"], None, 2), b + ".skip.bn")
        h = torch.relu(g + h)
    return F.linear(h.mean((2, 3)), p["fc.weight"], p["fc.bias"])


# ---- W9: all-MiniLM-L6-v2
def w9(p, tokens, mask):
    """tokens: [B, 32] of integers; mask: [B, 32], 1 for a token and 0 for padding. Embeddings [B, 384] of length 1."""
    B, T = tokens.shape
    lin = lambda h, n: F.linear(h, p[n + ".weight"], p[n + ".bias"])
    ln = lambda h, n: F.layer_norm(h, (D,), p[n + ".weight"], p[n + ".bias"], 1e-12)
    split = lambda h: h.view(B, T, HEADS, D // HEADS).transpose(1, 2)
    h = F.embedding(tokens, p["word_embeddings.weight"]) + p["position_embeddings.weight"][:T] + p["token_type_embeddings.weight"][0]
    h = ln(h, "embeddings_norm")
    for i in range(6):
        l = f"layers.{i}."
        a = F.scaled_dot_product_attention(split(lin(h, l + "query")), split(lin(h, l + "key")), split(lin(h, l + "value")),
                                           attn_mask=mask[:, None, None, :] > 0)
        h = ln(h + lin(a.transpose(1, 2).reshape(B, T, D), l + "attention"), l + "attention_norm")
        h = ln(h + lin(F.gelu(lin(h, l + "intermediate")), l + "output"), l + "output_norm")
    m = mask[:, :, None]
    return F.normalize((h * m).sum(1) / m.sum(1), dim=-1)
