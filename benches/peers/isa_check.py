"""Shows that the switches of `run.py --isa` take effect, or that one does not. Each line is a measurement in a process of its own:
what a library says that it uses, and instructions by width of register where code can be looked at.

  isa_check.py              without and with the switches for avx2: on a machine with AVX-512 they differ
  isa_check.py --below      also one step further down (SSE4, AVX), which shows on a machine without AVX-512 that a switch is heard
  isa_check.py mkl xla_dot  only these (aten, inductor, onednn, mkl, xla, xla_dot)

Needs objdump, and perf for two of them. Nothing here times anything."""
import os, re, subprocess, sys, tempfile, textwrap

D = os.path.dirname(os.path.abspath(__file__))
PY = sys.executable


def env(**kw):
    e = {k: v for k, v in os.environ.items() if k not in ("XLA_FLAGS", "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS")}
    return {**e, "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1", **kw}


def py(code, **kw):
    p = subprocess.run([PY, "-c", textwrap.dedent(code)], env=env(**kw), capture_output=True, text=True, cwd=D)
    return p.stdout + p.stderr


def widths(path):
    """How many instructions use zmm, ymm and xmm registers."""
    t = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True).stdout
    c = {r: 0 for r in ("zmm", "ymm", "xmm")}
    for line in t.splitlines():
        for r in c:
            if "%" + r in line:
                c[r] += 1
                break
    return c


def say(what, setting, found):
    print(f"{what:34} {setting:32} {found}", flush=True)


def aten(v):
    kw = {"ATEN_CPU_CAPABILITY": v} if v else {}
    say("torch.backends.cpu capability", f"ATEN_CPU_CAPABILITY={v}", py("import torch; print(torch.backends.cpu.get_cpu_capability())", **kw).strip())


def onednn(v):
    kw = {"ONEDNN_MAX_CPU_ISA": v} if v else {}
    t = py("""
        import torch
        with torch.inference_mode():
            torch.nn.functional.conv2d(torch.randn(1, 64, 56, 56), torch.randn(64, 64, 3, 3), padding=1)
        """, ONEDNN_VERBOSE="1", **kw)
    isa = re.search(r"cpu,isa:([^\n]*)", t)
    impl = re.findall(r"exec,cpu,convolution,([^,]*)", t)
    say("oneDNN (ONEDNN_VERBOSE=1)", f"ONEDNN_MAX_CPU_ISA={v}", f"{isa and isa.group(1)}; convolution by {impl}")


def hot(code, **kw):
    """The function of a library of products that takes most time. (The inner loops of the oneDNN in XLA are made when it runs and have no name.)"""
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "perf")
        try:
            subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-o", out, PY, "-c", textwrap.dedent(code)], env=env(**kw), capture_output=True)
        except FileNotFoundError:
            return "no perf here"
        t = subprocess.run(["perf", "report", "-i", out, "--stdio", "--no-children", "-g", "none"], capture_output=True, text=True).stdout
    top = [l.split() for l in t.splitlines() if re.search(r"% .*(ynn::|xnn_|dnnl::|Eigen::internal|mkl_)", l)]
    return " ".join(top[0][2:])[:150] if top else "nothing found"


def mkl(v):
    """MKL_VERBOSE does not name the instruction set on a processor that is not Intel's; the kernel's name does."""
    kw = {"MKL_ENABLE_INSTRUCTIONS": v} if v else {}
    say("MKL, most time in", f"MKL_ENABLE_INSTRUCTIONS={v}", hot("import torch; a = torch.randn(512, 512)\nfor _ in range(600): a @ a", **kw))


def inductor(v):
    with tempfile.TemporaryDirectory() as tmp:
        kw = {"ATEN_CPU_CAPABILITY": v, "CXX": os.path.join(D, "cxx-avx2")} if v else {}
        py("""
            import torch
            f = torch.compile(lambda x: torch.nn.functional.gelu(x).exp() + x.cumsum(-1))
            with torch.no_grad(): f(torch.randn(64, 1000))
            """, TORCHINDUCTOR_CACHE_DIR=tmp, **kw)
        libs = [os.path.join(r, f) for r, _, fs in os.walk(tmp) for f in fs if f.endswith(".so") and "precompiled" not in r]
        found = [widths(l) for l in libs]
    say("torch.compile, code by width", f"ATEN_CPU_CAPABILITY, CXX: {v}", {r: sum(f[r] for f in found) for r in ("zmm", "ymm", "xmm")} if found else "no code")


NO_YNN = " --xla_cpu_experimental_ynn_fusion_type="


def xla(v, more=""):
    """What XLA compiled, by width of register, and what it left to libraries, whose code is not among that."""
    with tempfile.TemporaryDirectory() as tmp:
        flags = f"--xla_dump_to={tmp} --xla_dump_hlo_as_text" + (f" --xla_cpu_max_isa={v}" if v else "") + more
        t = py("""
            import jax, jax.numpy as jnp
            f = jax.jit(lambda x, w: jax.nn.gelu(x @ w))
            f(jnp.ones((256, 512)), jnp.ones((512, 512))).block_until_ready()
            """, XLA_FLAGS=flags)
        files = [os.path.join(r, f) for r, _, fs in os.walk(tmp) for f in fs]
        objs = [widths(f) for f in files if f.endswith(".o")]
        hlo = " ".join(open(f).read() for f in files if "after_optimizations" in f and f.endswith(".txt") and "buffer" not in f and "memory" not in f)
    libraries = sorted(set(re.findall(r"__(?:ynn|xnn|onednn)_\w+", hlo)))
    code = {r: sum(o[r] for o in objs) for r in ("zmm", "ymm", "xmm")} if objs else "no code " + t[-300:]
    say("XLA, its code by width", f"xla_cpu_max_isa={v}{', no ynn' if more else ''}", f"{code}; to libraries: {libraries or 'nothing'}")


def xla_dot(v, more=""):
    """Without YNNPACK a product goes to the oneDNN in XLA, which is told as the other one is."""
    one = {"AVX2": "AVX2", "SSE4_2": "SSE41"}.get(v)
    found = hot("""
        import jax, jax.numpy as jnp
        f = jax.jit(lambda x, w: x @ w)
        x, w = jnp.ones((512, 512)), jnp.ones((512, 512))
        for _ in range(600): f(x, w).block_until_ready()
        """, XLA_FLAGS="--xla_cpu_multi_thread_eigen=false" + (f" --xla_cpu_max_isa={v}" if v else "") + more, **({"ONEDNN_MAX_CPU_ISA": one} if one else {}))
    say("XLA, product 512^3, most time in", f"the same, ONEDNN_{one}{', no ynn' if more else ''}", found)


def main():
    below = "--below" in sys.argv
    print("flags of this processor:", " ".join(sorted(f for f in re.search(r"flags\s*:(.*)", open("/proc/cpuinfo").read()).group(1).split() if f.startswith(("avx", "fma", "amx")))))
    only = [a for a in sys.argv[1:] if not a.startswith("-")]
    for f, values in ((aten, [None, "avx2", "default"]), (inductor, [None, "avx2"]), (onednn, [None, "AVX2", "SSE41"]), (mkl, [None, "AVX2", "SSE4_2"]),
                      (xla, [None, "AVX2", "SSE4_2"]), (xla_dot, [None, "AVX2", "SSE4_2"])):
        for v in values[: 3 if below else 2]:
            if only and f.__name__ not in only:
                continue
            f(v)
            if f in (xla, xla_dot):
                f(v, NO_YNN)


main()
