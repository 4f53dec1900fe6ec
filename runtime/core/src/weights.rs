//! Parameters and states in files, with the names and layouts of PyTorch's `state_dict`.
//!
//! [`load`] reads what `safetensors.torch.save_file(net.state_dict(), path)` or `numpy.savez(path, **arrays)` wrote, and
//! `load_state_dict(strict=True)` takes what [`save`] writes: the weight of a `linear` is `[out, in]` in the file, that
//! of an `lstm` is called `weight_ih_l0`. What a parameter is there is told by [`ParamInfo::torch_name`] and
//! [`ParamInfo::torch`]. Layers that have other names there are renamed by [`Weights`].
//!
//! ```
//! use pullback::weights;
//!
//! pullback::model! { pub Net: [2] -> [1] { hidden = linear -> [3], tanh, out = linear -> [1] } }
//!
//! # let folder = std::env::temp_dir().join(format!("pullback-weights-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("net.safetensors");
//! let mut net = Net::<f32>::zeros();
//! net.out.bias = [2.0];
//! weights::save(&net, &path)?;
//!
//! let mut other = Net::zeros();
//! weights::load(&mut other, &path)?;
//! assert_eq!(other, net);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A file is trusted in nothing: whatever is wrong with it is one error that names every tensor concerned, and the
//! network is as it was. Files are written beside the old one and put in its place when they are whole.

mod arrays;
mod container;
mod dtype;
mod fault;
mod names;
#[cfg(feature = "npz")]
mod npy;
#[cfg(feature = "npz")]
mod npz;
mod read;
mod safe_file;
#[cfg(feature = "safetensors")]
mod tensors;
mod write;

pub use arrays::{Source, Target};
pub use dtype::{Dtype, Element};
pub use fault::{Fault, WeightsError};

use crate::flat::Block;
use crate::info::ParamInfo;
use names::{Pattern, Rule};
use std::path::Path;

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// `.safetensors`
    #[cfg(feature = "safetensors")]
    Safetensors,
    /// `.npz`: NumPy's
    #[cfg(feature = "npz")]
    Npz,
}

/// How weights are read and written: what is called otherwise in the file, what is left out, as what numbers are
/// written.
///
/// Names are given by the dotted parts they begin with; `*` stands for any one part.
///
/// ```
/// use pullback::weights::{Format, Weights};
///
/// pullback::model! {
///     pub Block: [4] -> [4] { up = linear -> [8], gelu, down = linear -> [4] }
///     pub Net: [4] -> [2] { blocks = [Block; 2], head = linear -> [2] }
/// }
/// // In the file it is called `encoder.layer.0.mlp.up.weight`.
/// let weights = Weights::new().rename("blocks.*", "encoder.layer.*.mlp").rename("head", "classifier");
///
/// let mut rng = rand::rng();
/// let (net, mut other) = (Net::<f32>::init(&mut rng), Net::<f32>::zeros());
/// let bytes = weights.to_bytes(&net, Format::Safetensors)?;
/// weights.from_bytes(&mut other, &bytes)?;
/// assert_eq!(other, net);
///
/// // Under their own names they are not found.
/// let error = Weights::new().from_bytes(&mut other, &bytes).unwrap_err().to_string();
/// assert!(error.contains("found no `blocks.0.up.weight`"), "{error}");
/// # Ok::<(), pullback::weights::WeightsError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Weights {
    rules: Vec<Rule>,
    ignored: Vec<Pattern>,
    kept: Vec<Pattern>,
    dtype: Option<Dtype>,
    nan: bool,
}

impl Weights {
    /// Names and layouts as in PyTorch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What begins with `ours` here begins with `theirs` in the file; each `*` there is what stands in the place of the
    /// one here. The first that is about an array counts, and only that: `rename("", "model")` puts `model.` before all
    /// names that are not renamed already.
    ///
    /// # Panics
    /// If `theirs` has more `*` than `ours`.
    #[must_use]
    #[track_caller]
    pub fn rename(mut self, ours: &str, theirs: &str) -> Self {
        self.rules.push(Rule::new(ours, &[theirs]));
        self
    }

