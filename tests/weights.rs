//! Files of weights: round trips, names, every fault in one error, and files that somebody spoilt.
//!
//! `weights_torch.rs` holds them to files of PyTorch's.

use pullback::model;
use pullback::weights::{self, Dtype, Fault, Format, Weights, WeightsError};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::path::PathBuf;

model! {
    /// Something of every layout.
    pub Net: [4, 3] -> [2] {
        embed = linear -> [4, 6],
        block = { norm = batch_norm, attn = multihead_attention(heads = 2) },
        memory = lstm -> [4, 5],
        flatten,
        head = linear(weight_norm = true) -> [2],
    }

    /// The same layers under other names, the projections apart.
    pub Part: [4, 3] -> [4, 6] { embed = linear -> [4, 6], tanh, attn = multihead_attention(heads = 2) }
}

fn random() -> pullback::Boxed<Net> {
    let mut net = Net::init(&mut StdRng::seed_from_u64(7));
    net.flat_mut().iter_mut().enumerate().for_each(|(i, x)| *x += i as f32 * 1e-3);
    net
}

/// A folder that goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pullback-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn faults(result: Result<(), WeightsError>) -> Vec<Fault> {
    match result {
        Err(WeightsError::Tensors(faults)) => faults,
        other => panic!("{other:?}"),
    }
}

const FORMATS: [Format; 2] = [Format::Safetensors, Format::Npz];

