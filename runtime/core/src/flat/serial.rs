//! Blocks by `serde`: a map from the names of the arrays to nested sequences of numbers.

use super::{Block, Boxed, views, views_mut};
use crate::info::View;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// Writes a block.
#[doc(hidden)]
pub fn serialize<B, S>(block: &B, serializer: S) -> Result<S::Ok, S::Error>
where
    B: Block<Scalar: Serialize>,
    S: Serializer,
{
    let mut map = serializer.serialize_map(Some(B::ARRAYS.len()))?;
    for View { name, shape, data } in views(block) {
        map.serialize_entry(name, &Nested { shape, data })?;
    }
    map.end()
}

/// Reads a block: every array once, and nothing else.
#[doc(hidden)]
pub fn deserialize<'de, B, D>(deserializer: D) -> Result<Boxed<B>, D::Error>
where
    B: Block<Scalar: Deserialize<'de>>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(Arrays(PhantomData))
}

impl<B: Block<Scalar: Serialize>> Serialize for Boxed<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&**self, serializer)
    }
}

impl<'de, B: Block<Scalar: Deserialize<'de>>> Deserialize<'de> for Boxed<B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

/// An array, axis by axis.
struct Nested<'a, T> {
    shape: &'a [usize],
    data: &'a [T],
}

impl<T: Serialize> Serialize for Nested<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((len, shape)) = self.shape.split_first() else {
            return self.data[0].serialize(serializer);
        };
        let mut seq = serializer.serialize_seq(Some(*len))?;
        for data in self.data.chunks_exact(self.data.len() / len) {
            match shape {
                [] => seq.serialize_element(&data[0])?,
                shape => seq.serialize_element(&Nested { shape, data })?,
            }
        }
        seq.end()
    }
}

/// Where an array is read to.
struct Room<'a, T> {
    shape: &'a [usize],
    data: &'a mut [T],
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Room<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.shape.is_empty() {
            self.data[0] = T::deserialize(deserializer)?;
            return Ok(());
        }
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Room<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of shape {:?}", self.shape)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let (len, shape) = (self.shape[0], &self.shape[1..]);
        let step = self.data.len() / len;
        for (i, data) in self.data.chunks_exact_mut(step).enumerate() {
            if seq.next_element_seed(Room { shape, data })?.is_none() {
                return Err(A::Error::custom(format!("found {i} elements, needed {len}")));
            }
        }
        match seq.next_element::<serde::de::IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::custom(format!("found more than {len} elements"))),
        }
    }
}

/// A block that is read.
struct Arrays<B>(PhantomData<fn() -> B>);

impl<'de, B: Block<Scalar: Deserialize<'de>>> Visitor<'de> for Arrays<B> {
    type Value = Boxed<B>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a map of {} arrays by their names", B::ARRAYS.len())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Boxed<B>, A::Error> {
        let mut block = Boxed::<B>::default();
        let mut places: Vec<_> = views_mut(&mut *block).map(Some).collect();
        while let Some(name) = map.next_key::<String>()? {
            let at = B::ARRAYS.iter().position(|info| info.name == name);
            let Some(at) = at else {
                return Err(A::Error::custom(format!("found `{name}`, which is no array here")));
            };
            let Some(array) = places[at].take() else {
                return Err(A::Error::custom(format!("found `{name}` twice")));
            };
            map.next_value_seed(Room { shape: array.shape, data: array.data })
                .map_err(|error| A::Error::custom(format!("`{name}`: {error}")))?;
        }
        let missing: Vec<&str> = places.iter().flatten().map(|array| array.name).collect();
        match missing.as_slice() {
            [] => Ok(block),
            names => Err(A::Error::custom(format!("found no `{}`", names.join("`, `")))),
        }
    }
}
