//! Lanes that are a register: what the intrinsics of `core::arch` do, under the names of [`Lanes`] and
//! [`Float`].
//!
//! A value of these types shows that whoever made it may use its instructions: nobody outside this crate can
//! name them, and they are made by kernels only, which run below an entry that asks for the instructions, below [`Lanes::call`], which asks
//! the machine, and below [`Lanes::out_of_line`].
//!
//! [`Float`]: super::Float
//! [`Lanes`]: super::Lanes
//! [`Lanes::call`]: super::Lanes::call
//! [`Lanes::out_of_line`]: super::Lanes::out_of_line

/// Everything about one type of lanes that is an intrinsic with a name.
macro_rules! lanes {
    (
        $Name:ident: [$T:ident; $N:literal] in $Vector:ident ($class:ident), $doc:literal,
        vectors $VECTORS:literal, features $features:literal, machine $has:ident,
        set $set:ident, load $load:ident, store $store:ident,
        add $add:ident, sub $sub:ident, mul $mul:ident, div $div:ident, fma $fma:ident,
        min $min:ident, max $max:ident, sqrt $sqrt:ident,
        and $and:ident, andnot $andnot:ident, or $or:ident, xor $xor:ident,
        integers $to_integer:ident, $of_integer:ident, add $add_integer:ident,
        left $left:ident, right $right:ident by $mantissa:literal,
        lanes { $($lanes:tt)* }
        float { $($float:tt)* }
    ) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $Name($Vector);

        impl $Name {
            /// Runs a kernel on these lanes.
            ///
            /// # Safety
            /// The machine has the instructions.
            #[target_feature(enable = $features)]
            pub(in crate::lanes) unsafe fn enter<K: OnLanes<$T>>(kernel: K) -> K::Output {
                kernel.run::<Self>()
            }

            #[inline(never)]
            #[target_feature(enable = $features)]
            fn out_of_line<K: OnLanes<$T>>(kernel: K) -> K::Output {
                kernel.run::<Self>()
            }

            /// No instruction, but all four are its input and output.
            #[allow(asm_sub_register, reason = "the text is a comment")]
            #[inline]
            #[target_feature(enable = $features)]
            fn four(mut a: $Vector, mut b: $Vector, mut c: $Vector, mut d: $Vector) -> [$Vector; 4] {
                // SAFETY: it does nothing.
                unsafe {
                    asm!(
                        "/* {0} {1} {2} {3} */", inout($class) a, inout($class) b, inout($class) c, inout($class) d,
                        options(pure, nomem, nostack, preserves_flags)
                    );
                }
                [a, b, c, d]
            }

            /// The same of two.
            #[allow(asm_sub_register, reason = "the text is a comment")]
            #[inline]
            #[target_feature(enable = $features)]
            fn two(mut a: $Vector, mut b: $Vector) -> [$Vector; 2] {
                // SAFETY: it does nothing.
                unsafe {
                    asm!(
                        "/* {0} {1} */", inout($class) a, inout($class) b,
                        options(pure, nomem, nostack, preserves_flags)
                    );
                }
                [a, b]
            }

            #[inline(always)]
            fn to_array(self) -> [$T; $N] {
                // SAFETY: a register holds so many numbers, any bits are numbers.
                unsafe { core::mem::transmute::<$Vector, [$T; $N]>(self.0) }
            }

            #[inline(always)]
            fn of_array(xs: [$T; $N]) -> Self {
                // SAFETY: as above.
                $Name(unsafe { core::mem::transmute::<[$T; $N], $Vector>(xs) })
            }
        }

        lanes!(@operator $Name Add add $add);
        lanes!(@operator $Name Sub sub $sub);
        lanes!(@operator $Name Mul mul $mul);
        lanes!(@operator $Name Div div $div);

        impl Neg for $Name {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                self.xor(Self::splat(-0.0))
            }
        }

        impl sealed::Lanes for $Name {}
        impl Lanes for $Name {
            type Scalar = $T;
            const N: usize = $N;
            const VECTORS: usize = $VECTORS;
            const ROWS: usize = 6;
            const REGISTER: Register = Register::$Name;

            #[inline(always)]
            fn from_fn(mut f: impl FnMut(usize) -> $T) -> Self {
                let mut xs = [0.0; $N];
                let mut i = 0;
                while i < $N {
                    xs[i] = f(i);
                    i += 1;
                }
                Self::of_array(xs)
            }
            #[inline(always)]
            fn lane(self, i: usize) -> $T {
                self.to_array()[i]
            }
            #[inline(always)]
            fn splat(x: $T) -> Self {
                // SAFETY: kernels run on these lanes only where the machine has the instructions.
                $Name(unsafe { $set(x) })
            }
            #[inline(always)]
            unsafe fn load(from: *const $T) -> Self {
                // SAFETY: as above, and N elements are there.
                $Name(unsafe { $load(from) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $T) {
                // SAFETY: as above, and N elements are there.
                unsafe { $store(to, self.0) }
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $fma(self.0, a.0, b.0) })
            }
            #[inline(always)]
            fn stop_gradient(self) -> Self {
                self
            }
            #[inline(always)]
            fn select_gt(a: Self, b: Self, x: Self, y: Self) -> Self {
                Self::choose(a.gt(b), x, y)
            }
            #[inline(always)]
            fn mul_strong(self, slope: Self) -> Self {
                Self::choose(Float::ne(self, Self::splat(0.0)), self * slope, self)
            }
            $($lanes)*

            math::methods!($T);

            #[inline(always)]
            fn call<K: OnLanes<$T>>(kernel: K) -> Option<K::Output> {
                // SAFETY: the machine has just been asked.
                $has().then(|| unsafe { Self::enter(kernel) })
            }
            #[inline(always)]
            fn out_of_line<K: OnLanes<$T>>(kernel: K) -> K::Output {
                // SAFETY: the machine has the instructions.
                unsafe { Self::out_of_line(kernel) }
            }
            #[inline(always)]
            fn opaque(mut x: usize) -> usize {
                // SAFETY: it does nothing.
                unsafe { asm!("/* {0} */", inout(reg) x, options(pure, nomem, nostack, preserves_flags)) };
                x
            }
        }

        impl Float for $Name {
            const FUSED: bool = true;

            #[inline(always)]
            fn at_least(self, low: Self) -> Self {
                // The second operand is what comes of a NaN in either.
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $max(low.0, self.0) })
            }
            #[inline(always)]
            fn at_most(self, high: Self) -> Self {
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $min(high.0, self.0) })
            }
            #[inline(always)]
            fn root(self) -> Self {
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $sqrt(self.0) })
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $and(self.0, other.0) })
            }
            #[inline(always)]
            fn without(self, other: Self) -> Self {
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $andnot(other.0, self.0) })
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $or(self.0, other.0) })
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $xor(self.0, other.0) })
            }
            #[inline(always)]
            fn add_bits(self, other: Self) -> Self {
                // SAFETY: the machine has the instructions.
                unsafe { $Name($of_integer($add_integer($to_integer(self.0), $to_integer(other.0)))) }
            }
            #[inline(always)]
            fn to_exponent(self) -> Self {
                // SAFETY: the machine has the instructions.
                unsafe { $Name($of_integer($left::<$mantissa>($to_integer(self.0)))) }
            }
            #[inline(always)]
            fn of_exponent(self) -> Self {
                // SAFETY: the machine has the instructions.
                unsafe { $Name($of_integer($right::<$mantissa>($to_integer(self.0)))) }
            }
            #[inline(always)]
            fn all_in_step<const C: usize>(mut xs: [Self; C]) -> [Self; C] {
                if C >= 4 {
                    // SAFETY: the machine has the instructions.
                    let [a, b, c, d] = unsafe { Self::four(xs[0].0, xs[1].0, xs[2].0, xs[3].0) };
                    (xs[0], xs[1]) = ($Name(a), $Name(b));
                    (xs[2], xs[3]) = ($Name(c), $Name(d));
                }
                if C == 2 || C == 6 {
                    // SAFETY: the machine has the instructions.
                    let [a, b] = unsafe { Self::two(xs[C - 2].0, xs[C - 1].0) };
                    (xs[C - 2], xs[C - 1]) = ($Name(a), $Name(b));
                }
                xs
            }
            $($float)*
        }
    };

    (@operator $Name:ident $Trait:ident $method:ident $intrinsic:ident) => {
        impl $Trait for $Name {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: the machine has the instructions.
                $Name(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}
pub(super) use lanes;
