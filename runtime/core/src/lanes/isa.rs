//! Which instructions run, decided while the program runs.

#![allow(unsafe_code, reason = "kernels run below functions with other target features")]

#[cfg(target_arch = "x86_64")]
use super::x86;
use super::{Array, Lanes, OnLanes};
use crate::scalar::Scalar;
use core::fmt;
use core::sync::atomic::{AtomicU8, Ordering};

/// A set of instructions there are lanes for, in the order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Isa {
    /// Arrays, compiled for the least that the target has.
    Portable = 1,
    /// NEON, on AArch64
    Neon = 2,
    /// AVX2 and FMA, on x86-64
    Avx2 = 3,
    /// AVX-512 F, BW, CD, DQ and VL, on x86-64
    Avx512 = 4,
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isa::Portable => "portable",
            Isa::Neon => "neon",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        })
    }
}

/// The best set of instructions that this machine has.
fn machine() -> Isa {
    #[cfg(target_arch = "x86_64")]
    if x86::has_avx512() {
        return Isa::Avx512;
    } else if x86::has_avx2() {
        return Isa::Avx2;
    }
    if cfg!(target_arch = "aarch64") { Isa::Neon } else { Isa::Portable }
}

/// What the environment allows. Other words change nothing.
fn allowed() -> Isa {
    match std::env::var("PULLBACK_ISA").as_deref() {
        Ok("portable") => Isa::Portable,
        Ok("avx2") => Isa::Avx2,
        _ => Isa::Avx512,
    }
}

/// What the networks of `f32` and `f64` run on.
///
/// The best this machine has, or less if the environment variable `PULLBACK_ISA` says `avx2` or
/// `portable`; never more than the machine has. It is found out once, when the first
/// [`Workspace`](crate::Workspace) is made or a network is called.
///
/// In builds with debug assertions it is always [`Isa::Portable`]: everything that is compiled for
/// one instruction set is compiled three times for three of them, and a build that does not optimise
/// gains nothing by that but waiting. The feature `every-isa`, which is for tests, chooses there too.
#[inline]
pub fn isa() -> Isa {
    /// 0 before the first call.
    static CHOSEN: AtomicU8 = AtomicU8::new(0);

    #[cold]
    fn choose() -> Isa {
        let chosen = machine().min(allowed());
        // Threads that come here at once all store the same.
        CHOSEN.store(chosen as u8, Ordering::Relaxed);
        chosen
    }

    if cfg!(all(debug_assertions, not(feature = "every-isa"))) {
        return Isa::Portable;
    }
    match CHOSEN.load(Ordering::Relaxed) {
        1 => Isa::Portable,
        #[cfg(target_arch = "aarch64")]
        2 => Isa::Neon,
        3 => Isa::Avx2,
        4 => Isa::Avx512,
        _ => choose(),
    }
}

/// Scalars whose kernels may be run on any set of instructions: what measures and tests them asks for that.
pub trait OnIsa: Scalar {
    /// Runs a kernel on the lanes of a set of instructions; `None` where the machine lacks it.
    fn on_isa<K: OnLanes<Self>>(isa: Isa, kernel: K) -> Option<K::Output>;
}

/// `Scalar::dispatch` of `f32` and `f64`.
macro_rules! dispatch {
    ($name:ident, $T:ident, $avx512:ident, $avx2:ident, $neon:ident, $lanes:literal) => {
        impl OnIsa for $T {
            fn on_isa<K: OnLanes<Self>>(isa: Isa, kernel: K) -> Option<K::Output> {
                match isa {
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => x86::$avx512::call(kernel),
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => x86::$avx2::call(kernel),
                    #[cfg(target_arch = "aarch64")]
                    Isa::Neon => crate::lanes::neon::$neon::call(kernel),
                    Isa::Portable => Array::<$T, $lanes>::call(kernel),
                    _ => None,
                }
            }
        }

        #[inline(always)]
        pub(crate) fn $name<K: OnLanes<$T>>(kernel: K) -> K::Output {
            #[cfg(all(target_arch = "x86_64", any(feature = "every-isa", not(debug_assertions))))]
            match isa() {
                // SAFETY: `isa` is never more than the machine has.
                Isa::Avx512 => return unsafe { x86::$avx512::enter(kernel) },
                // SAFETY: as above.
                Isa::Avx2 => return unsafe { x86::$avx2::enter(kernel) },
                _ => {}
            }
            #[cfg(all(target_arch = "aarch64", any(feature = "every-isa", not(debug_assertions))))]
            if isa() == Isa::Neon {
                // SAFETY: as above.
                return unsafe { crate::lanes::neon::$neon::enter(kernel) };
            }
            kernel.run::<Array<$T, $lanes>>()
        }
    };
}

/// All lanes that are registers: `$callback!` gets what it is given in brackets, and for each of them its
/// name, its type and its scalar.
macro_rules! for_each_register {
    ($callback:ident, [$($given:tt)*]) => {
        $callback! {
            [$($given)*]
            #[cfg(target_arch = "x86_64")]
            F32x16(crate::lanes::x86::F32x16): f32,
            #[cfg(target_arch = "x86_64")]
            F64x8(crate::lanes::x86::F64x8): f64,
            #[cfg(target_arch = "x86_64")]
            F32x8(crate::lanes::x86::F32x8): f32,
            #[cfg(target_arch = "x86_64")]
            F64x4(crate::lanes::x86::F64x4): f64,
            #[cfg(target_arch = "aarch64")]
            F32x4(crate::lanes::neon::F32x4): f32,
            #[cfg(target_arch = "aarch64")]
            F64x2(crate::lanes::neon::F64x2): f64,
        }
    };
}
pub(crate) use for_each_register;

macro_rules! register {
    ([] $($(#[$cfg:meta])* $Register:ident($Lanes:ty): $T:ident,)*) => {
        /// The registers that lanes are, if any.
        #[derive(Clone, Copy, Debug)]
        pub enum Register {
            /// Lanes that are none: arrays, and several registers together.
            None,
            $($(#[$cfg])* #[doc = concat!("Registers of `", stringify!($T), "`.")] $Register,)*
        }
    };
}
for_each_register!(register, []);

impl Register {
    /// Whether both are the same; a constant, so that only one way is compiled.
    pub const fn is(self, other: Self) -> bool {
        self as u8 == other as u8
    }
}

/// The entries of [`crate::Scalar::dispatch`].
pub(crate) mod dispatch {
    use super::*;
    dispatch!(f32, f32, F32x16, F32x8, F32x4, 4);
    dispatch!(f64, f64, F64x8, F64x4, F64x2, 2);
}