    /// What is one array here is several in the file, one below the other along the first axis that it has in PyTorch:
    /// the projection of an attention,
    /// `joined("attn.in_proj_weight", &["attn.query.weight", "attn.key.weight", "attn.value.weight"])`. They are written
    /// in equal parts.
    ///
    /// # Panics
    /// If one of `theirs` has more `*` than `ours`, or there is none.
    #[must_use]
    #[track_caller]
    pub fn joined(mut self, ours: &str, theirs: &[&str]) -> Self {
        assert!(!theirs.is_empty(), "`{ours}` has to be made of something");
        self.rules.push(Rule::new(ours, theirs));
        self
    }

    /// Tensors of the file that begin so are not read, nor missed.
    #[must_use]
    pub fn ignore(mut self, theirs: &str) -> Self {
        self.ignored.push(Pattern::new(theirs));
        self
    }

    /// Arrays of the network that begin so stay as they are when a file is read, which need not have them, and are not
    /// written: a new head on a network that others trained.
    #[must_use]
    pub fn keep(mut self, ours: &str) -> Self {
        self.kept.push(Pattern::new(ours));
        self
    }

    /// As what numbers are written, rounded to the nearest: `f16` and `bf16` take half the space. Without it they are
    /// what they are here. Files of any are read.
    #[must_use]
    pub fn dtype(mut self, dtype: Dtype) -> Self {
        self.dtype = Some(dtype);
        self
    }

    /// A file may have NaN, which is an error otherwise.
    #[must_use]
    pub fn allow_nan(mut self) -> Self {
        self.nan = true;
        self
    }

    /// Reads a file, whatever its name, into `&mut net` or `(&mut net, &mut state)`.
    ///
    /// # Errors
    /// If it cannot be read or understood, or if a tensor is missing, left over, of another shape, no real numbers, NaN
    /// or too large for the network's. The error names them all, and nothing of the network is changed.
    pub fn load(&self, target: impl Target, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        let path = path.as_ref();
        match std::fs::read(path) {
            Ok(bytes) => self.from_bytes(target, &bytes),
            Err(source) => Err(WeightsError::Io { path: path.into(), source }),
        }
    }

    /// Reads the bytes of a file, where there is no file: `include_bytes!`, a browser.
    ///
    /// # Errors
    /// As [`Weights::load`].
    pub fn from_bytes(&self, target: impl Target, bytes: &[u8]) -> Result<(), WeightsError> {
        // The two are told apart by how they begin: an archive's first bytes would be the length of a header that is
        // larger than any.
        #[cfg(feature = "npz")]
        if bytes.starts_with(b"PK") {
            let mut file = npz::File::new(bytes).map_err(WeightsError::Format)?;
            return read::read(self, target, &mut file);
        }
        #[cfg(feature = "safetensors")]
        {
            let mut file = tensors::File::new(bytes).map_err(WeightsError::Format)?;
            read::read(self, target, &mut file)
        }
        #[cfg(not(feature = "safetensors"))]
        {
            let _ = target;
            Err(WeightsError::Format("it does not begin as an archive (`.npz`)".into()))
        }
    }

