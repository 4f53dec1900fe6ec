//! What is wrong with a file of weights.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why weights were not read or written. Whatever it is, the model, or the file, is as it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file could not be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bytes are not those of a file of weights: what is wrong with them.
    Format(String),
    /// The tensors of the file are not those of the model: everything that is wrong.
    Tensors(Vec<Fault>),
}

/// What is wrong with a tensor.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// A parameter needs it, and the file has none of this name.
    Missing {
        /// Its name in the file.
        tensor: String,
        /// What needs it.
        parameter: String,
        /// A name in the file that ends or begins otherwise and may be meant.
        similar: Option<String>,
    },
    /// The file has it, and nothing in the model is read from it.
    Surplus {
        /// Its name in the file.
        tensor: String,
    },
    /// It has another shape.
    Shape {
        /// Its name in the file.
        tensor: String,
        /// What needs it.
        parameter: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The shape that PyTorch's layer has.
        needed: Vec<usize>,
    },
    /// Its numbers are none that a parameter is made of.
    Dtype {
        /// Its name in the file.
        tensor: String,
        /// What they are.
        found: String,
    },
    /// Some of its numbers are NaN.
    Nan {
        /// Its name in the file.
        tensor: String,
        /// How many.
        count: usize,
    },
    /// Some of its numbers are too large for the type that they are wanted in.
    TooLarge {
        /// Its name in the file.
        tensor: String,
        /// How many.
        count: usize,
        /// The type.
        wanted: String,
    },
    /// Its bytes could not be read.
    Data {
        /// Its name in the file.
        tensor: String,
        /// Why.
        reason: String,
    },
    /// Two arrays would be read from it, or written to it.
    Twice {
        /// Its name in the file.
        tensor: String,
    },
    /// A name that was to be changed is that of no array of the model.
    Unused {
        /// The name.
        name: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing { tensor, parameter, similar } => {
                write!(f, "found no `{tensor}`, needed for `{parameter}`")?;
                match similar {
                    Some(similar) => write!(f, "; the file has `{similar}`"),
                    None => Ok(()),
                }
            }
            Fault::Surplus { tensor } => {
                write!(f, "found `{tensor}`, which nothing in the model is read from")
            }
            Fault::Shape { tensor, parameter, found, needed } => {
                write!(
                    f,
                    "found `{tensor}` of shape {found:?}, needed {needed:?} for `{parameter}`"
                )?;
                let turned = found.len() > 1 && found.iter().rev().eq(needed);
                let note = if turned { ", which has the axes in the opposite order" } else { "" };
                f.write_str(note)
            }
            Fault::Dtype { tensor, found } => {
                write!(f, "found `{tensor}` of {found}, needed F16, BF16, F32 or F64")
            }
            Fault::Nan { tensor, count } => {
                write!(f, "found {count} NaN in `{tensor}`; `allow_nan()` lets them pass")
            }
            Fault::TooLarge { tensor, count, wanted } => {
                write!(f, "{count} numbers of `{tensor}` are too large for {wanted}")
            }
            Fault::Data { tensor, reason } => write!(f, "`{tensor}` cannot be read: {reason}"),
            Fault::Twice { tensor } => write!(f, "`{tensor}` stands for two arrays of the model"),
            Fault::Unused { name } => {
                write!(
                    f,
                    "`{name}` is to be called otherwise, but no array of the model is called so"
                )
            }
        }
    }
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WeightsError::Io { path, source } => write!(f, "`{}`: {source}", path.display()),
            WeightsError::Format(reason) => write!(f, "this is no file of weights: {reason}"),
            WeightsError::Tensors(faults) => {
                write!(f, "the tensors of the file are not those of the model")?;
                faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))?;
                match prefix(faults) {
                    Some(prefix) => write!(
                        f,
                        "\n  help: the names in the file begin with `{prefix}`: `Weights::new().rename(\"\", \"{prefix}\")`"
                    ),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What stands before every name that is missing, if the file has all of them so.
fn prefix(faults: &[Fault]) -> Option<&str> {
    let missing = faults.iter().filter_map(|fault| match fault {
        Fault::Missing { tensor, .. } => Some(tensor.as_str()),
        _ => None,
    });
    let surplus = || {
        faults.iter().filter_map(|fault| match fault {
            Fault::Surplus { tensor } => Some(tensor.as_str()),
            _ => None,
        })
    };
    let first = missing.clone().next()?;
    let before =
        |name: &str| surplus().find_map(|found| found.strip_suffix(name)?.strip_suffix('.'));
    let prefix = before(first)?;
    let has = |name: &str| {
        surplus().any(|found| {
            let rest = found.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
            rest == Some(name)
        })
    };
    missing.clone().all(has).then_some(prefix)
}

impl Error for WeightsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            WeightsError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
