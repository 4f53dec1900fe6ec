"""Examples of losses, and of what two values make together: see `EXAMPLES` in make.py.

PyTorch has no forward mode of some of its functions, and no derivative by some of their arguments. Those are written out
here, and `check` holds what is written to PyTorch's own values and gradients.
"""

import torch
import torch.nn.functional as F

NEVER = -1e30


def signs(loss):
    """A loss whose target is 1 or −1, from any numbers."""
    return lambda *xs, **options: loss(*xs[:-1], torch.sign(xs[-1].detach()) + 0 * xs[-1], **options)


def nll(x, i, w=None, ignore_index=-100, reduction="mean"):
    """`F.nll_loss`, with a derivative by the weights of the classes."""
    x, i = (x[None], i[None]) if x.dim() == 1 else (x, i)
    w = torch.ones(x.shape[1]) if w is None else w
    kept = i != ignore_index
    i = torch.where(kept, i, 0)
    weight = torch.where(kept, w[i], 0.0)
    losses = -weight * x.gather(1, i[:, None])[:, 0]
    return losses if reduction == "none" else losses.sum() / weight.sum()


def poisson(x, t, log_input=True, full=False, eps=1e-8, reduction="mean"):
    loss = torch.exp(x) - t * x if log_input else x - t * torch.log(x + eps)
    if full:
        above = torch.where(t > 1, t, 2.0)
        loss = loss + torch.where(t > 1, above * torch.log(above) - above + 0.5 * torch.log(2 * torch.pi * above), 0.0)
    return {"mean": loss.mean, "sum": loss.sum, "none": lambda: loss}[reduction]()


def gaussian(x, t, v, full=False, eps=1e-6, reduction="mean"):
    v = v + (v.clamp(min=eps) - v).detach()
    loss = 0.5 * (torch.log(v) + (x - t) ** 2 / v) + (0.5 * torch.log(torch.tensor(2 * torch.pi)) if full else 0)
    return {"mean": loss.mean, "sum": loss.sum, "none": lambda: loss}[reduction]()


def soft_margin(x, t, w=torch.tensor(1.0), reduction="mean"):
    loss = -(w * (t * F.logsigmoid(x) + (1 - t) * F.logsigmoid(-x))).mean(-1)
    return {"mean": loss.mean, "none": lambda: loss}[reduction]()


def ranking(a, b, y, margin=0.0, reduction="mean"):
    loss = F.relu(-y * (a - b) + margin)
    return {"mean": loss.mean, "none": lambda: loss}[reduction]()


def hinge(x, y, margin=1.0, reduction="mean"):
    loss = torch.where(y == 1, x, F.relu(margin - x)) + 0 * y
    return {"mean": loss.mean, "none": lambda: loss}[reduction]()


def triplet(a, p, n, margin=1.0, order=2.0, eps=1e-6, swap=False, reduction="mean"):
    distance = lambda x, y: torch.linalg.vector_norm(x - y + eps, order, dim=-1)
    far = distance(a, n)
    if swap:
        far = torch.minimum(far, distance(p, n))
    loss = F.relu(distance(a, p) - far + margin)
    return {"mean": loss.mean, "none": lambda: loss}[reduction]()


def ctc(x, target, steps=None, labels=None, blank=0, zero_infinity=False, reduction="mean"):
    """`F.ctc_loss` of one sample, by the recurrence of Graves et al. 2006 over labels with blanks between them."""
    steps = x.shape[0] if steps is None else int(steps)
    labels = target.shape[0] if labels is None else int(labels)
    places = [blank]
    for label in target[:labels].tolist():
        places += [label, blank]
    one, never = torch.tensor(0.0), torch.tensor(NEVER)
    # Before the first step: as if a blank had been read.
    paths = [one if s == 0 else never for s in range(len(places))]
    for step in range(steps):
        after = []
        for s, place in enumerate(places):
            ways = [paths[s]] + paths[max(s - 1, 0) : s]
            if s >= 2 and place != blank and place != places[s - 2]:
                ways.append(paths[s - 2])
            after.append(torch.logsumexp(torch.stack(ways), 0) + x[step, place])
        paths = after
    loss = -torch.logsumexp(torch.stack(paths[-2:]), 0)
    if loss > 1e20:
        return 0 * x.sum() if zero_infinity else loss + torch.inf
    return loss / max(labels, 1) if reduction == "mean" else loss


def cosine(a, b, dim=-1, eps=1e-8):
    length = lambda x: torch.linalg.vector_norm(x, dim=dim, keepdim=True).clamp(min=eps)
    a, b = torch.broadcast_tensors(a, b)
    return (a / length(a) * (b / length(b))).sum(dim)


