"""The examples of convolution and pooling, for make.py."""

import itertools

import torch
import torch.nn.functional as F


def conv(f, **options):
    def run(x, w, b=None):
        return f(x[None], w, b, **options)[0]

    return run


def pool(f, *args, **options):
    return lambda x: f(x[None], *args, **options)[0]


def weight_norm(v, g):
    """As `torch.nn.utils.parametrizations.weight_norm`, which has no forward mode."""
    others = tuple(range(1, v.dim()))
    return v * (g / torch.linalg.vector_norm(v, dim=others)).reshape(-1, *(1 for _ in others))


def check_weight_norm():
    v, g = torch.rand(3, 2, 4), torch.rand(3)
    theirs = torch._weight_norm(v, g.reshape(3, 1, 1), 0)
    assert torch.allclose(weight_norm(v, g), theirs, rtol=1e-6)


check_weight_norm()


def examples(ANY):
    """As EXAMPLES in make.py."""
    return {
        # conv.rs
        "conv1d": [
            ("(x: [2, 7]) -> [3, 5] { conv1d(kernel = 3) -> [3, 5] }", [ANY], conv(F.conv1d), None, [(3, 2, 3), (3,)]),
            (
                "(x: [4, 9]) -> [6, 4] { conv1d(kernel = 3, stride = 2, padding = 1, dilation = 2, groups = 2) -> [6, _] }",
                [ANY],
                conv(F.conv1d, stride=2, padding=1, dilation=2, groups=2),
                None,
                [(6, 2, 3), (6,)],
            ),
            (
                "(x: [2, 6]) -> [2, 6] { conv1d(kernel = 4, padding = same, bias = false) -> [2, _] }",
                [ANY],
                conv(F.conv1d, padding="same"),
                None,
                [(2, 2, 4)],
            ),
        ],
        "conv2d": [
            (
                "(x: [2, 5, 6]) -> [3, 3, 4] { conv2d(kernel = 3) -> [3, 3, 4] }",
                [ANY],
                conv(F.conv2d),
                None,
                [(3, 2, 3, 3), (3,)],
            ),
            (
                "(x: [1, 6, 5]) -> [2, 4, 3] { tanh, conv2d(kernel = [3, 5], padding = [0, 1]) -> [2, 4, 3], tanh }",
                [ANY],
                lambda x, w, b: torch.tanh(F.conv2d(torch.tanh(x), w, b, padding=(0, 1))),
                None,
                [(2, 1, 3, 5), (2,)],
            ),
            (
                "(x: [4, 7, 7]) -> [6, 3, 4] { conv2d(kernel = [3, 2], stride = [3, 2], padding = 1, groups = 2, bias = false) -> [6, _, _] }",
                [ANY],
                conv(F.conv2d, stride=(3, 2), padding=1, groups=2),
                None,
                [(6, 2, 3, 2)],
            ),
            (
                "(x: [3, 5, 5]) -> [3, 5, 5] { conv2d(kernel = 3, padding = same, groups = 3) -> [3, 5, 5], relu, conv2d(kernel = 1) -> [3, _, _] }",
                [ANY],
                lambda x, w, b, v, c: F.conv2d(F.relu(F.conv2d(x, w, b, padding=1, groups=3)), v, c),
                None,
                [(3, 1, 3, 3), (3,), (3, 3, 1, 1), (3,)],
            ),
            (
                "(x: [2, 8, 7]) -> [2, 4, 3] { conv2d(kernel = 3, dilation = 2) -> [2, 4, 3] }",
                [ANY],
                conv(F.conv2d, dilation=2),
                None,
                [(2, 2, 3, 3), (2,)],
            ),
            (
                "(x: [4, 5, 4]) -> [2, 2, 3] { conv2d([3, 2], stride = [2, 1], groups = 2, weight_norm = true) -> [2, 2, 3] }",
                [ANY],
                lambda x, v, g, b: F.conv2d(x, weight_norm(v, g), b, stride=(2, 1), groups=2),
                None,
                [(2, 2, 3, 2), (2,), (2,)],
            ),
        ],
        "conv3d": [
            (
                "(x: [2, 3, 4, 4]) -> [2, 2, 4, 2] { conv3d(kernel = [2, 3, 2], stride = [1, 1, 2], padding = [0, 1, 0]) -> [2, 2, 4, 2] }",
                [ANY],
                conv(F.conv3d, stride=(1, 1, 2), padding=(0, 1, 0)),
                None,
                [(2, 2, 2, 3, 2), (2,)],
            ),
            (
                "(x: [2, 2, 3, 3]) -> [4, 1, 2, 2] { conv3d(kernel = 2, groups = 2, bias = false) -> [4, _, _, _] }",
                [ANY],
                conv(F.conv3d, groups=2),
                None,
                [(4, 1, 2, 2, 2)],
            ),
        ],
        # pool.rs
        "max_pool1d": [
            ("(x: [2, 6]) -> [2, 3] { max_pool1d(2) }", [ANY], pool(F.max_pool1d, 2)),
            (
                "(x: [2, 9]) -> [2, 4] { max_pool1d(3, stride = 2, padding = 1, dilation = 2) }",
                [ANY],
                pool(F.max_pool1d, 3, stride=2, padding=1, dilation=2),
            ),
        ],
        "max_pool2d": [
            ("(x: [2, 4, 6]) -> [2, 2, 3] { max_pool2d(2) }", [ANY], pool(F.max_pool2d, 2)),
            (
                "(x: [2, 5, 7]) -> [2, 3, 4] { tanh, max_pool2d(3, stride = 2, padding = 1), tanh }",
                [ANY],
                lambda x: torch.tanh(F.max_pool2d(torch.tanh(x)[None], 3, stride=2, padding=1)[0]),
            ),
            (
                "(x: [1, 5, 5]) -> [1, 2, 3] { max_pool2d([3, 2], stride = [2, 1], dilation = [1, 2]) }",
                [ANY],
                pool(F.max_pool2d, (3, 2), stride=(2, 1), dilation=(1, 2)),
            ),
            ("(x: [1, 9, 9]) -> [1, 2, 2] { max_pool2d(5, stride = 4) }", [ANY], pool(F.max_pool2d, 5, stride=4)),
            (
                "(x: [1, 6, 7]) -> [1, 3, 4] { max_pool2d([3, 2], stride = 2, ceil_mode = true) }",
                [ANY],
                pool(F.max_pool2d, (3, 2), stride=2, ceil_mode=True),
            ),
            (
                "(x: [1, 7, 5]) -> [1, 3, 2] { max_pool2d(2, stride = 3, padding = 1, dilation = [2, 3], ceil_mode = true) }",
                [ANY],
                pool(F.max_pool2d, 2, stride=3, padding=1, dilation=(2, 3), ceil_mode=True),
            ),
        ],
        "max_pool3d": [
            ("(x: [1, 4, 4, 2]) -> [1, 2, 2, 1] { max_pool3d(2) }", [ANY], pool(F.max_pool3d, 2)),
            (
                "(x: [1, 3, 4, 5]) -> [1, 2, 3, 2] { max_pool3d([2, 2, 3], stride = [2, 1, 3], padding = [1, 0, 1]) }",
                [ANY],
                pool(F.max_pool3d, (2, 2, 3), stride=(2, 1, 3), padding=(1, 0, 1)),
            ),
        ],
    }




