//! [Safetensors](https://github.com/huggingface/safetensors) files.

use super::container::{Container, Found, Numbers, Written};
use super::dtype::Dtype;
use safetensors::{Dtype as Theirs, SafeTensors, View};
use std::borrow::Cow;

/// A file of such tensors.
pub(super) struct File<'a>(SafeTensors<'a>);

impl<'a> File<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, String> {
        SafeTensors::deserialize(bytes).map(File).map_err(|error| error.to_string())
    }
}

impl Container for File<'_> {
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.to_string()).collect()
    }

    fn found(&mut self, name: &str) -> Result<Found, String> {
        let tensor = self.0.tensor(name).map_err(|error| error.to_string())?;
        let dtype = match tensor.dtype() {
            Theirs::F16 => Ok(Dtype::F16),
            Theirs::BF16 => Ok(Dtype::BF16),
            Theirs::F32 => Ok(Dtype::F32),
            Theirs::F64 => Ok(Dtype::F64),
            other => Err(format!("{other:?}")),
        };
        Ok(Found { dtype, shape: tensor.shape().to_vec(), reversed: false })
    }

    fn data(&mut self, name: &str, len: usize) -> Result<Cow<'_, [u8]>, String> {
        let tensor = self.0.tensor(name).map_err(|error| error.to_string())?;
        match tensor.data().len() {
            found if found == len => Ok(Cow::Borrowed(tensor.data())),
            found => Err(format!("it has {found} bytes, needs {len}")),
        }
    }
}

impl View for &Written<'_> {
    fn dtype(&self) -> Theirs {
        match self.numbers {
            Numbers::Integer(_) => Theirs::I64,
            Numbers::Real(Dtype::F16, ..) => Theirs::F16,
            Numbers::Real(Dtype::BF16, ..) => Theirs::BF16,
            Numbers::Real(Dtype::F32, ..) => Theirs::F32,
            Numbers::Real(Dtype::F64, ..) => Theirs::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.numbers.bytes())
    }

    fn data_len(&self) -> usize {
        match self.numbers {
            Numbers::Integer(_) => 8,
            Numbers::Real(dtype, _) => dtype.size() * self.shape.iter().product::<usize>(),
        }
    }
}

/// The bytes of a file.
pub(super) fn to_bytes(arrays: &[Written<'_>]) -> Result<Vec<u8>, String> {
    let arrays = arrays.iter().map(|array| (array.name.clone(), array));
    // Programs of Python ask by whom the names and layouts are.
    let about = [("format".to_string(), "pt".to_string())].into_iter().collect();
    safetensors::serialize(arrays, Some(about)).map_err(|error| error.to_string())
}
