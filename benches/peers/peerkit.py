"""Shared harness of the Python peers (twin of rust/peerkit)."""
import json, os, sys, time
import numpy as np

ROOT = os.environ.get("PEERS_DATA", os.path.expanduser("~/.cache/pullback-peers/data"))
QUICK = "PEERS_QUICK" in os.environ
TOL = float(os.environ.get("PEERS_TOL", "1e-4"))

SHAPES = {
    "w1": dict(W1=(64, 8), b1=(64,), W2=(64, 64), b2=(64,), W3=(4, 64), b3=(4,)),
    "w2": dict(W1=(256, 784), b1=(256,), W2=(128, 256), b2=(128,), W3=(10, 128), b3=(10,)),
    "w3": dict(K1=(6, 1, 5, 5), kb1=(6,), K2=(16, 6, 5, 5), kb2=(16,), W1=(120, 256), b1=(120,), W2=(84, 120), b2=(84,),
               W3=(10, 84), b3=(10,)),
    "w4": dict(W1=(64, 2), b1=(64,), W2=(64, 64), b2=(64,), W3=(64, 64), b3=(64,), W4=(1, 64), b4=(1,)),
    "w5": dict(ln1g=(128,), ln1b=(128,), Wqkv=(384, 128), bqkv=(384,), Wo=(128, 128), bo=(128,), ln2g=(128,), ln2b=(128,),
               W1=(512, 128), b1=(512,), W2=(128, 512), b2=(128,)),
    "w7": dict(W=(1024, 1024), b=(1024,)),
}


def f(group, name, shape=(-1,)):
    return np.fromfile(os.path.join(ROOT, group, name + ".f32"), dtype=np.float32).reshape(shape)


def ints(group, name):
    return np.fromfile(os.path.join(ROOT, group, name + ".i32"), dtype=np.int32)


def params(group):
    if group in ("w8", "w9"):  # many: their shapes are with the networks
        import shapes
        return {k: f(group, k, s) for k, s in (shapes.w8_shapes if group == "w8" else shapes.w9_shapes)().items()}
    return {k: f(group, k, s) for k, s in SHAPES[group].items()}


class Check:
    def __init__(self):
        self.worst, self.name, self.n = 0.0, "", 0

    def rf(self, group, name, got):
        want = f(group, "ref_" + name).astype(np.float64)
        got = np.asarray(got, dtype=np.float64).reshape(-1)
        assert got.shape == want.shape, (name, got.shape, want.shape)
        e = np.abs(got - want).max() / max(np.abs(want).max(), 1e-30)
        if not np.isfinite(e):
            e = float("inf")
        self.n += 1
        if e > self.worst or self.n == 1:
            self.worst, self.name = float(e), name


def timeit(body, sync=None):
    warm, total, nb = (0.02, 0.05, 7) if QUICK else (0.25, 0.6, 15)
    pc = time.perf_counter
    t0, n = pc(), 0
    while pc() - t0 < warm or n < 2:
        r = body()
        n += 1
    if sync: sync(r)
    t1, m = pc(), 0
    while pc() - t1 < warm / 5 or m < 1:
        for _ in range(max(n // 20, 1)):
            r = body()
            m += 1
    if sync: sync(r)
    per = (pc() - t1) / m
    if per * 7 > total:
        nb, k = 7, 1
    else:
        nb = max(min(nb, int(total / per)), 7)
        k = max(int(np.ceil(total / nb / per)), 1)
    v, cv = [], []
    ct = time.process_time
    c0, w0 = ct(), pc()
    for _ in range(nb):
        c1, t = ct(), pc()
        for _ in range(k):
            r = body()
        if sync: sync(r)
        v.append((pc() - t) * 1e6 / k)
        cv.append((ct() - c1) * 1e6 / k)
    cpu = (ct() - c0) / (pc() - w0)
    v.sort()
    cv.sort()
    return dict(median_us=round(v[len(v) // 2], 4), min_us=round(v[0], 4), cpu_median_us=round(cv[len(cv) // 2], 4),
                cpu_min_us=round(cv[0], 4), iters=nb * k, batches=nb, cpu_per_wall=round(cpu, 3))


def main(peer, version, table):
    """table: {workload: {variant: make(threads, check) -> (body, sync|None)}}"""
    if len(sys.argv) < 2:
        sys.exit("usage: peer WORKLOAD|list THREADS [VARIANT]")
    w = sys.argv[1]
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    only = sys.argv[3] if len(sys.argv) > 3 else None
    if w == "list":
        for a, vs in table.items():
            for b in vs:
                print(a, b)
        return
    base = dict(peer=peer, workload=w, threads=threads, tag="wheel")
    if w not in table:
        print(json.dumps({**base, "variant": "-", "unsupported": "not implemented"}))
        return
    for var, make in table[w].items():
        if only and only != var:
            continue
        c = Check()
        try:
            t0 = time.perf_counter()
            body, sync = make(threads, c)
            setup = time.perf_counter() - t0
        except Exception as e:  # a peer that cannot do it says why
            print(json.dumps({**base, "variant": var, "error": f"{type(e).__name__}: {str(e)[:200]}"}), flush=True)
            continue
        if c.n == 0 or c.worst > TOL:
            print(json.dumps({**base, "variant": var, "error": f"check failed: {c.name} {c.worst:.2e}"}), flush=True)
            continue
        r = timeit(body, sync)
        print(json.dumps({**base, "variant": var, **r, "check_err": float(f"{c.worst:.2e}"), "setup_s": round(setup, 2), "version": version}), flush=True)
