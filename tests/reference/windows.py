"""The examples of convolution and pooling, for make.py."""

import torch
import torch.nn.functional as F


def conv(f, **options):
    def run(x, w, b=None):
        return f(x[None], w, b, **options)[0]

    return run


def pool(f, *args, **options):
    return lambda x: f(x[None], *args, **options)[0]


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
