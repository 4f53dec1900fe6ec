#!/usr/bin/env python3
"""Runs every peer on every workload, interleaved, and writes *.jsonl and TABLE.md to $PEERS_RESULTS
(~/.cache/pullback-peers/results).

  ./run.py                          everything, 1 thread then 2 threads, 2 rounds
  ./run.py -w w2_mnist_step -p jax,pullback -t 1 --rounds 5
  ./run.py --table                  only rebuild the table from the stored results
  ./run.py --quick                  smoke run (short timings; writes nothing)
  ./run.py --isa avx2               peers keep to AVX2 on a machine that has more, as far as they let themselves be told (ISA.md; give
                                    such results a folder of their own by PEERS_RESULTS)

For each (workload, threads), all peers run one after the other, and that is repeated `rounds` times.
1-thread runs are pinned to one core (PEERS_CORE, default 0) and reported as process CPU time per call,
which other jobs on the machine do not inflate; 2-thread runs (cores 0,1) are reported as wall time.
The table shows, per peer, the best round's median (and the smallest batch over all rounds).
"""
import argparse, glob, json, os, subprocess, sys, time

D = os.path.dirname(os.path.abspath(__file__))
T = os.environ.get("PEERS_TARGET", os.path.expanduser("~/.cache/pullback-peers/target"))
V = os.environ.get("PEERS_VENV", os.path.expanduser("~/.cache/pullback-peers/venv"))
CFG = json.load(open(os.path.join(D, "peers.json")))
R = os.environ.get("PEERS_RESULTS", os.path.expanduser("~/.cache/pullback-peers/results"))


# What each library listens to; isa_check.py shows whether it does. ONNX Runtime listens to nothing (ISA.md).
ISAS = {
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",           # PyTorch's own kernels, and the vectors that torch.compile writes
        "CXX": "{D}/cxx-avx2",            # what g++ makes of them: torch.compile says -march=native
        "TORCHINDUCTOR_CACHE_DIR": os.path.expanduser("~/.cache/pullback-peers/inductor-avx2"),
        "ONEDNN_MAX_CPU_ISA": "AVX2",            # PyTorch's convolutions (and linear layers in inference)
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",       # PyTorch's other products of matrices
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",   # what XLA compiles, not the libraries that it calls
        "OPENBLAS_CORETYPE": "Haswell",          # numpy's products
        "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR X86_V4",  # numpy's loops
        "PULLBACK_ISA": "avx2",
    },
}
# XLA hands products (and what else it likes) to YNNPACK, which looks at the processor itself. Without that they go to the oneDNN in XLA, which listens
# to ONEDNN_MAX_CPU_ISA, but is slower: 6.4 ms instead of 5.0 for 512^3 on the Zen 3 here. Neither is just what JAX is on a machine without AVX-512.
ISAS["avx2-no-ynn"] = {**ISAS["avx2"], "XLA_FLAGS": "--xla_cpu_max_isa=AVX2 --xla_cpu_experimental_ynn_fusion_type="}


