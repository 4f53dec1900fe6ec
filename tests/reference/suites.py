"""What the scripts share that turn the test suites of others into models and fixtures of ours:
onnx_cases.py and torch_cases.py.

A case becomes a model in the language of `model!` and a row of numbers. Cases with the same model share it.
The first axis of a tensor is the batch where our op acts on one sample ([channels, ..] and the like);
elementwise ops take every number of a tensor for a sample. What cannot be said is left out with a reason,
`LeftOut`, and counted; never because of how it comes out. Models take time to compile, so of each operator
only those are kept that have something new: see `Suite.thin`.

Files that `Suite.write` makes:

    {suite}.models   the models
    {suite}.json     a list with one entry per line: cases, and after them what is left out

A case:

    op, case      the suite's names
    model         the name of the model
    inputs        for each input its numbers, row-major, sample after sample; an input of one sample is the
                  same for all samples, and its cotangent is the sum over them
    params        flat, in the order of the steps
    state         flat, of an op that has one
    y             what forward gives
    and the fields of one suite, which its script describes.

What is left out:

    op, left_out  a reason
    cases         how many
"""

import json
import re
from pathlib import Path

import numpy as np

from stored import kept

HERE = Path(__file__).resolve().parent


# Our ops.
KNOWN = set(json.loads((HERE / "examples.json").read_text()))


def shorter(text):
    """JSON with every number in its shortest form: 2 for 2.0, 1e-5 for 1e-05, 12e-6 for 0.000012."""

    def short(match):
        spelled = match.group(0)
        value = float(spelled)
        forms = [spelled]
        if value.is_integer() and abs(value) < 1e15:
            forms.append(str(int(value)))
        precise = (f"{value:.{digits}e}" for digits in range(18))
        mantissa, exponent = next(form for form in precise if float(form) == value).split("e")
        places = len(mantissa.partition(".")[2])
        forms.append(f"{mantissa}e{int(exponent)}")
        forms.append(f"{mantissa.replace('.', '')}e{int(exponent) - places}")
        return min((form for form in forms if float(form) == value), key=len)

    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    number = re.compile(r"-?\d+\.\d+(?:[eE][-+]?\d+)?|-?\d+[eE][-+]?\d+")
    return "".join(part if part.startswith('"') else number.sub(short, part) for part in parts)


class LeftOut(Exception):
    """A case that is not run, and why."""


def number(x):
    """A number as the language writes it."""
    x = float(x)
    if not np.isfinite(x):
        raise LeftOut("an option that is not finite")
    short = np.format_float_positional(x, trim="-") if 1e-4 <= abs(x) < 1e6 or x == 0 else repr(x)
    return str(int(x)) if x == int(x) and abs(x) < 1e6 else short


def numbers(xs):
    """Numbers as JSON has them, and strings for those it has not; of f32 with no more digits than that has."""
    xs = np.asarray(xs).reshape(-1)

    def one(x):
        if not np.isfinite(x):
            return "NaN" if np.isnan(x) else "inf" if x > 0 else "-inf"
        # Whole numbers need no point; but -0 is not 0.
        whole = x == int(x) and abs(x) < 1e15 and not (x == 0 and np.signbit(x))
        return int(x) if whole else float(str(x))

    return [one(x) for x in xs]


def shape(dims):
    return "[" + ", ".join(str(d) for d in dims) + "]"


def sizes(xs):
    """A list of one number for each axis, or one number if all are equal."""
    xs = [int(x) for x in xs]
    return str(xs[0]) if len(set(xs)) == 1 else "[" + ", ".join(map(str, xs)) + "]"


def options(**named):
    """Options that are given, as the language writes them."""
    written = []
    for name, value in named.items():
        if value is None:
            continue
        if isinstance(value, bool):
            value = str(value).lower()
        elif isinstance(value, (list, tuple)):
            value = "[" + ", ".join(str(v) for v in value) + "]"
        elif not isinstance(value, str):
            value = number(value)
        written.append(f"{name} = {value}")
    return written


