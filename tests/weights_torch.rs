//! Files that PyTorch and NumPy wrote (`reference/weights.py`): read, they compute what PyTorch does; written again, they
//! have the same tensors, to the bit.
//!
//! With `PULLBACK_WEIGHTS_OUT` set to a folder, the files that are written stay there, for
//! `reference/weights.py check FOLDER`.

use pullback::Index;
use pullback::flat::Value;
use pullback::weights::{Dtype, Format, Weights};
use pullback::{Scalar, model};
use safetensors::SafeTensors;
use std::path::{Path, PathBuf};

model! {
    pub Mlp: [12] -> [4] { fc1 = linear -> [32], relu, fc2 = linear -> [16], relu, fc3 = linear -> [4] }

    pub LeNet: [1, 20, 20] -> [10] {
        conv1 = conv2d(5, padding = 2) -> [6, _, _],
        relu,
        max_pool2d(2),
        conv2 = conv2d(5) -> [16, _, _],
        relu,
        max_pool2d(2),
        flatten,
        fc1 = linear -> [30],
        relu,
        fc2 = linear -> [10],
    }

    /// Two layers beside a skip connection.
    Basic<C, H, W>(x: [C, H, W]) -> [C, H, W] {
        conv1 = conv2d(3, padding = 1, bias = false) -> [C, _, _],
        bn1 = batch_norm,
        relu,
        conv2 = conv2d(3, padding = 1, bias = false) -> [C, _, _],
        bn2 = batch_norm,
        x + bn2,
        relu,
    }
    /// With half the height and width and another number of channels.
    Down<I, C, H, W>(x: [I, H, W]) -> [C, (H + 1) / 2, (W + 1) / 2] {
        conv1 = conv2d(3, padding = 1, stride = 2, bias = false) -> [C, _, _],
        bn1 = batch_norm,
        relu,
        conv2 = conv2d(3, padding = 1, bias = false) -> [C, _, _],
        bn2 = batch_norm,
        downsample = { conv = conv2d(x, 1, stride = 2, bias = false) -> [C, _, _], norm = batch_norm },
        bn2 + downsample,
        relu,
    }
    pub ResNet18: [3, 32, 32] -> [10] {
        conv1 = conv2d(7, padding = 3, stride = 2, bias = false) -> [8, _, _],
        bn1 = batch_norm,
        relu,
        max_pool2d(3, stride = 2, padding = 1),
        layer1 = [Basic; 2],
        layer2 = { first = Down -> [12, _, _], second = Basic },
        layer3 = { first = Down -> [16, _, _], second = Basic },
        layer4 = { first = Down -> [24, _, _], second = Basic },
        mean(axes = [1, 2]),
        fc = linear -> [10],
    }

    pub Lstm: [7, 6] -> [7, 3] { rnn = lstm -> [7, 10], head = linear -> [7, 3] }
    pub Gru: [7, 6] -> [7, 3] { rnn = gru -> [7, 10], head = linear -> [7, 3] }

    pub Transformer(tokens: [5] of index(20)) -> [5, 16] {
        embed = embedding(tokens) -> [5, 16],
        norm1 = layer_norm,
        attn = multihead_attention(heads = 4),
        x = embed + attn,
        norm2 = layer_norm(x),
        up = linear -> [5, 64],
        gelu,
        down = linear -> [5, 16],
        x + down,
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/weights")
}

fn fixture(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The inputs and outputs of a module.
fn outputs(name: &str) -> [Vec<f64>; 2] {
    let all: serde_json::Value = serde_json::from_slice(&fixture("outputs.json")).unwrap();
    ["x", "y"].map(|key| serde_json::from_value(all[name][key].clone()).unwrap())
}

/// Compares what two samples give with PyTorch's, relative to the greatest.
fn compare(name: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    let greatest = expected.iter().fold(0f64, |most, y| most.max(y.abs()));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let error = (found - expected).abs() / greatest;
        assert!(error <= tolerance, "{name}: {found}, PyTorch has {expected}");
    }
}

/// The file that we write has the tensors of the file that we read.
fn assert_same_file(name: &str, written: &[u8], read: &[u8]) {
    if let Some(folder) = std::env::var_os("PULLBACK_WEIGHTS_OUT") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.safetensors")), written).unwrap();
    }
    let [written, read] = [written, read].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let names = |file: &SafeTensors<'_>| {
        let mut names: Vec<String> = file.names().into_iter().map(str::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(&written), names(&read), "{name}");
    for (tensor, read) in read.iter() {
        let written = written.tensor(tensor).unwrap();
        assert_eq!(
            (written.dtype(), written.shape()),
            (read.dtype(), read.shape()),
            "{name}: {tensor}"
        );
        // How many batches there were is nothing that we keep: an `i64` of 0.
        let expected = if tensor.ends_with("num_batches_tracked") { &[0; 8] } else { read.data() };
        assert_eq!(written.data(), expected, "{name}: {tensor}");
    }
}

