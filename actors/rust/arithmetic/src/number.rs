use num_bigint::{BigInt, Sign};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::fmt::{self, Display, Formatter};

/// A number as JSON writes it: without a fraction and an exponent it is whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    Integer(BigInt),
    Float(f64),
}

impl Number {
    /// The number that a JSON value is; nothing for a value of another kind, `true` and `false` among them.
    pub fn from_json(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        Some(Self::from_literal(number.as_str()))
    }

    /// At most the largest float, so that it can be turned into one.
    pub fn is_in_range(&self) -> bool {
        match self {
            Self::Integer(value) => value.magnitude() <= largest().magnitude(),
            Self::Float(value) => value.is_finite(),
        }
    }

    pub fn is_zero(&self) -> bool {
        match self {
            Self::Integer(value) => value.sign() == Sign::NoSign,
            Self::Float(value) => *value == 0.0,
        }
    }

    /// The nearest float.
    pub fn to_float(&self) -> f64 {
        match self {
            // Decimal digits are rounded correctly, however many they are.
            Self::Integer(value) => value.to_string().parse().unwrap_or(f64::NAN),
            Self::Float(value) => *value,
        }
    }

    fn from_literal(text: &str) -> Self {
        match text.parse::<BigInt>() {
            Ok(value) => Self::Integer(value),
            Err(_) => Self::Float(text.parse().unwrap_or(f64::NAN)),
        }
    }
}

/// As Python prints it.
impl Display for Number {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(out),
            Self::Float(value) => out.write_str(&crate::python_text::float(*value)),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let literal: serde_json::Number = self.to_string().parse().map_err(serde::ser::Error::custom)?;
        literal.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Number::deserialize(deserializer).map(|number| Self::from_literal(number.as_str()))
    }
}

/// The largest float is a whole number: 53 bits that are all set, far up.
fn largest() -> BigInt {
    ((BigInt::from(1) << 53) - 1) << (1024 - 53)
}