class Value:
    """A value in a model: its name and the shape of one sample."""

    def __init__(self, name, dims):
        self.name, self.shape = name, tuple(int(d) for d in dims)
        if any(d == 0 for d in self.shape):
            raise LeftOut("empty tensors")

    @property
    def rank(self):
        return len(self.shape)


class Case:
    """A case on its way to a model."""

    def __init__(self):
        self.inputs, self.steps, self.data = [], [], []
        self.params, self.state = [], []

    def input(self, array, dims, bound=None):
        """An input with its numbers; `dims` is the shape of one sample, `bound` is of integers."""
        name = "abcdefgh"[len(self.inputs)]
        of = "" if bound is None else f"index({bound})"
        value = Value(name, dims)
        if bound is None:
            kind = shape(value.shape)
        else:
            kind = f"{shape(value.shape)} of {of}" if value.shape else of
        self.inputs.append(f"{name}: {kind}")
        self.data.append(np.asarray(array))
        return value

    def step(self, text, dims, params=(), state=()):
        """A step, written with the names of values; `dims` is its shape."""
        name = f"s{len(self.steps) + 1}"
        self.steps.append((name, text))
        self.params.extend(np.asarray(p).reshape(-1) for p in params)
        self.state.extend(np.asarray(s).reshape(-1) for s in state)
        return Value(name, dims)

    def op(self, op, args, dims, *positional, arrow=False, params=(), state=(), **named):
        """A step that is one op of values."""
        if op not in KNOWN:
            raise LeftOut(f"no `{op}`")
        written = [a.name for a in args] + [str(p) for p in positional] + options(**named)
        text = f"{op}({', '.join(written)})" + (f" -> {shape(dims)}" if arrow else "")
        return self.step(text, dims, params, state)

    def split(self, op, args, pieces, **named):
        """A step of several values."""
        names = [f"s{len(self.steps) + 1}_{i}" for i in range(len(pieces))]
        written = [a.name for a in args] + options(**named)
        self.steps.append((f"({', '.join(names)})", f"{op}({', '.join(written)})"))
        return [Value(name, dims) for name, dims in zip(names, pieces)]

    def flat(self, values):
        """Several values one after the other."""
        if len(values) == 1:
            return values[0]
        rows = [v if v.rank == 1 else self.op("reshape", [v], [int(np.prod(v.shape))], arrow=True) for v in values]
        return self.op("concat", rows, [sum(r.shape[0] for r in rows)])

    def text(self, result):
        """The model without its name."""
        if not self.steps:
            raise LeftOut("nothing to compute")
        last, text = self.steps[-1]
        steps = [f"{name} = {step}" for name, step in self.steps[:-1]]
        steps.append(text)
        if result.name != last:
            raise AssertionError((self.steps, result.name))
        header = f"({', '.join(self.inputs)}) -> {shape(result.shape)}"
        body = ", ".join(steps)
        # What flows in need not be named.
        first = self.inputs[0].split(":")[0]
        call = re.fullmatch(rf"(\w+)\({first}(?:, ([^()]*))?\)( -> .*)?", body)
        if len(self.inputs) == 1 and len(self.steps) == 1 and call and not re.search(rf"\b{first}\b", call[2] or ""):
            body = call[1] + (f"({call[2]})" if call[2] else "") + (call[3] or "")
        return f"{header} {{ {body} }}"


def features(text):
    """What `Suite.thin` looks for in a model: its ops, each value of their options, and its shapes
    but for the sizes: which are 1, and which are equal."""
    header, body = text.split(" { ", 1)
    letters = {"1": "1"}
    letter = lambda size: letters.setdefault(size, "abcdefghijklmnop"[len(letters) - 1])
    found = {re.sub(r"\d+", lambda size: letter(size[0]), header)}
    # Names of values, and arrows, say nothing about options.
    body = re.sub(r" -> \[[^\]]*\]|\b[a-h]\b,? ?|\bs\d+(_\d+)?\b( = |, )?", "", body.removesuffix(" }"))
    for op, given in re.findall(r"([a-z_0-9]+)(?:\(((?:[^()\[\]]|\[[^\]]*\])*)\))?", body):
        given = re.split(r", (?![^\[]*\])", given)
        # Which are given matters as well: the others have their defaults.
        found.add(" ".join([op, *(option.split(" = ")[0] for option in given if " = " in option)]))
        for i, option in enumerate(given):
            found.add(f"{op} {option}" if " = " in option else f"{op} {i} {option}")
    return found