def smooth_max(kernel, stride, padding=0, beta=1.0):
    """No op of PyTorch's: ln Σ e^(beta · x) / beta over windows."""

    def run(x):
        flat = x[None] if x.dim() == 3 else x[None, :, None, :]
        k = kernel if x.dim() == 3 else (1, kernel[0])
        s = stride if x.dim() == 3 else (1, stride[0])
        channels = flat.shape[1]
        columns = F.unfold(flat, k, padding=padding, stride=s)
        columns = columns.reshape(channels, k[0] * k[1], -1)
        y = torch.logsumexp(beta * columns, dim=1) / beta
        sizes = [(n + 2 * padding - a) // b + 1 for n, a, b in zip(flat.shape[2:], k, s)]
        return y.reshape([channels] + (sizes if x.dim() == 3 else sizes[1:]))

    return run


def smooth_max3d(kernel, stride, beta):
    def run(x):
        for axis, (k, s) in enumerate(zip(kernel, stride)):
            x = x.unfold(axis + 1, k, s)
        return torch.logsumexp(beta * x, dim=(-3, -2, -1)) / beta

    return run


def adaptive_max(f, *args):
    return lambda x: f(x[None], *args)[0]


def resize(mode, **options):
    return lambda x: F.interpolate(x[None], mode=mode, **options)[0]


def padded(sizes, **options):
    return lambda x: F.pad(x[None], sizes, **options)[0]


def more_examples(ANY):
    return {
        # conv.rs
        "conv_transpose1d": [
            (
                "(x: [2, 4]) -> [3, 6] { conv_transpose1d(3) -> [3, 6] }",
                [ANY],
                conv(F.conv_transpose1d),
                None,
                [(2, 3, 3), (3,)],
            ),
            (
                "(x: [4, 3]) -> [2, 8] { conv_transpose1d(4, stride = 3, padding = 2, groups = 2, output_padding = 2, bias = false) -> [2, 8] }",
                [ANY],
                conv(F.conv_transpose1d, stride=3, padding=2, groups=2, output_padding=2),
                None,
                [(4, 1, 4)],
            ),
            (
                "(x: [4, 3]) -> [2, 5] { conv_transpose1d(3, groups = 2, weight_norm = true) -> [2, 5] }",
                [ANY],
                lambda x, v, g, b: F.conv_transpose1d(x, weight_norm(v, g), b, groups=2),
                None,
                [(4, 1, 3), (4,), (2,)],
            ),
        ],
        "conv_transpose2d": [
            (
                "(x: [2, 3, 4]) -> [3, 5, 6] { conv_transpose2d(3) -> [3, 5, 6] }",
                [ANY],
                conv(F.conv_transpose2d),
                None,
                [(2, 3, 3, 3), (3,)],
            ),
            (
                "(x: [2, 3, 3]) -> [2, 6, 6] { tanh, conv_transpose2d(4, stride = 2, padding = 1) -> [2, _, _], tanh }",
                [ANY],
                lambda x, w, b: torch.tanh(F.conv_transpose2d(torch.tanh(x)[None], w, b, stride=2, padding=1)[0]),
                None,
                [(2, 2, 4, 4), (2,)],
            ),
            (
                "(x: [4, 3, 2]) -> [6, 8, 5] { conv_transpose2d([2, 3], stride = [2, 3], padding = [0, 1], dilation = [2, 1], groups = 2, output_padding = 1) -> [6, _, _], relu }",
                [ANY],
                lambda x, w, b: F.relu(
                    F.conv_transpose2d(
                        x[None], w, b, stride=(2, 3), padding=(0, 1), dilation=(2, 1), groups=2, output_padding=1
                    )[0]
                ),
                None,
                [(4, 3, 2, 3), (6,)],
            ),
        ],
        "conv_transpose3d": [
            (
                "(x: [2, 2, 2, 3]) -> [1, 3, 4, 3] { conv_transpose3d([2, 2, 1], stride = [1, 2, 1]) -> [1, _, _, _] }",
                [ANY],
                conv(F.conv_transpose3d, stride=(1, 2, 1)),
                None,
                [(2, 1, 2, 2, 1), (1,)],
            )
        ],
        # average.rs
        "avg_pool1d": [("(x: [2, 6]) -> [2, 3] { avg_pool1d(2) }", [ANY], pool(F.avg_pool1d, 2))],
        "avg_pool2d": [
            ("(x: [2, 4, 6]) -> [2, 2, 3] { avg_pool2d(2) }", [ANY], pool(F.avg_pool2d, 2)),
            (
                "(x: [2, 5, 7]) -> [2, 3, 4] { tanh, avg_pool2d(3, stride = 2, padding = 1), tanh }",
                [ANY],
                lambda x: torch.tanh(F.avg_pool2d(torch.tanh(x)[None], 3, stride=2, padding=1)[0]),
            ),
            (
                "(x: [1, 5, 4]) -> [1, 3, 5] { avg_pool2d([3, 2], stride = [2, 1], padding = 1, count_include_pad = false) }",
                [ANY],
                pool(F.avg_pool2d, (3, 2), stride=(2, 1), padding=1, count_include_pad=False),
            ),
            (
                "(x: [1, 6, 5]) -> [1, 3, 3] { avg_pool2d([3, 2], stride = 2, padding = [0, 1], ceil_mode = true) }",
                [ANY],
                pool(F.avg_pool2d, (3, 2), stride=2, padding=(0, 1), ceil_mode=True),
            ),
            (
                "(x: [1, 6, 7]) -> [1, 4, 4] { avg_pool2d(3, stride = 2, padding = 1, ceil_mode = true, count_include_pad = false) }",
                [ANY],
                pool(F.avg_pool2d, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
            ),
        ],
        "avg_pool3d": [
            (
                "(x: [1, 3, 4, 4]) -> [1, 2, 2, 2] { avg_pool3d([2, 2, 3], stride = [1, 2, 1]) }",
                [ANY],
                pool(F.avg_pool3d, (2, 2, 3), stride=(1, 2, 1)),
            )
        ],
        "smooth_max_pool1d": [
            (
                "(x: [2, 7]) -> [2, 3] { smooth_max_pool1d(3, stride = 2, beta = 2) }",
                [ANY],
                smooth_max((3,), (2,), beta=2.0),
            )
        ],
        "smooth_max_pool2d": [
            ("(x: [2, 4, 6]) -> [2, 2, 3] { smooth_max_pool2d(2) }", [ANY], smooth_max((2, 2), (2, 2))),
            (
                "(x: [1, 3, 4]) -> [1, 2, 3] { smooth_max_pool2d(2, padding = 1, beta = 0.5) }",
                [ANY],
                smooth_max((2, 2), (2, 2), padding=1, beta=0.5),
            ),
        ],
        "smooth_max_pool3d": [
            (
                "(x: [2, 3, 4, 2]) -> [2, 2, 2, 2] { smooth_max_pool3d([2, 2, 1], stride = [1, 2, 1], beta = 2) }",
                [ANY],
                smooth_max3d((2, 2, 1), (1, 2, 1), 2.0),
            )
        ],
        "adaptive_avg_pool1d": [
            ("(x: [2, 6]) -> [2, 4] { adaptive_avg_pool1d(4) }", [ANY], pool(F.adaptive_avg_pool1d, 4))
        ],
        "adaptive_avg_pool2d": [
            (
                "(x: [2, 4, 6]) -> [2, 2, 3] { adaptive_avg_pool2d([2, 3]) }",
                [ANY],
                pool(F.adaptive_avg_pool2d, (2, 3)),
            ),
            (
                "(x: [1, 7, 5]) -> [1, 3, 8] { tanh, adaptive_avg_pool2d([3, 8]), tanh }",
                [ANY],
                lambda x: torch.tanh(F.adaptive_avg_pool2d(torch.tanh(x)[None], (3, 8))[0]),
            ),
            ("(x: [3, 4, 5]) -> [3, 1, 1] { adaptive_avg_pool2d(1) }", [ANY], pool(F.adaptive_avg_pool2d, 1)),
        ],
        "adaptive_avg_pool3d": [
            (
                "(x: [1, 3, 2, 4]) -> [1, 2, 2, 2] { adaptive_avg_pool3d(2) }",
                [ANY],
                pool(F.adaptive_avg_pool3d, 2),
            )
        ],
        "adaptive_max_pool1d": [
            ("(x: [2, 7]) -> [2, 3] { adaptive_max_pool1d(3) }", [ANY], adaptive_max(F.adaptive_max_pool1d, 3))
        ],
        "adaptive_max_pool2d": [
            (
                "(x: [2, 4, 5]) -> [2, 2, 3] { adaptive_max_pool2d([2, 3]) }",
                [ANY],
                adaptive_max(F.adaptive_max_pool2d, (2, 3)),
            ),
            (
                "(x: [1, 6, 6]) -> [1, 4, 3] { tanh, adaptive_max_pool2d([4, 3]), tanh }",
                [ANY],
                lambda x: torch.tanh(F.adaptive_max_pool2d(torch.tanh(x)[None], (4, 3))[0]),
            ),
        ],
        "adaptive_max_pool3d": [
            (
                "(x: [1, 3, 4, 2]) -> [1, 2, 2, 2] { adaptive_max_pool3d(2) }",
                [ANY],
                adaptive_max(F.adaptive_max_pool3d, 2),
            )
        ],
        "global_avg_pool": [
            ("(x: [3, 4, 5]) -> [3] { global_avg_pool }", [ANY], lambda x: torch.mean(x, dim=(1, 2)))
        ],
        # resize.rs
        "constant_pad1d": [("(x: [2, 3]) -> [2, 7] { constant_pad1d(2) }", [ANY], padded((2, 2)))],
        "constant_pad2d": [
            (
                "(x: [2, 3, 4]) -> [2, 5, 8] { tanh, constant_pad2d([1, 2]), tanh }",
                [ANY],
                lambda x: torch.tanh(F.pad(torch.tanh(x), (2, 2, 1, 1))),
            ),
            (
                "(x: [1, 2, 3]) -> [1, 4, 4] { constant_pad2d([2, 0, 0, 1], value = 1.5) }",
                [ANY],
                padded((0, 1, 2, 0), value=1.5),
            ),
        ],
        "constant_pad3d": [
            ("(x: [1, 2, 2, 3]) -> [1, 4, 4, 5] { constant_pad3d(1) }", [ANY], padded((1, 1, 1, 1, 1, 1)))
        ],
        "reflection_pad1d": [
            ("(x: [2, 4]) -> [2, 9] { reflection_pad1d([3, 2]) }", [ANY], padded((3, 2), mode="reflect")),
            (
                "(x: [2, 9]) -> [2, 20] { tanh, reflection_pad1d([5, 6]), square }",
                [ANY],
                lambda x: F.pad(torch.tanh(x), (5, 6), mode="reflect") ** 2,
            ),
        ],
        "reflection_pad2d": [
            (
                "(x: [1, 3, 4]) -> [1, 7, 6] { tanh, reflection_pad2d([2, 1]) }",
                [ANY],
                lambda x: F.pad(torch.tanh(x), (1, 1, 2, 2), mode="reflect"),
            )
        ],
        "reflection_pad3d": [
            (
                "(x: [1, 2, 3, 2]) -> [1, 4, 6, 3] { reflection_pad3d([1, 1, 2, 1, 0, 1]) }",
                [ANY],
                padded((0, 1, 2, 1, 1, 1), mode="reflect"),
            )
        ],
        "replication_pad1d": [
            ("(x: [2, 4]) -> [2, 7] { replication_pad1d([1, 2]) }", [ANY], padded((1, 2), mode="replicate"))
        ],
        "replication_pad2d": [
            (
                "(x: [1, 3, 2]) -> [1, 5, 6] { tanh, replication_pad2d([1, 2]) }",
                [ANY],
                lambda x: F.pad(torch.tanh(x), (2, 2, 1, 1), mode="replicate"),
            )
        ],
        "replication_pad3d": [
            (
                "(x: [1, 2, 2, 3]) -> [1, 4, 4, 5] { replication_pad3d(1) }",
                [ANY],
                padded((1, 1, 1, 1, 1, 1), mode="replicate"),
            )
        ],
        "upsample_nearest1d": [
            ("(x: [2, 3]) -> [2, 6] { upsample_nearest1d(2) }", [ANY], resize("nearest", scale_factor=2)),
            ("(x: [2, 4]) -> [2, 6] { upsample_nearest1d -> [_, 6] }", [ANY], resize("nearest", size=6)),
        ],
        "upsample_nearest2d": [
            (
                "(x: [2, 2, 3]) -> [2, 4, 6] { tanh, upsample_nearest2d(2), tanh }",
                [ANY],
                lambda x: torch.tanh(F.interpolate(torch.tanh(x)[None], scale_factor=2)[0]),
            ),
            (
                "(x: [1, 4, 3]) -> [1, 3, 5] { upsample_nearest2d -> [_, 3, 5] }",
                [ANY],
                resize("nearest", size=(3, 5)),
            ),
        ],
        "upsample_nearest3d": [
            (
                "(x: [1, 2, 2, 1]) -> [1, 4, 2, 3] { upsample_nearest3d([2, 1, 3]) }",
                [ANY],
                resize("nearest", size=(4, 2, 3)),
            )
        ],
        "upsample_linear1d": [
            ("(x: [2, 3]) -> [2, 6] { upsample_linear1d(2) }", [ANY], resize("linear", scale_factor=2)),
            (
                "(x: [2, 3]) -> [2, 7] { upsample_linear1d(align_corners = true) -> [2, 7] }",
                [ANY],
                resize("linear", size=7, align_corners=True),
            ),
        ],
        "upsample_bilinear2d": [
            (
                "(x: [1, 2, 3]) -> [1, 4, 6] { tanh, upsample_bilinear2d(2), tanh }",
                [ANY],
                lambda x: torch.tanh(F.interpolate(torch.tanh(x)[None], scale_factor=2, mode="bilinear")[0]),
            ),
            (
                "(x: [1, 3, 4]) -> [1, 5, 6] { upsample_bilinear2d(align_corners = true) -> [1, 5, 6] }",
                [ANY],
                resize("bilinear", size=(5, 6), align_corners=True),
            ),
            (
                "(x: [1, 5, 2]) -> [1, 3, 5] { upsample_bilinear2d -> [1, 3, 5] }",
                [ANY],
                resize("bilinear", size=(3, 5)),
            ),
        ],
        "upsample_trilinear3d": [
            (
                "(x: [1, 2, 1, 3]) -> [1, 4, 2, 6] { upsample_trilinear3d(2) }",
                [ANY],
                resize("trilinear", scale_factor=2),
            ),
            (
                "(x: [1, 2, 3, 2]) -> [1, 3, 4, 3] { upsample_trilinear3d(align_corners = true) -> [1, 3, 4, 3] }",
                [ANY],
                resize("trilinear", size=(3, 4, 3), align_corners=True),
            ),
        ],
    }


def grid(ANY):
    """Options against each other, for grid.json: name, model, draws, parameters, function."""
    cases = []

    def add(name, shape, op, f, params=()):
        out = list(f(torch.zeros(shape), *(torch.zeros(p) for p in params)).shape)
        title = "".join(word.capitalize() for word in name.split("_"))
        cases.append((name, f"{title}(x: {shape}) -> {out} {{ {op} }}", [ANY], list(params), f))

    for s, p, d, g in itertools.product((1, 2), (0, 1), (1, 2), (1, 2, 4)):
        add(
            f"conv_s{s}_p{p}_d{d}_g{g}",
            [4, 5, 4],
            f"conv2d([3, 2], stride = {s}, padding = {p}, dilation = {d}, groups = {g}) -> [4, _, _]",
            conv(F.conv2d, stride=s, padding=p, dilation=d, groups=g),
            [(4, 4 // g, 3, 2), (4,)],
        )
    for s, p, d, g in itertools.product((1, 2), (0, 1), (1, 2), (1, 2)):
        o = 1 if s * d > 1 and p else 0
        add(
            f"spread_s{s}_p{p}_d{d}_g{g}",
            [4, 3, 2],
            f"conv_transpose2d([2, 3], stride = {s}, padding = {p}, dilation = {d}, groups = {g}, output_padding = {o}) -> [2, _, _]",
            conv(F.conv_transpose2d, stride=s, padding=p, dilation=d, groups=g, output_padding=o),
            [(4, 2 // g, 2, 3), (2,)],
        )
    for s, p, d in itertools.product((1, 2), (0, 1), (1, 2)):
        add(
            f"max_s{s}_p{p}_d{d}",
            [2, 6, 5],
            f"max_pool2d([3, 2], stride = {s}, padding = {p}, dilation = {d})",
            pool(F.max_pool2d, (3, 2), stride=s, padding=p, dilation=d),
        )
    for s, p, d in itertools.product((2, 3), (0, 1), (1, 2)):
        add(
            f"max_ceil_s{s}_p{p}_d{d}",
            [2, 6, 5],
            f"max_pool2d([3, 2], stride = {s}, padding = {p}, dilation = {d}, ceil_mode = true)",
            pool(F.max_pool2d, (3, 2), stride=s, padding=p, dilation=d, ceil_mode=True),
        )
    for s, p, whole in itertools.product((2, 3), (0, 1), (True, False)):
        add(
            f"mean_ceil_s{s}_p{p}_{str(whole).lower()}",
            [2, 6, 5],
            f"avg_pool2d([3, 2], stride = {s}, padding = {p}, ceil_mode = true, count_include_pad = {str(whole).lower()})",
            pool(F.avg_pool2d, (3, 2), stride=s, padding=p, ceil_mode=True, count_include_pad=whole),
        )
    # One window that is longer than the array.
    add(
        "mean_ceil_short",
        [1, 2, 3],
        "avg_pool2d(3, stride = [2, 1], ceil_mode = true)",
        pool(F.avg_pool2d, 3, stride=(2, 1), ceil_mode=True),
    )
    add(
        "max_ceil_short",
        [1, 2, 3],
        "max_pool2d(3, stride = [2, 1], ceil_mode = true)",
        pool(F.max_pool2d, 3, stride=(2, 1), ceil_mode=True),
    )
    for s, p, whole in itertools.product((1, 2), (0, 1), (True, False)):
        add(
            f"mean_s{s}_p{p}_{str(whole).lower()}",
            [2, 6, 5],
            f"avg_pool2d([3, 2], stride = {s}, padding = {p}, count_include_pad = {str(whole).lower()})",
            pool(F.avg_pool2d, (3, 2), stride=s, padding=p, count_include_pad=whole),
        )
    return cases
