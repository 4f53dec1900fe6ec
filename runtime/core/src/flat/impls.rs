//! What every generated struct of scalars implements.

/// The traits and methods of a struct `Name<T>` that is nothing but scalars: how many there are and which arrays they
/// make. It holds `params`, or some that are `frozen`, or a `state`; `training` is a struct that is only ever borrowed
/// from one of the same scalars. Its variables have names that nobody else has: a `const f` where the macro is called
/// would be meant by a pattern `f`.
#[doc(hidden)]
#[macro_export]
macro_rules! __block_impls {
    (training $Name:ident, $name:literal, $len:expr, $arrays:expr) => {
        $crate::__block_impls! { @block $Name, $name, $len, $arrays, false }
    };
    (params $Name:ident, $name:literal, $len:expr, $arrays:expr) => {
        $crate::__block_impls! { @block $Name, $name, $len, $arrays, false }
        $crate::__block_impls! { @value $Name, [T], $crate::__private::slice_mut }
    };
    (frozen $Name:ident, $name:literal, $len:expr, $arrays:expr) => {
        $crate::__block_impls! { @block $Name, $name, $len, $arrays, false }
        // That of a struct with frozen parameters knows which they are.
        $crate::__block_impls! { @value $Name, $crate::flat::Flat<Self>, $crate::flat::Flat::of }
    };
    (state $Name:ident, $name:literal, $len:expr, $arrays:expr) => {
        $crate::__block_impls! { @block $Name, $name, $len, $arrays, true }
        $crate::__block_impls! { @value $Name, [T], $crate::__private::slice_mut }
    };
    (@block $Name:ident, $name:literal, $len:expr, $arrays:expr, $state:literal) => {
        // SAFETY: the struct and those inside it are `#[repr(C)]` and hold nothing but arrays of `T`.
        unsafe impl<T: $crate::Scalar> $crate::__private::Block for $Name<T> {
            type Scalar = T;
            const LEN: ::core::primitive::usize = $len;
            const ARRAYS: &'static [$crate::__private::ParamInfo] = $arrays;
            const STATE: ::core::primitive::bool = $state;
        }

        impl<T: $crate::Scalar> ::core::fmt::Debug for $Name<T> {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__private::show($name, self, __f)
            }
        }
    };
    (@value $Name:ident, $Flat:ty, $flat_mut:path) => {
        $crate::__serde_impls! { $Name }

        impl<T: $crate::Scalar> ::core::clone::Clone for $Name<T> {
            fn clone(&self) -> Self {
                $crate::__private::copied(self)
            }
        }

        impl<T: $crate::Scalar> ::core::cmp::PartialEq for $Name<T> {
            fn eq(&self, __other: &Self) -> ::core::primitive::bool {
                $crate::__private::slice(self) == $crate::__private::slice(__other)
            }
        }

        /// Parameters begin as 0, a state as PyTorch's.
        impl<T: $crate::Scalar> ::core::default::Default for $Name<T> {
            fn default() -> Self {
                <$crate::Boxed<Self> as ::core::default::Default>::default().into_inner()
            }
        }

        /// A copy, because a `Box` is aligned otherwise.
        impl<T: $crate::Scalar> ::core::convert::From<$crate::Boxed<$Name<T>>>
            for ::std::boxed::Box<$Name<T>>
        {
            fn from(__block: $crate::Boxed<$Name<T>>) -> Self {
                $crate::__private::into_box(&*__block)
            }
        }

        impl<T: $crate::Scalar> $Name<T> {
            /// All its scalars as one slice.
            pub fn flat(&self) -> &[T] {
                $crate::__private::slice(self)
            }

            /// All its scalars as one slice, for writing.
            #[doc(alias = "parameters_mut")]
            pub fn flat_mut(&mut self) -> &mut $Flat {
                $flat_mut(self)
            }

            /// Its arrays with their names and shapes.
            #[doc(alias = "parameters", alias = "named_parameters", alias = "state_dict")]
            #[doc(alias = "get_weights", alias = "variables")]
            pub fn views(
                &self,
            ) -> impl $crate::__private::Iterator<Item = $crate::__private::View<'_, T>> {
                $crate::__private::views(self)
            }

            /// Its arrays with their names and shapes, for writing.
            #[doc(alias = "load_state_dict", alias = "set_weights")]
            pub fn views_mut(
                &mut self,
            ) -> impl $crate::__private::Iterator<Item = $crate::__private::ViewMut<'_, T>> {
                $crate::__private::views_mut(self)
            }

            /// A copy on the heap.
            pub fn boxed(&self) -> $crate::Boxed<Self> {
                <$crate::Boxed<Self> as ::core::convert::From<&Self>>::from(self)
            }

            /// The same numbers in another type: `net.cast::<f64>()`.
            ///
            /// # Panics
            /// If a number has no value as `f64`.
            pub fn cast<U: $crate::Scalar>(&self) -> $crate::Boxed<$Name<U>>
            where
                T: $crate::__private::ToPrimitive,
            {
                $crate::__private::cast(self)
            }
        }
    };
}

/// A generated struct by `serde`: nothing without the feature.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __serde_impls {
    ($Name:ident) => {};
}

/// A generated struct by `serde`.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __serde_impls {
    ($Name:ident) => {
        impl<T: $crate::Scalar + $crate::__private::serde::Serialize>
            $crate::__private::serde::Serialize for $Name<T>
        {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                __serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::__private::serialize(self, __serializer)
            }
        }

        impl<'de, T: $crate::Scalar + $crate::__private::serde::Deserialize<'de>>
            $crate::__private::serde::Deserialize<'de> for $Name<T>
        {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                __deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                ::core::result::Result::map(
                    $crate::__private::deserialize(__deserializer),
                    $crate::Boxed::into_inner,
                )
            }
        }
    };
}