class Suite:
    """All cases of a suite, and what is left out of it."""

    def __init__(self, name, title):
        self.name, self.title = name, title
        self.models, self.stems, self.rows, self.left_out = {}, {}, [], {}

    def add(self, op, name, case, result, **fields):
        text = case.text(result)
        model = self.models.get(text)
        if model is None:
            stem = "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", op.removeprefix("nn.functional.")))
            self.stems[stem] = self.stems.get(stem, -1) + 1
            model = self.models[text] = f"{stem}{'_' if stem[-1].isdigit() else ''}{self.stems[stem]}"
        row = {"op": op, "case": name, "model": model}
        row["inputs"] = case.data
        row["params"] = np.concatenate(case.params) if case.params else []
        if case.state:
            row["state"] = np.concatenate(case.state)
        row.update(fields)
        self.rows.append(row)

    def leave(self, op, reason, cases=1):
        self.left_out[op, reason] = self.left_out.get((op, reason), 0) + cases

    def thin(self, most, rows=None, few=None):
        """Keeps of each operator at most `most(op)` models: first the one that has the most features, then always
        the one with the most that none of those has (of equal ones the one with the fewest numbers), until
        there is nothing new. Shapes count as new only if no operator before has them. The first `rows` of an
        operator's cases with one model are kept, but for the first only those with at most `few` numbers."""
        texts = {name: text for text, name in self.models.items()}
        offered = {}
        for row in self.rows:
            size = sum(np.size(x) for x in row["inputs"])
            offered.setdefault(row["op"], {}).setdefault(row["model"], (features(texts[row["model"]]), size))
        keep, shapes = {}, set()
        for op, models in offered.items():
            seen, keep[op] = set(shapes), set()
            while len(keep[op]) < most(op):
                best = max(models, key=lambda m: (len(models[m][0] - seen), -models[m][1]))
                if not models[best][0] - seen:
                    break
                keep[op].add(best)
                seen |= models[best][0]
            shapes |= {feature for feature in seen if feature.startswith("(")}
        counts, kept = {}, []
        for row in self.rows:
            key = row["op"], row["model"]
            counts[key] = counts.get(key, 0) + 1
            large = few is not None and sum(np.size(x) for x in [*row["inputs"], row["params"], row["y"]]) > few
            if row["model"] in keep[row["op"]] and (rows is None or counts[key] <= (1 if large else rows)):
                kept.append(row)
            else:
                self.leave(row["op"], "thinned")
        self.rows = kept
        used = {row["model"] for row in self.rows}
        self.models = {text: name for text, name in self.models.items() if name in used}

    def write(self):
        """The two files."""
        lines = []
        for row in self.rows:
            entry = {}
            for key, value in row.items():
                if key in ("inputs", "d_inputs", "input_bars"):
                    value = [numbers(x) for x in value]
                elif not isinstance(value, (str, int, float)):
                    value = numbers(value)
                entry[key] = value
            lines.append(entry)
        for (op, reason), cases in sorted(self.left_out.items()):
            lines.append({"op": op, "left_out": reason, "cases": cases})
        path = HERE / f"{self.name}.json"
        lines = kept(lines, path, lambda row: (row["op"], row.get("case"), row.get("left_out")), 1e-6)
        lines = (json.dumps(x, separators=(",", ":"), allow_nan=False) for x in lines)
        path.write_text("[\n" + ",\n".join(map(shorter, lines)) + "\n]\n")
        models = "".join(f"{name} {text}\n" for text, name in self.models.items())
        (HERE / f"{self.name}.models").write_text(f"// {self.title}\n\n{models}")
        left = sum(self.left_out.values())
        print(
            f"{self.name}: {len(self.rows)} cases in {len(self.models)} models, {left} left out; "
            f"{path.stat().st_size} bytes of fixtures"
        )
