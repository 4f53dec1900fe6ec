#!/usr/bin/env python3
"""Optimisers, parameter groups, clipping, schedules and averages of PyTorch, in f64: optim.json beside this file.

    pip install torch==2.15.0
    python tests/reference/optim.py

Parameters are the 13 of `{ base = linear -> [2], layer_norm, head = linear -> [1] }` from an input of 2: base.weight (4),
base.bias (2), layer_norm (2 and 2), head.weight (2), head.bias (1). Each begins as its index / 10 − 0.5, and its gradient
in step t = 0, 1, … is 1.5·p + 0.1·t − 0.2. Those of L-BFGS are the four of `bowl` and `valley`.
"""

import json
import random
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
SIZES = [4, 2, 2, 2, 2, 1]
DECAYED, PLAIN = [0, 4], [1, 2, 3, 5]


def arrays():
    start = torch.arange(13) / 10 - 0.5
    return [torch.nn.Parameter(part.clone()) for part in start.split(SIZES)]


def run(make, steps=5, clip=None, average=None):
    params, out = arrays(), []
    optimizer = make(params)
    for t in range(steps):
        for p in params:
            p.grad = 1.5 * p.detach() + 0.1 * t - 0.2
        norm = torch.nn.utils.clip_grad_norm_(params, clip).item() if clip else None
        optimizer.step()
        flat = torch.cat([p.detach() for p in params]).tolist()
        out.append([norm, *flat] if clip else flat)
    return out


def groups(params):
    return [
        {"params": [params[0]]},
        {"params": [params[i] for i in [1, 2, 3]], "weight_decay": 0.0},
        {"params": params[4:], "lr": 0.5, "weight_decay": 0.3},
    ]


def lion(steps=5, rate=0.01, betas=(0.9, 0.99), decay=0.1):
    """Chen et al. 2023, as PyTorch has none; the heads and all others in groups as above."""
    params = torch.cat([p.detach() for p in arrays()])
    rate = torch.tensor([rate] * 10 + [10 * rate] * 3)
    decay = torch.tensor([decay] * 4 + [0.0] * 6 + [0.3] * 3)
    mean, out = torch.zeros(13), []
    for t in range(steps):
        g = 1.5 * params + 0.1 * t - 0.2
        params = params * (1 - rate * decay)
        params = params - rate * torch.sign(betas[0] * mean + (1 - betas[0]) * g)
        mean = betas[1] * mean + (1 - betas[1]) * g
        out.append(params.tolist())
    return out


def rates(make, steps, rate=0.1):
    optimizer = torch.optim.SGD(arrays(), rate)
    schedule, out = make(optimizer), []
    for _ in range(steps):
        out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return out


def plateau(losses, **settings):
    optimizer = torch.optim.SGD(arrays(), 0.1)
    schedule, out = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=2, **settings), []
    for loss in losses:
        schedule.step(loss)
        out.append(optimizer.param_groups[0]["lr"])
    return out


def bowl(p):
    excess = sum(p) - 1.0
    loss = sum((i + 1) * x * x / 2 + x**4 / 4 for i, x in enumerate(p)) + excess * excess / 2
    return loss, [(i + 1) * x + x**3 + excess for i, x in enumerate(p)]


def valley(p):
    """Rosenbrock's function in four dimensions."""
    loss, gradient = 0.0, [0.0] * 4
    for i in range(3):
        across, along = p[i + 1] - p[i] * p[i], 1.0 - p[i]
        loss += 100.0 * across * across + along * along
        gradient[i] += -400.0 * p[i] * across - 2.0 * along
        gradient[i + 1] += 200.0 * across
    return loss, gradient


def lbfgs(function, steps, **settings):
    """For each step the loss before it, the evaluations so far, and the parameters."""
    params, out = torch.nn.Parameter(torch.tensor([-1.2, 1.0, -0.5, 0.8])), []
    optimizer = torch.optim.LBFGS([params], **settings)

    def closure():
        loss, gradient = function(params.tolist())
        params.grad = torch.tensor(gradient)
        return loss

    for _ in range(steps):
        loss = optimizer.step(closure)
        out.append([loss, optimizer.state[params]["func_evals"], *params.tolist()])
    return out


def searches(count=100, seed=1):
    """Searches over losses and slopes that are drawn, so that all of its decisions are met: what each evaluation is told,
    where it is, and where the search ends."""
    draw, out = random.Random(seed), []
    for i in range(count):
        # The last ones go uphill until the bracket is too small.
        up = i >= count - 3
        told = [[1.0, draw.choice([-1, 1]) * (draw.randint(2, 20) / 10)]]
        steep = lambda: told[0][1] * draw.uniform(0.95, 3) if draw.random() < 0.6 else draw.gauss(0, 1)
        loss = lambda: 99.0 if up else draw.choice([draw.randint(-20, 15) / 10, draw.uniform(0.9995, 1)])
        told += [[loss(), steep()] for _ in range(60 if up else draw.randint(2, 9))]
        param, at = torch.nn.Parameter(torch.tensor([0.5])), []
        settings = {"lr": draw.choice([0.1, 1.0]), "max_eval": len(told) - 1}
        optimizer = torch.optim.LBFGS([param], max_iter=1, line_search_fn="strong_wolfe", **settings)

        def closure():
            at.append(param.item())
            loss, param.grad = told[len(at) - 1][0], torch.tensor([told[len(at) - 1][1]])
            return loss

        optimizer.step(closure)
        out.append({"rate": settings["lr"], "told": told, "at": [*at, param.item()]})
    return out


