"""ONNX Runtime, CPUExecutionProvider: networks written out by torch.onnx.export (dynamo exporter, fixed shapes, weights inside), all
graph optimisations, intra_op threads = THREADS, inter_op 1, sequential.

Variants: `run` is session.run, which makes a new array for the output; `bind` is run_with_iobinding, inputs and outputs bound once to memory
made before. `fused` (W5, W9), bound too: the graph of onnx_fused.py, with one operator for the attention. Models are kept in $PEERS_ONNX
($HOME/.cache/pullback-peers/onnx) and made again when the data are newer."""
import os, sys, warnings
warnings.filterwarnings("ignore")
T = int(sys.argv[2]) if len(sys.argv) > 2 else 1
import numpy as np
import onnxruntime as ort
import peerkit as pk

ort.set_default_logger_severity(3)
DIR = os.environ.get("PEERS_ONNX", os.path.expanduser("~/.cache/pullback-peers/onnx"))

# group, function of nets.py, inputs, name of the reference, samples taken
FWD = {
    "w2_mnist_fwd": ("w2", "w2", {"x": (64, 784)}, "out", None),
    "w3_lenet_fwd": ("w3", "w3", {"x": (64, 1, 28, 28)}, "out", None),
    "w5_block_b1_fwd": ("w5", "w5", {"x": (8, 64, 128)}, "out_b1", 1),
    "w5_block_b8_fwd": ("w5", "w5", {"x": (8, 64, 128)}, "out_b8", 8),
    "w7_gemm_fwd": ("w7", "w7", {"x": (256, 1024)}, "out", None),
    "w8_resnet18_fwd": ("w8", "w8", {"x": (1, 3, 224, 224)}, "out", None),
    "w9_minilm_b1_fwd": ("w9", "w9", {"tokens": (16, 32), "mask": (16, 32)}, "out_b1", 1),
    "w9_minilm_b16_fwd": ("w9", "w9", {"tokens": (16, 32), "mask": (16, 32)}, "out_b16", 16),
}


def inputs(w):
    group, _, ins, _, take = FWD[w]
    read = lambda n, s: pk.ints(group, n).reshape(s).astype(np.int64) if n == "tokens" else pk.f(group, n, s)
    return {n: np.ascontiguousarray(read(n, s)[:take]) for n, s in ins.items()}


def export(w, path):
    import contextlib, io, torch, nets
    group, fn, ins, _, _ = FWD[w]
    model = getattr(nets, fn)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.keys = {k: k.replace(".", "__") for k in pk.params(group)}
            for k, v in pk.params(group).items():
                self.register_buffer(self.keys[k], torch.tensor(v))

        def forward(self, *a):
            return model({k: getattr(self, n) for k, n in self.keys.items()}, *a)
    args = tuple(torch.tensor(v) for v in inputs(w).values())
    quiet = io.StringIO()
    with torch.no_grad(), contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        torch.onnx.export(Net().eval(), args, path + ".new", input_names=list(ins), output_names=["y"], dynamo=True, external_data=False,
                          optimize=True)
    os.replace(path + ".new", path)


def model(w, kind):
    path = os.path.join(DIR, f"{w}.{kind}.onnx")
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(os.path.join(pk.ROOT, FWD[w][0])):
        os.makedirs(DIR, exist_ok=True)
        if kind == "plain":
            export(w, path)
        else:
            import onnx_fused
            getattr(onnx_fused, FWD[w][0])(path, FWD[w][4])
    return path


def make(w, kind, bind):
    def go(threads, ck):
        o = ort.SessionOptions()
        o.intra_op_num_threads = threads
        o.inter_op_num_threads = 1
        o.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        if os.environ.get("PEERS_ONNX_DUMP"):
            o.optimized_model_filepath = os.environ["PEERS_ONNX_DUMP"]
        s = ort.InferenceSession(model(w, kind), o, providers=["CPUExecutionProvider"])
        feed = inputs(w)
        names = [i.name for i in s.get_inputs()]
        feed = {n: v.astype(np.int32) if t.type == "tensor(int32)" else v for t in s.get_inputs() for n, v in feed.items() if t.name == n}
        assert sorted(names) == sorted(feed), (names, list(feed))
        group, ref = FWD[w][0], FWD[w][3]
        if not bind:
            run = s.run
            ck.rf(group, ref, run(["y"], feed)[0])
            return (lambda: run(["y"], feed)), None
        y = np.zeros(s.get_outputs()[0].shape, np.float32)
        b = s.io_binding()
        keep = [ort.OrtValue.ortvalue_from_numpy(v) for v in feed.values()]
        for n, v in zip(feed, keep):
            b.bind_ortvalue_input(n, v)
        out = ort.OrtValue.ortvalue_from_numpy(y)
        b.bind_ortvalue_output("y", out)
        # the C function itself: the Python method around it only passes on
        run = s._sess.run_with_iobinding
        inner = b._iobinding
        run(inner, None)
        ck.rf(group, ref, out.numpy())
        return (lambda: (run(inner, None), keep, out)), None
    return go


table = {}
for w in FWD:
    table[w] = {"run": make(w, "plain", False), "bind": make(w, "plain", True)}
    if w[:2] in ("w5", "w9"):
        table[w]["fused"] = make(w, "fused", True)
pk.main("onnx", ort.__version__, table)
