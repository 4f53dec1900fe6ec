//! The header of an array of NumPy's: [the format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).

use super::dtype::Dtype;

/// What a file begins with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// The longest header that is read: NumPy itself refuses longer ones.
const LONGEST: usize = 10_000;

/// What stands before the numbers of an array.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    /// What they are; else what the header says instead.
    pub(super) dtype: Result<Dtype, String>,
    /// Whether they stand column by column.
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
}

/// Reads the header; what is left of `bytes` are the numbers.
pub(super) fn read(bytes: &mut impl std::io::Read) -> Result<Header, String> {
    let mut start = [0; 8];
    let mut fill = |room: &mut [u8]| {
        bytes.read_exact(room).map_err(|error| format!("it ends in the header ({error})"))
    };
    fill(&mut start)?;
    if start[..6] != *MAGIC {
        return Err("it does not begin as an array of NumPy's".into());
    }
    let len = match start[6] {
        1 => {
            let mut len = [0; 2];
            fill(&mut len)?;
            usize::from(u16::from_le_bytes(len))
        }
        2 | 3 => {
            let mut len = [0; 4];
            fill(&mut len)?;
            u32::from_le_bytes(len) as usize
        }
        version => return Err(format!("version {version} of the format is not known")),
    };
    if len > LONGEST {
        return Err(format!("its header says that it has {len} bytes"));
    }
    let mut text = vec![0; len];
    fill(&mut text)?;
    let text = std::str::from_utf8(&text).map_err(|_| "its header is no text")?;
    parse(text).ok_or_else(|| format!("its header cannot be understood: `{}`", text.trim_end()))
}

/// The header of real numbers; `None` if NumPy has none such.
pub(super) fn write(dtype: Dtype, shape: &[usize]) -> Option<Vec<u8>> {
    match dtype {
        Dtype::F16 => Some(header("<f2", shape)),
        Dtype::F32 => Some(header("<f4", shape)),
        Dtype::F64 => Some(header("<f8", shape)),
        Dtype::BF16 => None,
    }
}

/// The header of a single integer.
pub(super) fn integer() -> Vec<u8> {
    header("<i8", &[])
}

/// A header of version 1.0, after which the numbers begin at a multiple of 64 bytes.
fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let dims: String = shape.iter().map(|dim| format!("{dim}, ")).collect();
    // One dimension keeps its comma, as Python's tuples do.
    let dims = if shape.len() > 1 { dims.trim_end_matches(", ") } else { dims.trim_end() };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dims}), }}");
    let before = MAGIC.len() + 4;
    let len = (before + text.len() + 1).next_multiple_of(64) - before;
    while text.len() + 1 < len {
        text.push(' ');
    }
    text.push('\n');
    let mut out = MAGIC.to_vec();
    out.extend([1, 0]);
    out.extend((len as u16).to_le_bytes());
    out.extend(text.bytes());
    out
}

/// The three entries of the dictionary that a header is.
fn parse(text: &str) -> Option<Header> {
    let mut rest = text.trim_end();
    let (mut dtype, mut fortran, mut shape) = (None, None, None);
    skip(&mut rest, "{")?;
    while skip(&mut rest, "}").is_none() {
        let key = quoted(&mut rest)?;
        skip(&mut rest, ":")?;
        match key {
            "descr" if dtype.is_none() => dtype = Some(dtype_of(quoted(&mut rest)?)),
            "fortran_order" if fortran.is_none() => {
                fortran = Some(match skip(&mut rest, "True") {
                    Some(()) => true,
                    None => skip(&mut rest, "False").map(|()| false)?,
                });
            }
            "shape" if shape.is_none() => shape = Some(tuple(&mut rest)?),
            _ => return None,
        }
        if skip(&mut rest, ",").is_none() && !rest.trim_start().starts_with('}') {
            return None;
        }
    }
    let header = Header { dtype: dtype?, fortran: fortran?, shape: shape? };
    rest.trim_start().is_empty().then_some(header)
}

fn dtype_of(descr: &str) -> Result<Dtype, String> {
    match descr {
        "<f2" => Ok(Dtype::F16),
        "<f4" => Ok(Dtype::F32),
        "<f8" => Ok(Dtype::F64),
        other => Err(other.into()),
    }
}

/// What stands next, after spaces.
fn skip(rest: &mut &str, what: &str) -> Option<()> {
    *rest = rest.trim_start().strip_prefix(what)?;
    Some(())
}

fn quoted<'t>(rest: &mut &'t str) -> Option<&'t str> {
    let quote = if skip(rest, "'").is_some() { '\'' } else { skip(rest, "\"").map(|()| '"')? };
    let (text, after) = rest.split_once(quote)?;
    *rest = after;
    Some(text)
}

fn tuple(rest: &mut &str) -> Option<Vec<usize>> {
    skip(rest, "(")?;
    let (inside, after) = rest.split_once(')')?;
    *rest = after;
    let inside = inside.trim();
    if inside.is_empty() {
        return Some(Vec::new());
    }
    let inside = inside.strip_suffix(',').unwrap_or(inside);
    inside.split(',').map(|dim| dim.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_they_were_written() {
        for (dtype, shape) in
            [(Dtype::F32, vec![]), (Dtype::F16, vec![7]), (Dtype::F64, vec![2, 3, 1000])]
        {
            let bytes = write(dtype, &shape).expect("NumPy has it");
            assert_eq!(bytes.len() % 64, 0);
            let mut rest = bytes.as_slice();
            let header = Header { dtype: Ok(dtype), fortran: false, shape };
            assert_eq!(read(&mut rest), Ok(header));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn what_is_no_header_is_none() {
        for text in [
            "",
            "{",
            "{}",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'shape': (3,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