def env(threads, isa=None):
    e = dict(os.environ)
    n = str(threads)
    for k in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "MATMUL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        e[k] = n
    e["JAX_PLATFORMS"] = "cpu"
    e["XLA_FLAGS"] = (os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=" + ("false" if threads == 1 else "true")).strip()
    e["PYTHONWARNINGS"] = "ignore"
    e["PYTHONDONTWRITEBYTECODE"] = "1"
    e["CUDA_VISIBLE_DEVICES"] = ""
    e["TORCHINDUCTOR_CACHE_DIR"] = os.environ.get("TORCHINDUCTOR_CACHE_DIR", os.path.expanduser("~/.cache/pullback-peers/inductor"))
    for k, v in ISAS.get(isa, {}).items():
        e[k] = (e["XLA_FLAGS"] + " " + v) if k == "XLA_FLAGS" else v.format(D=D)
    return e


def run_one(peer, w, threads, a):
    core = os.environ.get("PEERS_CORE", "0")
    cmd = next((c for start, c in peer.get("also", {}).items() if w.startswith(start)), peer["cmd"])
    cmd = [c.format(T=T, V=V, D=D) for c in cmd]
    if not os.path.exists(cmd[0]):
        return [dict(peer=peer["name"], workload=w, threads=threads, error="not built: " + cmd[0])]
    pin = ["taskset", "-c", core if threads == 1 else "0,1"]
    nice = ["nice", "-n", str(a.nice)] if a.nice else []
    e = env(threads, a.isa)
    if a.quick:
        e["PEERS_QUICK"] = "1"
    la = os.getloadavg()[0]
    try:
        p = subprocess.run(nice + pin + cmd + [w, str(threads)], env=e, capture_output=True, text=True, timeout=a.timeout)
    except subprocess.TimeoutExpired:
        return [dict(peer=peer["name"], workload=w, threads=threads, error=f"timed out after {a.timeout}s")]
    out = []
    for l in p.stdout.splitlines():
        if l.startswith("{"):
            d = json.loads(l)
            d["peer"] = peer["name"]
            d["load1"] = round(la, 2)
            if a.isa:
                d["isa"] = a.isa
            d["at"] = int(time.time())
            out.append(d)
    if not out:
        out = [dict(peer=peer["name"], workload=w, threads=threads, error="crashed: " + (p.stderr.strip().splitlines() or ["?"])[-1][:200])]
    return out


def metric(d):
    """(median, min) in us"""
    if d["threads"] == 1:
        return d["cpu_median_us"], d["cpu_min_us"]
    return d["median_us"], d["min_us"]


def fmt(us):
    return f"{us:.3f}" if us < 10 else f"{us:.1f}" if us < 1000 else f"{us:.0f}"


def table(path):
    rows, peaks = {}, {}
    for f in sorted(glob.glob(os.path.join(R, "*.jsonl"))):
        for l in open(f):
            d = json.loads(l)
            if "fma_gflops" in d:
                peaks[d["threads"]] = max(peaks.get(d["threads"], 0), d["fma_gflops"])
            if "workload" not in d:
                continue
            rows.setdefault((d["workload"], d["threads"]), {}).setdefault((d["peer"], d.get("variant", "-")), []).append(d)
    order = {w: i for i, w in enumerate(CFG["workloads"])}
    out = ["# Peer benchmark results", "", "us per call. 1 thread: process CPU time, pinned; 2 threads: wall time. `median` = best round's median,",
           "`min` = fastest batch of all rounds, `spread` = slowest round's median / best round's, `ratio` = median / best median of the table.",
           "allocs = heap allocations per call (Rust peers).", ""]
    if peaks:
        out += ["Measured f32 FMA peak of one core: %.1f GFLOP/s." % max(peaks.values()), ""]
    for (w, t) in sorted(rows, key=lambda k: (k[1], order.get(k[0], 99))):
        ok, bad = [], []
        for (p, v), ds in rows[(w, t)].items():
            good = [d for d in ds if "median_us" in d]
            if good:
                ms = sorted(metric(d)[0] for d in good)
                ok.append((ms[0], min(metric(d)[1] for d in good), ms[-1] / ms[0], p, v, good[-1]))
            else:
                bad.append((p, v, ds[-1].get("unsupported") or ds[-1].get("error")))
        ok.sort(key=lambda r: r[0])
        fl = CFG["flops"].get(w)
        pk = max(peaks.values()) * t if peaks else None
        out += [f"## {w}, {t} thread{'s' if t > 1 else ''}", "", "| peer | variant | median us | min us | ratio | spread | allocs |" + (" GFLOP/s | % peak |" if fl else ""),
                "|---|---|---:|---:|---:|---:|---:|" + ("---:|---:|" if fl else "")]
        for m, mn, sp, p, v, d in ok:
            r = f"| {p} | {v} | {fmt(m)} | {fmt(mn)} | {m / ok[0][0]:.2f} | {sp:.2f} | {d.get('allocs_per_call', '')} |"
            if fl:
                g = fl / m / 1e3
                r += f" {g:.1f} | {100 * g / pk:.0f} |" if pk else f" {g:.1f} | |"
            out.append(r)
        for p, v, why in bad:
            out.append(f"| {p} | {v} | - | - | - | | {str(why).replace('|', '/')[:110]} |" + (" | |" if fl else ""))
        out.append("")
    if path:
        open(path, "w").write("\n".join(out) + "\n")
    return "\n".join(out)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-w", "--workloads", default="")
    ap.add_argument("-p", "--peers", default="")
    ap.add_argument("-t", "--threads", default="1,2")
    ap.add_argument("--rounds", type=int, default=2)
    ap.add_argument("--nice", type=int, default=0, help="niceness of the timed programs (negative needs root)")
    ap.add_argument("--timeout", type=int, default=900)
    ap.add_argument("--quick", action="store_true")
    ap.add_argument("--append", action="store_true", help="add to earlier results instead of replacing the same (workload, threads, peer)")
    ap.add_argument("--isa", choices=sorted(ISAS), help="the most that peers may use")
    ap.add_argument("--table", action="store_true")
    a = ap.parse_args()
    os.makedirs(R, exist_ok=True)
    if a.table:
        print(table(os.path.join(R, "TABLE.md")))
        return
    peers = [p for p in CFG["peers"] if not a.peers or p["name"] in a.peers.split(",")]
    for th in map(int, a.threads.split(",")):
        for w in CFG["workloads"]:
            if a.workloads and w not in a.workloads.split(","):
                continue
            if th > 1 and w not in CFG["two_thread_workloads"]:
                continue
            f = os.path.join(R, f"{w}.t{th}.jsonl")
            got = []
            for r in range(a.rounds):
                for p in peers:
                    for d in run_one(p, w, th, a):
                        d["round"] = r
                        got.append(d)
                        if "median_us" in d:
                            m = metric(d)
                            print(f"{w} t{th} r{r} {d['peer']:15} {d['variant']:16} {fmt(m[0]):>9} us (min {fmt(m[1])}; wall {fmt(d['median_us'])}, cpu/wall {d['cpu_per_wall']})", flush=True)
                        elif r == 0:
                            print(f"{w} t{th} {d['peer']:15} {d.get('variant', '-'):16} {d.get('unsupported') or d.get('error')}", flush=True)
            if a.quick:
                continue
            names = {p["name"] for p in peers}
            old = []
            if os.path.exists(f):
                old = [json.loads(l) for l in open(f)]
                if not a.append:
                    old = [d for d in old if d["peer"] not in names]
            with open(f, "w") as fh:
                for d in old + got:
                    fh.write(json.dumps(d) + "\n")
    if not a.quick:
        table(os.path.join(R, "TABLE.md"))


main()
