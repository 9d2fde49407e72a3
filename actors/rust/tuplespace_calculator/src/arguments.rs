//! A payload as the arguments of a method: a JSON object names them, any other value is the only one, nothing is none.

use arithmetic::{Number, repr};
use plexspaces::{Error, Field, Payload, Result};
use serde_json::{Map, Value};

pub enum Arguments {
    Named(Map<String, Value>),
    Single(Value),
}

impl Arguments {
    pub fn of(payload: &Payload) -> Result<Self> {
        if payload.is_empty() {
            return Ok(Self::Named(Map::new()));
        }
        let value = serde_json::from_slice(payload.as_bytes()).map_err(|error| {
            let found = String::from_utf8_lossy(payload.as_bytes()).into_owned();
            Error::new(format!("payload: expected JSON, found {} ({error})", repr(&Value::from(found))))
        })?;
        Ok(match value {
            Value::Object(fields) => Self::Named(fields),
            value => Self::Single(value),
        })
    }

    /// The one argument of a method of this signature.
    pub fn only(self, signature: &str, name: &str) -> Result<Value> {
        self.optional(signature, name)?.ok_or_else(|| unfit(signature, "none"))
    }

    /// As `only`, of a method that can do without.
    pub fn optional(self, signature: &str, name: &str) -> Result<Option<Value>> {
        match self {
            Self::Single(value) => Ok(Some(value)),
            Self::Named(mut fields) if fields.len() <= 1 && fields.keys().all(|key| key == name) => {
                Ok(fields.remove(name))
            }
            Self::Named(fields) => Err(unfit(signature, &fields.keys().cloned().collect::<Vec<_>>().join(", "))),
        }
    }
}

pub fn numbers(operands: &Value) -> Result<Vec<Number>> {
    let list = operands
        .as_array()
        .filter(|list| !list.is_empty())
        .ok_or_else(|| Error::new(format!("operands: expected one or more numbers, found {}", repr(operands))))?;
    let number = |value: &Value| {
        let number = Number::from_json(value).filter(Number::is_in_range);
        number.ok_or_else(|| Error::new(format!("operands: expected finite numbers, found {}", repr(value))))
    };
    list.iter().map(number).collect()
}

/// The field of a tuple that a JSON value stands for.
pub fn field(value: &Value) -> Result<Field> {
    let unfit = || Error::new(format!("tuple field: expected a value other than a list or an object, found {value}"));
    Ok(match value {
        Value::Null => Field::Null,
        Value::Bool(value) => Field::Boolean(*value),
        Value::String(text) => Field::String(text.clone()),
        Value::Number(number) if number.is_f64() => Field::Float(number.as_f64().ok_or_else(unfit)?),
        Value::Number(number) => Field::Integer(number.as_i64().ok_or_else(unfit)?),
        Value::Array(_) | Value::Object(_) => return Err(unfit()),
    })
}

fn unfit(signature: &str, found: &str) -> Error {
    Error::new(format!("payload: expected the arguments of {signature}, found {found}"))
}