/// Reads a file into a network without state, compares the outputs of two samples, and writes it again.
macro_rules! without_state {
    ($name:literal, $Net:ident, $T:ty, $weights:expr, $tolerance:expr, |$x:ident| $input:expr) => {{
        let (weights, file) = ($weights, fixture(concat!($name, ".safetensors")));
        let mut net = $Net::<$T>::zeros();
        weights.from_bytes(&mut net, &file).unwrap();
        let [xs, ys] = outputs($name);
        let mut found = Vec::new();
        for $x in xs.chunks_exact(xs.len() / 2) {
            let y = net.forward(&$input);
            found.extend(Value::<$T>::flat(&[y]).iter().map(|y| f64::from(*y)));
        }
        compare($name, &found, &ys, $tolerance);
        let written = weights.to_bytes(&net, Format::Safetensors).unwrap();
        assert_same_file($name, &written, &file);
        let mut again = $Net::<$T>::zeros();
        weights.from_bytes(&mut again, &written).unwrap();
        assert!(net == again, "{}: what was written is read as something else", $name);
    }};
}

/// One real input.
fn real<T: Scalar, X: Value<T> + Copy>(x: &[f64]) -> X {
    let numbers: Vec<T> = x.iter().map(|x| T::from_f64(*x)).collect();
    X::values(&numbers)[0]
}

#[test]
fn multilayer_perceptrons_of_every_type() {
    without_state!("mlp", Mlp, f32, Weights::new(), 1e-5, |x| real(x));
    without_state!("mlp", Mlp, f64, Weights::new().dtype(Dtype::F32), 1e-12, |x| real(x));
    without_state!("mlp_f64", Mlp, f64, Weights::new(), 1e-12, |x| real(x));
    without_state!("mlp_f16", Mlp, f32, Weights::new().dtype(Dtype::F16), 1e-5, |x| real(x));
    without_state!("mlp_f16", Mlp, f64, Weights::new().dtype(Dtype::F16), 1e-12, |x| real(x));
    without_state!("mlp_bf16", Mlp, f32, Weights::new().dtype(Dtype::BF16), 1e-5, |x| real(x));
    without_state!("mlp_bf16", Mlp, f64, Weights::new().dtype(Dtype::BF16), 1e-12, |x| real(x));
}

#[test]
fn lenet() {
    without_state!("lenet", LeNet, f32, Weights::new(), 1e-5, |x| real(x));
}

#[test]
fn recurrent_networks() {
    without_state!("lstm", Lstm, f32, Weights::new(), 1e-5, |x| real(x));
    without_state!("lstm", Lstm, f64, Weights::new().dtype(Dtype::F32), 1e-12, |x| real(x));
    without_state!("gru", Gru, f32, Weights::new(), 1e-5, |x| real(x));
}

#[test]
fn a_transformer() {
    without_state!("transformer", Transformer, f32, Weights::new(), 1e-5, |x| {
        Index::array::<5>(std::array::from_fn(|i| x[i] as usize)).unwrap()
    });
}

#[test]
fn resnet_18_with_its_state() {
    // What are numbers in a `Sequential` of PyTorch's are names here.
    let mut weights = Weights::new();
    for layer in ["layer2", "layer3", "layer4"] {
        for (ours, theirs) in [
            ("first.downsample.conv", "0.downsample.0"),
            ("first.downsample.norm", "0.downsample.1"),
            ("first", "0"),
            ("second", "1"),
        ] {
            weights = weights.rename(&format!("{layer}.{ours}"), &format!("{layer}.{theirs}"));
        }
    }
    let file = fixture("resnet18.safetensors");
    let (mut net, mut state) = (ResNet18::<f32>::zeros(), ResNet18State::new());
    weights.from_bytes((&mut net, &mut state), &file).unwrap();
    let [xs, ys] = outputs("resnet18");
    let mut found = Vec::new();
    for x in xs.chunks_exact(xs.len() / 2) {
        found.extend(net.forward(&real(x), &state).map(f64::from));
    }
    compare("resnet18", &found, &ys, 1e-5);
    let written = weights.to_bytes((&net, &state), Format::Safetensors).unwrap();
    assert_same_file("resnet18", &written, &file);
    let (mut net_again, mut state_again) = (ResNet18::<f32>::zeros(), ResNet18State::new());
    weights.from_bytes((&mut net_again, &mut state_again), &written).unwrap();
    assert!(net == net_again && state == state_again, "what was written is read as something else");

    // Without the state its tensors are left over, all of them in one error.
    let error = weights.from_bytes(&mut net, &file).unwrap_err().to_string();
    assert_eq!(error.matches("which nothing in the model is read from").count(), 3 * 20, "{error}");
}

#[test]
fn an_archive_of_numpy() {
    let mut net = Mlp::<f32>::zeros();
    Weights::new().from_bytes(&mut net, &fixture("mlp.npz")).unwrap();
    let mut same = Mlp::<f32>::zeros();
    Weights::new().from_bytes(&mut same, &fixture("mlp.safetensors")).unwrap();
    assert_eq!(net, same);
    if let Some(folder) = std::env::var_os("PULLBACK_WEIGHTS_OUT") {
        std::fs::create_dir_all(&folder).unwrap();
        Weights::new().save(&net, Path::new(&folder).join("mlp.npz")).unwrap();
    }
}
