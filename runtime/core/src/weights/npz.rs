//! Archives of NumPy's arrays: what `numpy.savez` writes, and `numpy.savez_compressed`.

use super::container::{Container, Found, Numbers, Written};
use super::npy;
use std::borrow::Cow;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// An archive.
pub(super) struct File<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
}

impl<'a> File<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, String> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
        let mut names = Vec::with_capacity(archive.len());
        for name in archive.file_names() {
            let name = name.map_err(|error| error.to_string())?;
            let Some(array) = name.strip_suffix(".npy") else {
                return Err(format!("`{name}` in the archive is no array (`.npy`)"));
            };
            names.push(array.to_string());
        }
        Ok(File { archive, names })
    }

    fn open(&mut self, name: &str) -> Result<impl Read, String> {
        self.archive.by_name(&format!("{name}.npy")).map_err(|error| error.to_string())
    }
}

impl Container for File<'_> {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn found(&mut self, name: &str) -> Result<Found, String> {
        let npy::Header { dtype, fortran, shape } = npy::read(&mut self.open(name)?)?;
        Ok(Found { dtype, shape, reversed: fortran })
    }

    fn data(&mut self, name: &str, len: usize) -> Result<Cow<'_, [u8]>, String> {
        let mut file = self.open(name)?;
        npy::read(&mut file)?;
        // What is compressed may be anything but as long as it says: no more is read than the model needs.
        let mut bytes = vec![0; len];
        file.read_exact(&mut bytes).map_err(|error| format!("needs {len} bytes: {error}"))?;
        match file.read(&mut [0]) {
            Ok(0) => Ok(Cow::Owned(bytes)),
            Ok(_) => Err(format!("it has more than {len} bytes")),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The bytes of an archive.
pub(super) fn to_bytes(arrays: &[Written<'_>]) -> Result<Vec<u8>, String> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for array in arrays {
        let header = match array.numbers {
            Numbers::Real(dtype, ..) => npy::write(dtype, &array.shape),
            Numbers::Integer(_) => Some(npy::integer()),
        };
        let Some(header) = header else { return Err("NumPy has no BF16".into()) };
        let written = out
            .start_file(format!("{}.npy", array.name), stored)
            .map_err(|error| error.to_string())
            .and_then(|()| {
                let whole =
                    out.write_all(&header).and_then(|()| out.write_all(&array.numbers.bytes()));
                whole.map_err(|error| error.to_string())
            });
        written?;
    }
    out.finish().map(Cursor::into_inner).map_err(|error| error.to_string())
}
