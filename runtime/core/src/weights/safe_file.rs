//! A file that is whole or as it was.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file beside `path` and puts it in its place once all of it is on the disk: whoever reads `path` meanwhile,
/// or after a crash, finds the old file or the new one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Where `path` is a link, the file that it leads to is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let (draft, mut file) = beside(path)?;
    let whole = file.write_all(bytes).and_then(|()| file.sync_all());
    let written = whole.and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // What is left of it is of no use; the first error is the one to be told.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// A new file in the same folder.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    };
    let mut attempt = 0;
    loop {
        let mut draft = std::ffi::OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}-{attempt}.part", std::process::id()));
        let draft = path.with_file_name(draft);
        match OpenOptions::new().write(true).create_new(true).open(&draft) {
            Ok(file) => return Ok((draft, file)),
            // Another thread writes the same file, or one was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {
                attempt += 1
            }
            Err(error) => return Err(error),
        }
    }
}