def distances(a, b, p=2.0):
    return torch.linalg.vector_norm(a[..., :, None, :] - b[..., None, :, :], p, dim=-1)


def local_response(x, size, alpha=1e-4, beta=0.75, k=1.0):
    """`F.local_response_norm` averages over windows of a padded axis."""
    squares = F.pad(x.movedim(0, -1) ** 2, (size // 2, (size - 1) // 2))
    mean = squares.unfold(-1, size, 1).mean(-1).movedim(-1, 0)
    return x / (k + alpha * mean) ** beta


def sampled(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    """`F.grid_sample` as a weighted sum of the whole image."""

    def weights(at, size):
        at = (at + 1) / 2 * (size - 1) if align_corners else ((at + 1) * size - 1) / 2
        if padding_mode == "reflection":
            low, span = (0, size - 1) if align_corners else (-0.5, size)
            off = torch.remainder((at - low).abs(), 2 * span)
            at = torch.where(off > span, 2 * span - off, off) + low
        if padding_mode != "zeros":
            at = at.clamp(0, size - 1)
        off = (at if mode == "bilinear" else at.round() + 0 * at)[..., None] - torch.arange(size)
        return F.relu(1 - off.abs())

    across, down = weights(grid[..., 0], x.shape[2]), weights(grid[..., 1], x.shape[1])
    return torch.einsum("cyx,hwx,hwy->chw", x, across, down)


def check():
    """That what is written out above is PyTorch's."""
    torch.manual_seed(3)
    draw = lambda *shape: torch.randn(shape)

    def same(ours, theirs, *args):
        pair = []
        for f in (ours, theirs):
            leaves = [x.clone().requires_grad_() if x.is_floating_point() else x for x in args]
            y = f(*leaves)
            reals = [x for x in leaves if x.is_floating_point()]
            bars = torch.autograd.grad(y.sum(), reals, allow_unused=True, materialize_grads=True)
            pair.append([y, *bars])
        for a, b in zip(*pair):
            assert torch.allclose(a, b, rtol=1e-9, atol=1e-12), (ours, a, b)

    x, t, i = draw(4, 3), torch.rand(4, 3) * 4, torch.tensor([2, 0, 1, 1])
    w = torch.tensor([0.5, 2.0, 1.5])
    for options in ({}, {"ignore_index": 1}, {"reduction": "none"}):
        same(lambda x: nll(x, i, w, **options), lambda x: F.nll_loss(x, i, w, **options), x)
    for options in ({}, {"full": True}, {"log_input": False, "eps": 0.1}, {"reduction": "none"}):
        same(lambda x, t: poisson(x, t, **options), lambda x, t: F.poisson_nll_loss(x, t, **options), x.abs(), t)
    for options in ({}, {"full": True, "eps": 0.5}, {"reduction": "none"}):
        same(lambda *a: gaussian(*a, **options), lambda *a: F.gaussian_nll_loss(*a, **options), x, t, t + 0.01)
    same(lambda x, t: soft_margin(x, t, w), lambda x, t: F.multilabel_soft_margin_loss(x, t, w), x, t / 4)
    y = torch.sign(draw(4, 3))
    same(lambda *a: ranking(*a, y, 0.5), lambda *a: F.margin_ranking_loss(*a, y, 0.5), x, draw(4, 3))
    same(lambda x: hinge(x, y, 0.5), lambda x: F.hinge_embedding_loss(x, y, 0.5), x)
    for order, swap in ((2.0, False), (3.0, True)):
        same(
            lambda *a: triplet(*a, order=order, swap=swap),
            lambda *a: F.triplet_margin_loss(*a, p=order, swap=swap),
            draw(4, 3),
            draw(4, 3),
            draw(4, 3),
        )
    same(lambda a, b: cosine(a, b, 1), lambda a, b: F.cosine_similarity(a, b, 1), draw(2, 3, 4), draw(3, 1))
    for p in (1.0, 2.0, torch.inf):
        same(lambda a, b: distances(a, b, p), lambda a, b: torch.cdist(a, b, p), draw(2, 3, 4), draw(2, 5, 4))
    same(lambda x: local_response(x, 4, 0.5), lambda x: F.local_response_norm(x[None], 4, 0.5)[0], draw(6, 2, 3))
    for mode in ("bilinear", "nearest"):
        for padding_mode in ("zeros", "border", "reflection"):
            for align_corners in (False, True):
                options = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
                same(
                    lambda x, g: sampled(x, g, **options),
                    lambda x, g: F.grid_sample(x[None], g[None], **options)[0],
                    draw(2, 4, 5),
                    1.5 * draw(3, 2, 2),
                )
    for target, labels in (([1, 2, 2], 3), ([2, 2, 1], 2), ([3], 1)):
        target = torch.tensor(target)
        same(
            lambda x: ctc(torch.log_softmax(x, 1), target, 6, labels),
            lambda x: F.ctc_loss(torch.log_softmax(x, 1)[:, None], target[None], [6], [labels]),
            draw(7, 4),
        )
    # Too long for the steps.
    late = lambda f: f(torch.log_softmax(draw(2, 3), 1))
    assert late(lambda x: ctc(x, torch.tensor([1, 1]), zero_infinity=True)) == 0
    assert late(lambda x: ctc(x, torch.tensor([1, 1]))) == torch.inf


def examples(ANY, POSITIVE, Draw, Index, apart):
    """The entries, given what numbers are drawn from."""
    SHARE = Draw(0.05, 0.95)
    # Not near a target of 1, above which Stirling's formula is added.
    COUNT = Draw(0.1, 4.0, avoid=(1,))
    RANK = Draw(-2.5, 2.5, avoid=(0,))

    def ranks(margin):
        def fine(inputs):
            a, b, y = inputs
            return bool(((-torch.sign(y) * (a - b) + margin).abs() > 0.05).all())

        return fine

    def raw_ranks(inputs):
        a, b, y = inputs
        return bool(((y * (a - b)).abs() > 0.02).all())

    def triplets(margin, **options):
        def fine(inputs):
            return bool((triplet(*inputs, margin=margin, reduction="none", **options) > 0.05).all())

        return fine

    def places(height, width):
        def fine(inputs):
            for at, size in ((inputs[1][..., 0], width), (inputs[1][..., 1], height)):
                for place in ((at + 1) / 2 * (size - 1), ((at + 1) * size - 1) / 2):
                    off = (2 * place) - (2 * place).round()
                    if not bool((off.abs() > 0.02).all()):
                        return False
            return True

        return fine

    GRID = Draw(-1.6, 1.6)
    return {
        "kl_div": [
            (
                "(x: [2, 3], t: [2, 3]) -> [] { log_softmax(x), kl_div(t) }",
                [ANY, SHARE],
                lambda x, t: F.kl_div(torch.log_softmax(x, -1), t, reduction="mean"),
            ),
            (
                "(x: [2, 3], t: [2, 3]) -> [] { kl_div(x, t, reduction = \"sum\") }",
                [ANY, SHARE],
                lambda x, t: F.kl_div(x, t, reduction="sum"),
            ),
            (
                "(x: [2, 3], t: [2, 3]) -> [2, 3] { kl_div(x, t, log_target = true, reduction = \"none\") }",
                [ANY, ANY],
                lambda x, t: F.kl_div(x, t, log_target=True, reduction="none"),
            ),
        ],
        "nll_loss": [
            ("(x: [5], label: index(5)) -> [] { nll_loss(x, label) }", [ANY, Index(5)], F.nll_loss),
            (
                "(x: [2, 3], labels: [2] of index(3)) -> [] { log_softmax(x), nll_loss(labels) }",
                [ANY, Index(3)],
                lambda x, i: F.nll_loss(torch.log_softmax(x, -1), i),
            ),
            (
                "(x: [4, 3], labels: [4] of index(3), w: [3]) -> [] { nll_loss(x, labels, weight = w, ignore_index = 1) }",
                [ANY, Index(3), POSITIVE],
                lambda x, i, w: nll(x, i, w, ignore_index=1),
                lambda inputs: bool((inputs[1] != 1).any()),
            ),
            (
                "(x: [4, 3], labels: [4] of index(3)) -> [4] { nll_loss(x, labels, ignore_index = 0, reduction = \"none\") }",
                [ANY, Index(3)],
                lambda x, i: F.nll_loss(x, i, ignore_index=0, reduction="none"),
            ),
        ],
        "poisson_nll": [
            ("(x: [2, 3], t: [2, 3]) -> [] { poisson_nll(x, t) }", [ANY, COUNT], poisson),
            (
                "(x: [2, 3], t: [2, 3]) -> [] { poisson_nll(x, t, full = true, reduction = \"sum\") }",
                [ANY, COUNT],
                lambda x, t: poisson(x, t, full=True, reduction="sum"),
            ),
            (
                "(x: [2, 3], t: [2, 3]) -> [] { exp(x), poisson_nll(t, log_input = false, eps = 0.1) }",
                [ANY, COUNT],
                lambda x, t: poisson(torch.exp(x), t, log_input=False, eps=0.1),
            ),
            (
                "(x: [2, 3], t: [2, 3]) -> [2, 3] "
                "{ exp(x), poisson_nll(t, log_input = false, full = true, reduction = \"none\") }",
                [ANY, COUNT],
                lambda x, t: poisson(torch.exp(x), t, log_input=False, full=True, reduction="none"),
            ),
        ],
        "gaussian_nll": [
            (
                "(x: [2, 3], t: [2, 3], v: [2, 3]) -> [] { gaussian_nll(x, t, v) }",
                [ANY, ANY, POSITIVE],
                gaussian,
            ),
            (
                "(x: [2, 3], t: [2, 3], v: [2, 1]) -> [2, 3] "
                "{ gaussian_nll(x, t, v, full = true, eps = 0.5, reduction = \"none\") }",
                [ANY, ANY, POSITIVE],
                lambda x, t, v: gaussian(x, t, v, full=True, eps=0.5, reduction="none"),
            ),
            (
                "(x: [4], t: [4], s: []) -> [] { v = exp(s), gaussian_nll(x, t, v, reduction = \"sum\") }",
                [ANY, ANY, ANY],
                lambda x, t, s: gaussian(x, t, torch.exp(s), reduction="sum"),
            ),
        ],
        "multilabel_soft_margin": [
            ("(x: [3], t: [3]) -> [] { multilabel_soft_margin(x, t) }", [ANY, SHARE], soft_margin),
            (
                "(x: [2, 3], t: [2, 3], w: [3]) -> [] { multilabel_soft_margin(x, t, weight = w) }",
                [ANY, SHARE, POSITIVE],
                soft_margin,
            ),
            (
                "(x: [2, 3], t: [2, 3]) -> [2] { multilabel_soft_margin(x, t, reduction = \"none\") }",
                [ANY, SHARE],
                lambda x, t: soft_margin(x, t, reduction="none"),
            ),
        ],
        "hinge_embedding": [
            (
                "(x: [2, 3], y: [2, 3]) -> [] { t = sign(y), hinge_embedding(x, t) }",
                [Draw(avoid=(1,)), RANK],
                signs(hinge),
            ),
            (
                "(x: [5], y: [5]) -> [5] { t = sign(y), hinge_embedding(x, t, margin = 0.5, reduction = \"none\") }",
                [Draw(avoid=(0.5,)), RANK],
                lambda x, y: signs(hinge)(x, y, margin=0.5, reduction="none"),
            ),
        ],
        "margin_ranking": [
            (
                "(a: [2, 3], b: [2, 3], y: [2, 3]) -> [] { margin_ranking(a, b, y) }",
                [ANY, ANY, RANK],
                ranking,
                raw_ranks,
            ),
            (
                "(a: [4], b: [4], y: [4]) -> [4] "
                "{ t = sign(y), margin_ranking(a, b, t, margin = 0.5, reduction = \"none\") }",
                [ANY, ANY, RANK],
                lambda a, b, y: signs(ranking)(a, b, y, margin=0.5, reduction="none"),
                ranks(0.5),
            ),
        ],
        "triplet_margin": [
            (
                "(a: [4], p: [4], n: [4]) -> [] { triplet_margin(a, p, n) }",
                [ANY, ANY, ANY],
                triplet,
                triplets(1.0),
            ),
            (
                "(a: [3, 4], p: [3, 4], n: [3, 4]) -> [3] "
                "{ triplet_margin(a, p, n, margin = 0.5, p = 3, swap = true, reduction = \"none\") }",
                [ANY, ANY, ANY],
                lambda a, p, n: triplet(a, p, n, margin=0.5, order=3.0, swap=True, reduction="none"),
                triplets(3.0, order=3.0, swap=True),
            ),
        ],
        "ctc_loss": [
            (
                "(x: [5, 4], target: [2] of index(4)) -> [] { log_softmax(x), ctc_loss(target) }",
                [ANY, Index(4)],
                lambda x, i: ctc(torch.log_softmax(x, -1), i),
                lambda inputs: bool((inputs[1] != 0).all()),
            ),
            (
                "(x: [4, 3], target: [1] of index(3)) -> [] { ctc_loss(x, target, blank = 2, reduction = \"sum\") }",
                [ANY, Index(3)],
                lambda x, i: ctc(x, i, blank=2, reduction="sum"),
                lambda inputs: bool((inputs[1] != 2).all()),
            ),
            (
                "(x: [6, 3], target: [4] of index(3), n: index(7), m: index(5)) -> [] "
                "{ y = log_softmax(x), ctc_loss(y, target, n, m, blank = 2, zero_infinity = true) }",
                [ANY, Index(3), Index(7), Index(5)],
                lambda x, i, n, m: ctc(torch.log_softmax(x, -1), i, n, m, blank=2, zero_infinity=True),
                lambda inputs: bool((inputs[1] != 2).all()),
            ),
        ],
        "cosine_similarity": [
            ("(a: [5], b: [5]) -> [] { cosine_similarity(a, b) }", [ANY, ANY], cosine),
            (
                "(a: [2, 3, 4], b: [3, 1]) -> [2, 4] { cosine_similarity(a, b, axis = 1) }",
                [ANY, ANY],
                lambda a, b: cosine(a, b, 1),
            ),
            (
                "(a: [2, 3], b: [2, 3]) -> [2] { c = tanh(a), cosine_similarity(c, b, axis = -1, eps = 0.9) }",
                [ANY, ANY],
                lambda a, b: cosine(torch.tanh(a), b, -1, 0.9),
            ),
        ],
        "cdist": [
            ("(a: [3, 4], b: [2, 4]) -> [3, 2] { cdist(a, b) }", [ANY, ANY], distances),
            (
                "(a: [2, 3, 2], b: [2, 1, 2]) -> [2, 3, 1] { cdist(a, b, p = 1) }",
                [ANY, ANY],
                lambda a, b: distances(a, b, 1.0),
                lambda inputs: bool(((inputs[0] - inputs[1]).abs() > 0.01).all()),
            ),
            (
                "(a: [2, 3], b: [4, 3]) -> [2, 4] { c = tanh(a), cdist(c, b, p = f64::INFINITY) }",
                [ANY, ANY],
                lambda a, b: distances(torch.tanh(a), b, torch.inf),
            ),
        ],
        "pairwise_distance": [
            ("(a: [5], b: [5]) -> [] { pairwise_distance(a, b) }", [ANY, ANY], F.pairwise_distance),
            (
                "(a: [2, 3, 4], b: [3, 1]) -> [2, 3] { pairwise_distance(a, b, p = 1, eps = 0.1) }",
                [ANY, ANY],
                lambda a, b: F.pairwise_distance(a, b, 1.0, 0.1),
            ),
            (
                "(a: [2, 3], b: [2, 3]) -> [2] { c = tanh(a), pairwise_distance(c, b, p = 3) }",
                [ANY, ANY],
                lambda a, b: F.pairwise_distance(torch.tanh(a), b, 3.0),
            ),
        ],
        "local_response_norm": [
            ("(x: [5, 2, 3]) -> [5, 2, 3] { local_response_norm(3) }", [ANY], lambda x: local_response(x, 3)),
            (
                "(x: [4, 2]) -> [4, 2] { tanh, local_response_norm(size = 4, alpha = 0.5, beta = 0.6, k = 2) }",
                [ANY],
                lambda x: local_response(torch.tanh(x), 4, 0.5, 0.6, 2.0),
            ),
        ],
        "grid_sample": [
            (
                "(x: [2, 3, 4], grid: [2, 2, 2]) -> [2, 2, 2] { grid_sample(x, grid) }",
                [ANY, GRID],
                sampled,
                places(3, 4),
            ),
            (
                "(x: [1, 4, 3], grid: [2, 3, 2]) -> [1, 2, 3] "
                "{ grid_sample(x, grid, padding_mode = \"border\", align_corners = true) }",
                [ANY, GRID],
                lambda x, g: sampled(x, g, padding_mode="border", align_corners=True),
                places(4, 3),
            ),
            (
                "(x: [1, 4, 3], grid: [2, 3, 2]) -> [1, 2, 3] { grid_sample(x, grid, padding_mode = \"reflection\") }",
                [ANY, GRID],
                lambda x, g: sampled(x, g, padding_mode="reflection"),
                places(4, 3),
            ),
            (
                "(x: [2, 4, 3], grid: [1, 5, 2]) -> [2, 1, 5] "
                "{ grid_sample(x, grid, padding_mode = \"reflection\", align_corners = true) }",
                [ANY, GRID],
                lambda x, g: sampled(x, g, padding_mode="reflection", align_corners=True),
                places(4, 3),
            ),
            (
                "(x: [1, 4, 5], grid: [3, 2, 2]) -> [1, 3, 2] { grid_sample(x, grid, mode = \"nearest\") }",
                [ANY, GRID],
                lambda x, g: sampled(x, g, mode="nearest"),
                places(4, 5),
            ),
        ],
    }