#[test]
fn what_is_read_is_what_was_written() {
    let folder = Folder::new("round-trip");
    let net = random();
    let mut state = NetState::<f32>::new();
    state.block.norm.running_var[2] = 7.5;
    for name in ["a.safetensors", "a.npz"] {
        let path = folder.0.join(name);
        weights::save((&net, &state), &path).unwrap();
        // And once more over the file that is there.
        weights::save((&net, &state), &path).unwrap();
        let (mut other, mut its_state) = (Net::zeros(), NetState::new());
        weights::load((&mut other, &mut its_state), &path).unwrap();
        assert_eq!((&other, &its_state), (&net, &state), "{name}");
    }
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn layers_are_read_and_written_by_themselves() {
    let net = random();
    for format in FORMATS {
        let bytes = Weights::new().to_bytes(&net.block, format).unwrap();
        let mut other = Net::zeros();
        Weights::new().from_bytes(&mut other.block, &bytes).unwrap();
        assert_eq!(other.block, net.block);
        assert_ne!(other, net);
    }
}

#[test]
fn numbers_of_other_types_are_rounded_once() {
    let net = random();
    for (dtype, format, least) in [
        (Dtype::F64, Format::Safetensors, 0.0),
        (Dtype::F64, Format::Npz, 0.0),
        (Dtype::F16, Format::Npz, 1e-3),
        (Dtype::F16, Format::Safetensors, 1e-3),
        (Dtype::BF16, Format::Safetensors, 8e-3),
    ] {
        let weights = Weights::new().dtype(dtype);
        let bytes = weights.to_bytes(&net, format).unwrap();
        let mut other = Net::zeros();
        weights.from_bytes(&mut other, &bytes).unwrap();
        for (x, y) in net.flat().iter().zip(other.flat()) {
            assert!((x - y).abs() <= least * x.abs().max(1e-4), "{dtype:?}: {x} {y}");
        }
        // What has been rounded is not rounded again.
        assert_eq!(weights.to_bytes(&other, format).unwrap(), bytes);
        let mut wide = Net::<f64>::zeros();
        weights.from_bytes(&mut wide, &bytes).unwrap();
        assert_eq!(wide, other.cast::<f64>());
    }
    let error = Weights::new().dtype(Dtype::BF16).to_bytes(&net, Format::Npz).unwrap_err();
    assert_eq!(error.to_string(), "this is no file of weights: NumPy has no BF16");
}

#[test]
fn what_has_other_names_is_renamed() {
    let part = Part::<f32>::init(&mut StdRng::seed_from_u64(3));
    let theirs = Weights::new().rename("embed", "model.embeddings").joined(
        "attn.in_proj_weight",
        &["model.attention.q.weight", "model.attention.k.weight", "model.attention.v.weight"],
    );
    let theirs = theirs.joined(
        "attn.in_proj_bias",
        &["model.attention.q.bias", "model.attention.k.bias", "model.attention.v.bias"],
    );
    let theirs = theirs.rename("attn", "model.attention");
    for format in FORMATS {
        let bytes = theirs.to_bytes(&part, format).unwrap();
        let mut other = Part::zeros();
        theirs.from_bytes(&mut other, &bytes).unwrap();
        assert_eq!(other, part);

        // Some of it, into another network.
        let mut net = random();
        let before = net.clone();
        let some = Weights::new().rename("embed", "model.embeddings").ignore("model.attention");
        let some = some.keep("block").keep("memory").keep("head");
        some.from_bytes(&mut net, &bytes).unwrap();
        assert_eq!(net.embed.weight, part.embed.weight);
        assert_eq!((&net.block, &net.memory), (&before.block, &before.memory));
    }
}

#[test]
fn all_that_is_wrong_is_one_error_and_nothing_is_changed() {
    model! {
        pub Other: [4, 3] -> [4, 5] { embedding = linear -> [4, 6], lost = linear -> [4, 6], memory = lstm -> [4, 5] }
        pub Wide: [4, 3] -> [4, 6] { embed = linear -> [4, 6], tanh, lost = linear -> [4, 6], memory = linear -> [4, 6] }
    }
    for format in FORMATS {
        let bytes = Weights::new().to_bytes(&*Other::<f32>::zeros(), format).unwrap();
        let mut wide = Wide::<f32>::init(&mut StdRng::seed_from_u64(1));
        let before = wide.clone();
        let result = Weights::new().rename("hidden", "layer").from_bytes(&mut wide, &bytes);
        let text = result.unwrap_err().to_string();
        for line in [
            "found no `embed.weight`, needed for `embed.weight`; the file has `embedding.weight`",
            "found no `embed.bias`, needed for `embed.bias`",
            "found no `memory.weight`, needed for `memory.weight`",
            "found `memory.weight_hh_l0`, which nothing in the model is read from",
            "`hidden` is to be called otherwise, but no array of the model is called so",
        ] {
            assert!(text.contains(line), "no `{line}` in\n{text}");
        }
        assert_eq!(wide, before);
    }
    // A prefix that all names have is said.
    let part = Part::<f32>::zeros();
    let bytes = Weights::new().rename("", "module").to_bytes(&part, Format::Safetensors).unwrap();
    let mut other = Part::<f32>::zeros();
    let text = Weights::new().from_bytes(&mut other, &bytes).unwrap_err().to_string();
    assert!(text.ends_with("`Weights::new().rename(\"\", \"module\")`"), "{text}");
}

#[test]
fn shapes_and_numbers_are_checked() {
    model! {
        pub Three: [3] -> [4] { l = linear -> [4] }
        pub Four: [4] -> [3] { l = linear -> [3] }
    }
    let bytes = Weights::new().to_bytes(&*Three::<f32>::zeros(), Format::Npz).unwrap();
    let mut four = Four::<f32>::zeros();
    let text = Weights::new().from_bytes(&mut four, &bytes).unwrap_err().to_string();
    assert!(
        text.contains(
            "found `l.weight` of shape [4, 3], needed [3, 4] for `l.weight`, which has the axes in the opposite order"
        ),
        "{text}"
    );

    let mut three = Three::<f64>::zeros();
    three.l.bias = [f64::NAN, 1e300, f64::INFINITY, f64::NAN];
    for format in FORMATS {
        let bytes = Weights::new().to_bytes(&three, format).unwrap();
        let mut other = Three::<f64>::zeros();
        let found = faults(Weights::new().from_bytes(&mut other, &bytes));
        assert_eq!(found, [Fault::Nan { tensor: "l.bias".into(), count: 2 }]);
        Weights::new().allow_nan().from_bytes(&mut other, &bytes).unwrap();
        assert_eq!(other.l.bias[1..3], three.l.bias[1..3]);
        let mut narrow = Three::<f32>::zeros();
        let found = faults(Weights::new().allow_nan().from_bytes(&mut narrow, &bytes));
        let wanted = "F32".to_string();
        assert_eq!(found, [Fault::TooLarge { tensor: "l.bias".into(), count: 1, wanted }]);
        assert_eq!(narrow, Three::zeros());
    }
    let error = Weights::new().dtype(Dtype::F16).to_bytes(&three, Format::Npz).unwrap_err();
    assert!(error.to_string().contains("1 numbers of `l.bias` are too large for F16"), "{error}");
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = Folder::new("failed-write");
    let path = folder.0.join("net.safetensors");
    let mut net = random();
    weights::save(&net, &path).unwrap();
    let old = std::fs::read(&path).unwrap();
    net.flat_mut()[0] = 1e30;
    assert!(Weights::new().dtype(Dtype::F16).save(&net, &path).is_err());
    assert!(weights::save(&net, folder.0.join("net.pt")).is_err());
    assert!(weights::save(&net, folder.0.join("nowhere").join("net.npz")).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), old);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
}

