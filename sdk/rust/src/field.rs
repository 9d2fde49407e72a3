//! The values of the tuple space. As the node has it: an integer never matches a float, NaN is NaN, -0.0 is not 0.0.

use std::ops::Deref;

/// One field of a tuple.
#[derive(Clone, Debug)]
pub enum Field {
    /// Text.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A number that may have a fraction.
    Float(f64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// True or false.
    Boolean(bool),
    /// Nothing.
    Null,
}

/// The type of a field; in a pattern, any value of that type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number that may have a fraction.
    Float,
    /// Bytes.
    Bytes,
    /// True or false.
    Boolean,
    /// Nothing.
    Null,
}

/// One field of a pattern. A pattern matches tuples of its own length only.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// This value.
    Exact(Field),
    /// Any value.
    Any,
    /// Any value of this type.
    Type(FieldType),
}

/// In a pattern: any value of any type.
pub const ANY: Match = Match::Any;

/// What is in the tuple space. `tuple!["result", "add", 6.0]` makes one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tuple(pub Vec<Field>);

/// A tuple of values: text, integers, floats, bytes, booleans, `()` or `None` for null.
#[macro_export]
macro_rules! tuple {
    ($($field:expr),* $(,)?) => { $crate::Tuple(vec![$($crate::Field::from($field)),*]) };
}

/// A pattern of values, `ANY` and types: `pattern!["result", ANY, FieldType::Float]`.
#[macro_export]
macro_rules! pattern {
    ($($field:expr),* $(,)?) => { [$($crate::Match::from($field)),*] };
}

impl Field {
    /// The type of the value.
    pub fn field_type(&self) -> FieldType {
        match self {
            Self::String(_) => FieldType::String,
            Self::Integer(_) => FieldType::Integer,
            Self::Float(_) => FieldType::Float,
            Self::Bytes(_) => FieldType::Bytes,
            Self::Boolean(_) => FieldType::Boolean,
            Self::Null => FieldType::Null,
        }
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Null, Self::Null) => true,
            _ => false,
        }
    }
}

impl Deref for Tuple {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        &self.0
    }
}

impl From<FieldType> for Match {
    fn from(field_type: FieldType) -> Self {
        Self::Type(field_type)
    }
}

impl From<Field> for Match {
    fn from(field: Field) -> Self {
        Self::Exact(field)
    }
}

/// From each of these a field, and with it an exact match.
macro_rules! fields_from {
    ($($from:ty: $value:ident => $field:expr;)*) => {$(
        impl From<$from> for Field {
            fn from($value: $from) -> Self {
                $field
            }
        }

        impl From<$from> for Match {
            fn from(value: $from) -> Self {
                Self::Exact(Field::from(value))
            }
        }
    )*};
}

fields_from! {
    &str: value => Self::String(value.to_owned());
    String: value => Self::String(value);
    &String: value => Self::String(value.clone());
    i64: value => Self::Integer(value);
    i32: value => Self::Integer(value.into());
    u32: value => Self::Integer(value.into());
    f64: value => Self::Float(value);
    Vec<u8>: value => Self::Bytes(value);
    &[u8]: value => Self::Bytes(value.to_vec());
    bool: value => Self::Boolean(value);
    (): _value => Self::Null;
}

impl<T: Into<Field>> From<Option<T>> for Field {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