def ema(warm_up=False):
    model = torch.nn.Linear(2, 1)
    with torch.no_grad():
        model.weight[:], model.bias[:] = torch.tensor([[0.5, -1.0]]), 2.0
    swa, warmer = torch.optim.swa_utils, lambda n: min(0.15, n / (9 + n))
    average = swa.AveragedModel(model, multi_avg_fn=swa.get_ema_multi_avg_fn(0.9))
    if warm_up:
        # PyTorch counts the copy.
        average = swa.AveragedModel(model, avg_fn=lambda a, p, n: warmer(n) * a + (1 - warmer(n)) * p)
    average.update_parameters(model)  # the first is a copy
    out = []
    for t in range(3):
        with torch.no_grad():
            model.weight += 0.3 * (t + 1)
            model.bias -= 0.7
        average.update_parameters(model)
        out.append([*average.module.weight.flatten().tolist(), average.module.bias.item()])
    return out


LOSSES = [1.0, 0.9, 0.91, 0.90001, 0.95, 0.92, 0.5, 0.49999, 0.6, 0.7, 0.6, 0.6, 0.6, 0.4]
schedulers = torch.optim.lr_scheduler
result = {
    "adamw_groups": run(lambda params: torch.optim.AdamW(groups(params), lr=0.05, weight_decay=0.1)),
    "adam_groups": run(lambda params: torch.optim.Adam(groups(params), lr=0.05, weight_decay=0.1)),
    "sgd_groups": run(lambda params: torch.optim.SGD(groups(params), lr=0.05, momentum=0.9, weight_decay=0.1)),
    "sgd_clipped": run(lambda params: torch.optim.SGD(params, lr=0.05), clip=1.0),
    "sgd_dampened": run(
        lambda params: torch.optim.SGD(groups(params), lr=0.05, momentum=0.9, dampening=0.4, weight_decay=0.1)
    ),
    "rmsprop": run(lambda params: torch.optim.RMSprop(groups(params), lr=0.05, weight_decay=0.1, alpha=0.9)),
    "rmsprop_momentum": run(lambda params: torch.optim.RMSprop(groups(params), lr=0.05, weight_decay=0.1, momentum=0.8)),
    "rmsprop_centered": run(lambda params: torch.optim.RMSprop(groups(params), lr=0.05, weight_decay=0.1, centered=True)),
    "rmsprop_both": run(
        lambda params: torch.optim.RMSprop(groups(params), lr=0.05, weight_decay=0.1, centered=True, momentum=0.8, eps=1e-4)
    ),
    "adagrad": run(lambda params: torch.optim.Adagrad(groups(params), lr=0.05, weight_decay=0.1)),
    "adagrad_decay": run(
        lambda params: torch.optim.Adagrad(
            groups(params), lr=0.05, weight_decay=0.1, lr_decay=0.2, initial_accumulator_value=0.5, eps=1e-3
        )
    ),
    "lion": lion(),
    "lbfgs": lbfgs(bowl, 4, lr=0.5, max_iter=3),
    "lbfgs_short": lbfgs(bowl, 6, lr=0.8, max_iter=2, history_size=2),
    "lbfgs_few": lbfgs(bowl, 3, lr=0.5, max_iter=6, max_eval=3),
    "lbfgs_done": lbfgs(bowl, 3, max_iter=50),
    "lbfgs_least_gradient": lbfgs(bowl, 3, tolerance_grad=0.05, tolerance_change=0),
    "lbfgs_least_fall": lbfgs(bowl, 3, lr=0.2, max_iter=50, tolerance_grad=0, tolerance_change=1e-2),
    "lbfgs_least_move": lbfgs(valley, 3, lr=1e-3, tolerance_grad=0, tolerance_change=1e-2),
    "lbfgs_iterations": lbfgs(bowl, 4, lr=0.5, max_iter=3, max_eval=10),
    "wolfe": lbfgs(bowl, 4, max_iter=3, line_search_fn="strong_wolfe"),
    "wolfe_valley": lbfgs(valley, 6, max_iter=4, history_size=3, line_search_fn="strong_wolfe"),
    "wolfe_short_steps": lbfgs(valley, 4, lr=1e-3, max_iter=3, line_search_fn="strong_wolfe"),
    "wolfe_long_steps": lbfgs(valley, 4, lr=30, max_iter=8, line_search_fn="strong_wolfe"),
    "wolfe_few": lbfgs(valley, 4, lr=1e-3, max_iter=4, max_eval=4, line_search_fn="strong_wolfe"),
    "wolfe_done": lbfgs(valley, 3, max_iter=100, tolerance_grad=1e-3, line_search_fn="strong_wolfe"),
    "searches": searches(),
    "cosine": rates(lambda o: schedulers.CosineAnnealingLR(o, 8, eta_min=0.01), 9),
    "steps": rates(lambda o: schedulers.StepLR(o, 3, 0.5), 8),
    "exponential": rates(lambda o: schedulers.ExponentialLR(o, 0.9), 6),
    "one_cycle": rates(lambda o: schedulers.OneCycleLR(o, 0.1, total_steps=20), 19),
    "losses": LOSSES,
    "plateau": plateau(LOSSES),
    "plateau_threshold": plateau(LOSSES, threshold=0.15),
    "ema": ema(),
    "ema_warm_up": ema(warm_up=True),
}
(Path(__file__).parent / "optim.json").write_text(json.dumps(result) + "\n")