    /// Writes `&net` or `(&net, &state)` to a file, `.safetensors` or `.npz`: it is whole, or the old one is as it was.
    ///
    /// # Errors
    /// If the path ends otherwise, or cannot be written, or if a number is too large for [`Weights::dtype`].
    pub fn save(&self, source: impl Source, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        let path = path.as_ref();
        let bytes = self.to_bytes(source, Format::of(path)?)?;
        let written = safe_file::write(path, &bytes);
        written.map_err(|source| WeightsError::Io { path: path.into(), source })
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// If a number is too large for [`Weights::dtype`], or the format has none such.
    pub fn to_bytes(&self, source: impl Source, format: Format) -> Result<Vec<u8>, WeightsError> {
        let arrays = source.arrays();
        let written = write::written(self, &arrays)?;
        let bytes = match format {
            #[cfg(feature = "safetensors")]
            Format::Safetensors => tensors::to_bytes(&written),
            #[cfg(feature = "npz")]
            Format::Npz => npz::to_bytes(&written),
        };
        bytes.map_err(WeightsError::Format)
    }

    /// The tensors that a file has of a network, or of a state, with their shapes: what one has to look like to be read.
    ///
    /// ```
    /// use pullback::weights::Weights;
    ///
    /// pullback::model! { pub Net: [6, 2] -> [6, 3] { memory = lstm -> [6, 3] } }
    ///
    /// let tensors = Weights::new().rename("memory", "rnn").tensors::<Net>();
    /// assert_eq!(tensors[0], ("rnn.weight_ih_l0".to_string(), vec![12, 2]));
    /// ```
    ///
    /// # Panics
    /// If an array cannot be divided as [`Weights::joined`] says.
    #[track_caller]
    pub fn tensors<B: Block>(&self) -> Vec<(String, Vec<usize>)> {
        let arrays = B::ARRAYS.iter().filter(|info| !self.keeps(info));
        let tensors = arrays.flat_map(|info| match write::tensors_of(self, info) {
            Ok(tensors) => tensors,
            Err(fault) => panic!("{fault}"),
        });
        tensors.collect()
    }

    /// What an array is called in the file: several names, if it is made of several.
    fn names(&self, info: &ParamInfo) -> Vec<String> {
        self.renamed(info.torch_name())
    }

    fn renamed(&self, name: String) -> Vec<String> {
        self.rules.iter().find_map(|rule| rule.apply(&name)).unwrap_or_else(|| vec![name])
    }

    /// What PyTorch has beside an array and nothing here needs: a count of batches.
    fn beside(&self, info: &ParamInfo) -> Option<String> {
        let layer = info.name.rsplit_once('.').map_or("", |(layer, _)| layer);
        match (info.torch.beside, layer) {
            ("", _) => None,
            (name, "") => self.renamed(name.into()).into_iter().next(),
            (name, layer) => self.renamed(format!("{layer}.{name}")).into_iter().next(),
        }
    }

    /// Whether an array stays as it is.
    fn keeps(&self, info: &ParamInfo) -> bool {
        let name = info.torch_name();
        self.kept.iter().any(|pattern| pattern.begins(info.name) || pattern.begins(&name))
    }
}

impl Format {
    /// The format that the name of a file says.
    fn of(path: &Path) -> Result<Self, WeightsError> {
        match path.extension().and_then(|extension| extension.to_str()) {
            #[cfg(feature = "safetensors")]
            Some("safetensors") => Ok(Format::Safetensors),
            #[cfg(feature = "npz")]
            Some("npz") => Ok(Format::Npz),
            _ => {
                let known: &[&str] = &[
                    #[cfg(feature = "safetensors")]
                    "`.safetensors`",
                    #[cfg(feature = "npz")]
                    "`.npz`",
                ];
                Err(WeightsError::Format(format!(
                    "`{}` does not end in {}",
                    path.display(),
                    known.join(" or ")
                )))
            }
        }
    }
}

/// Reads a file into `&mut net`, or `(&mut net, &mut state)`: [`Weights::load`] without further settings.
///
/// # Errors
/// As [`Weights::load`].
pub fn load(target: impl Target, path: impl AsRef<Path>) -> Result<(), WeightsError> {
    Weights::new().load(target, path)
}

/// Writes `&net`, or `(&net, &state)`, to a file: [`Weights::save`] without further settings.
///
/// # Errors
/// As [`Weights::save`].
pub fn save(source: impl Source, path: impl AsRef<Path>) -> Result<(), WeightsError> {
    Weights::new().save(source, path)
}