/// How a file is spoilt.
fn spoil(bytes: &mut Vec<u8>, rng: &mut StdRng) {
    let mut below = |n: usize| rng.random_range(0..n);
    for _ in 0..1 + below(3) {
        let at = below(bytes.len());
        match below(8) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << below(8),
            2 => bytes[at] = [0, 0xff, b'"', b'9', b',', b'[', b'{', b'-'][below(8)],
            3 => drop(bytes.splice(at..at, [0xff; 9])),
            4 => drop(bytes.drain(at..(at + 1 + below(40)).min(bytes.len()))),
            // The header's length, the places and shapes in it.
            5 => bytes[..8].copy_from_slice(&(u64::MAX >> below(64)).to_le_bytes()),
            6 => {
                let digits: Vec<usize> =
                    (0..bytes.len().min(2000)).filter(|at| bytes[*at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    bytes[digits[below(digits.len())]] = b'0' + below(10) as u8;
                }
            }
            // A piece of it over another one.
            _ => {
                let (from, len) = (below(bytes.len()), 1 + below(60));
                let len = len.min(bytes.len() - from).min(bytes.len() - at);
                bytes.copy_within(from..from + len, at);
            }
        }
        if bytes.len() < 8 {
            return;
        }
    }
}

#[test]
fn spoilt_files_are_refused_or_read_and_never_half() {
    let (mut refused, mut read) = (0, 0);
    let net = random();
    let mut rng = StdRng::seed_from_u64(1);
    for format in FORMATS {
        let whole = Weights::new().to_bytes(&net, format).unwrap();
        for _ in 0..10_000 {
            let mut bytes = whole.clone();
            spoil(&mut bytes, &mut rng);
            let mut other = Net::<f32>::zeros();
            match Weights::new().from_bytes(&mut other, &bytes) {
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    assert!(other.flat().iter().all(|x| x.to_bits() == 0), "nothing is changed");
                    refused += 1;
                }
                Ok(()) => {
                    // Numbers may have become others; what stands in a file's slack may be anything.
                    assert!(other.flat().iter().all(|x| !x.is_nan()));
                    read += 1;
                }
            }
        }
    }
    println!("{refused} refused, {read} read, none crashed");
    assert!(refused > 10_000 && read > 100, "{refused} refused, {read} read");
}

#[test]
fn lies_in_a_header_are_found() {
    let file = |header: &str, data: usize| {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.bytes());
        bytes.extend(vec![0; data]);
        bytes
    };
    model! { pub One: [2] -> [2] { scale = parameter -> [2], scale * scale } }
    let right = r#"{"scale":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    Weights::new().from_bytes(&mut One::<f32>::zeros(), &file(right, 8)).unwrap();
    for (header, data) in [
        (right, 7),
        (right, 9),
        (r#"{"scale":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}"#, 16),
        (r#"{"scale":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}}"#, 8),
        (r#"{"scale":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8),
        (r#"{"scale":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}"#, 8),
        (
            r#"{"scale":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            8,
        ),
        (
            r#"{"scale":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"scale":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
            16,
        ),
        ("{}", 0),
        ("[]", 0),
        ("", 0),
    ] {
        let mut one = One::<f32>::zeros();
        assert!(Weights::new().from_bytes(&mut one, &file(header, data)).is_err(), "{header}");
        assert_eq!(one, One::zeros());
    }
    for bytes in [&b""[..], b"PK", b"PK\x03\x04", &[0xff; 8], &[0; 8]] {
        assert!(Weights::new().from_bytes(&mut One::<f32>::zeros(), bytes).is_err());
    }
}
