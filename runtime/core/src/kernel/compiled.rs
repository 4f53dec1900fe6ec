//! The large loops, compiled for each kind of registers with this crate, and not again with every network.
//!
//! A driver is generic, and compiled where it is called. What it calls here for registers is not, so the crate that
//! has the network finds it done. On other lanes, arrays and single scalars, a loop is compiled where it is called.

use super::{Dots, Im2col, Packing, Panel};
use crate::lanes::{Lanes, OnLanes, for_each_register};
use crate::scalar::Scalar;
use core::marker::PhantomData;

/// A large loop.
pub(super) trait Loop {
    /// What it works on.
    type Job<'a, T: Scalar>;
    /// # Safety
    /// The memory that the job points to is there.
    unsafe fn run<V: Lanes>(job: &Self::Job<'_, V::Scalar>);
}

/// A loop with a job whose memory is there.
struct Ready<'a, 'b, L: Loop, T: Scalar>(&'a L::Job<'b, T>, PhantomData<L>);

impl<T: Scalar, L: Loop> OnLanes<T> for Ready<'_, '_, L, T> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes<Scalar = T>>(self) {
        // SAFETY: whoever made it promised that.
        unsafe { L::run::<V>(self.0) }
    }
}

macro_rules! compiled {
    (
        [#[doc = $doc:literal] $Loop:ident $name:ident]
        $($(#[$cfg:meta])* $Register:ident($Lanes:ty): $T:ident,)*
    ) => {
        #[doc = $doc]
        ///
        /// # Safety
        #[doc = concat!("As for [`super::", stringify!($name), "`].")]
        #[inline(always)]
        pub(super) unsafe fn $name<V: Lanes>(job: &<$Loop as Loop>::Job<'_, V::Scalar>) {
            $(
                $(#[$cfg])*
                if const { V::REGISTER.is(crate::lanes::Register::$Register) } {
                    #[inline(never)]
                    fn once(job: Ready<'_, '_, $Loop, $T>) {
                        <$Lanes>::out_of_line(job);
                    }
                    // SAFETY: lanes that say so are these registers, so their scalar is this one.
                    let job = unsafe { &*(&raw const *job).cast() };
                    return once(Ready(job, PhantomData));
                }
            )*
            V::out_of_line(Ready::<$Loop, V::Scalar>(job, PhantomData));
        }
    };
}

macro_rules! loops {
    ($(#[doc = $doc:literal] $Loop:ident: $name:ident($Job:ident $(, $life:lifetime)?);)*) => {$(
        pub(super) struct $Loop;

        impl Loop for $Loop {
            type Job<'a, T: Scalar> = $Job<$($life,)? T>;
            #[inline(always)]
            unsafe fn run<V: Lanes>(job: &Self::Job<'_, V::Scalar>) {
                // SAFETY: as promised.
                unsafe { super::$name::<V>(job) }
            }
        }

        for_each_register!(compiled, [#[doc = $doc] $Loop $name]);
    )*};
}

loops! {
    /// Computes a panel of a matrix product, out of line.
    PanelLoop: panel(Panel);
    /// Computes dot products, out of line.
    DotsLoop: dots(Dots);
    /// Copies columns of a factor, out of line.
    PackLoop: pack(Packing);
    /// Copies columns that are several axes, out of line.
    Im2colLoop: im2col(Im2col, 'a);
}
