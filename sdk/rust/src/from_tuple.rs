//! A tuple's fields as values of Rust's own types: `let (word, count): (String, i64) = found.read()?`.

use crate::{Error, Field, FieldType, Result, Tuple};

/// What a field can be read as. No conversions: an integer is not read as a float.
pub trait FromField: Sized {
    /// The value, or what was found instead.
    fn from_field(field: &Field) -> Result<Self>;
}

/// What a whole tuple can be read as: Rust's tuples of 1 to 8 values.
pub trait FromTuple: Sized {
    /// The values, or which field is not what was expected.
    fn from_tuple(tuple: &Tuple) -> Result<Self>;
}

impl Tuple {
    /// The fields as values, or which of them is not what was expected.
    pub fn read<T: FromTuple>(&self) -> Result<T> {
        T::from_tuple(self)
    }
}

macro_rules! from_field {
    ($($type:ty: $variant:ident => $value:expr;)*) => {$(
        impl FromField for $type {
            fn from_field(field: &Field) -> Result<Self> {
                match field {
                    Field::$variant(value) => Ok($value(value)),
                    other => Err(unexpected(&format!("{:?}", FieldType::$variant), other)),
                }
            }
        }
    )*};
}

from_field! {
    String: String => String::clone;
    i64: Integer => |value: &i64| *value;
    f64: Float => |value: &f64| *value;
    Vec<u8>: Bytes => Vec::<u8>::clone;
    bool: Boolean => |value: &bool| *value;
}

impl FromField for () {
    fn from_field(field: &Field) -> Result<Self> {
        if matches!(field, Field::Null) { Ok(()) } else { Err(unexpected("Null", field)) }
    }
}

impl FromField for Field {
    fn from_field(field: &Field) -> Result<Self> {
        Ok(field.clone())
    }
}

impl<T: FromField> FromField for Option<T> {
    fn from_field(field: &Field) -> Result<Self> {
        if matches!(field, Field::Null) { Ok(None) } else { T::from_field(field).map(Some) }
    }
}

macro_rules! from_tuple {
    ($count:literal: $($type:ident $index:literal),*) => {
        impl<$($type: FromField),*> FromTuple for ($($type,)*) {
            fn from_tuple(tuple: &Tuple) -> Result<Self> {
                if tuple.len() != $count {
                    return Err(Error::new(format!("tuple: expected {} fields, found {}", $count, tuple.len())));
                }
                Ok(($($type::from_field(&tuple[$index]).map_err(|error| at($index, &error))?,)*))
            }
        }
    };
}

from_tuple!(1: A 0);
from_tuple!(2: A 0, B 1);
from_tuple!(3: A 0, B 1, C 2);
from_tuple!(4: A 0, B 1, C 2, D 3);
from_tuple!(5: A 0, B 1, C 2, D 3, E 4);
from_tuple!(6: A 0, B 1, C 2, D 3, E 4, F 5);
from_tuple!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
from_tuple!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

fn unexpected(expected: &str, found: &Field) -> Error {
    Error::new(format!("expected {expected}, found {found:?}"))
}

fn at(index: usize, error: &Error) -> Error {
    Error::new(format!("tuple field {index}: {error}"))
}
