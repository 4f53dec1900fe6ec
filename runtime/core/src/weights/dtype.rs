//! The numbers of files.

use crate::scalar::Real;
use half::{bf16, f16};

/// What the numbers of a file are, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// IEEE 754, 16 bits.
    F16,
    /// The upper half of an `f32`.
    BF16,
    /// IEEE 754, 32 bits.
    F32,
    /// IEEE 754, 64 bits.
    F64,
}

impl Dtype {
    /// Bytes of a number.
    pub fn size(self) -> usize {
        match self {
            Dtype::F16 | Dtype::BF16 => 2,
            Dtype::F32 => 4,
            Dtype::F64 => 8,
        }
    }
}

/// Numbers that files hold: `f32` and `f64`.
pub trait Element: Real + sealed::Sealed {
    /// What it is written as, unless something else is asked for.
    const DTYPE: Dtype;
    /// The number that some bytes are; `None` if it is too large for this type.
    #[doc(hidden)]
    fn read(dtype: Dtype, bytes: &[u8]) -> Option<Self>;
    /// The bytes of the number are added to `out`, rounded to the nearest; `false` if it is too large.
    #[doc(hidden)]
    fn write(self, dtype: Dtype, out: &mut Vec<u8>) -> bool;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// The first bytes of a slice that is known to be as long.
fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

impl Element for f32 {
    const DTYPE: Dtype = Dtype::F32;

    fn read(dtype: Dtype, bytes: &[u8]) -> Option<Self> {
        match dtype {
            Dtype::F16 => Some(f16::from_le_bytes(first(bytes)).to_f32()),
            Dtype::BF16 => Some(bf16::from_le_bytes(first(bytes)).to_f32()),
            Dtype::F32 => Some(f32::from_le_bytes(first(bytes))),
            Dtype::F64 => {
                let x = f64::from_le_bytes(first(bytes));
                let rounded = x as f32;
                (rounded.is_finite() || !x.is_finite()).then_some(rounded)
            }
        }
    }

    fn write(self, dtype: Dtype, out: &mut Vec<u8>) -> bool {
        match dtype {
            Dtype::F32 => out.extend(self.to_le_bytes()),
            dtype => return f64::from(self).write(dtype, out),
        }
        true
    }
}

impl Element for f64 {
    const DTYPE: Dtype = Dtype::F64;

    fn read(dtype: Dtype, bytes: &[u8]) -> Option<Self> {
        match dtype {
            Dtype::F64 => Some(f64::from_le_bytes(first(bytes))),
            dtype => f32::read(dtype, bytes).map(f64::from),
        }
    }

    fn write(self, dtype: Dtype, out: &mut Vec<u8>) -> bool {
        let fits = match dtype {
            Dtype::F16 => {
                let x = f16::from_f64(self);
                out.extend(x.to_le_bytes());
                x.is_finite()
            }
            Dtype::BF16 => {
                let x = bf16::from_f64(self);
                out.extend(x.to_le_bytes());
                x.is_finite()
            }
            Dtype::F32 => {
                out.extend((self as f32).to_le_bytes());
                (self as f32).is_finite()
            }
            Dtype::F64 => {
                out.extend(self.to_le_bytes());
                true
            }
        };
        fits || !self.is_finite()
    }
}
