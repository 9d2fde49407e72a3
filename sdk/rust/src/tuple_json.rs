//! The JSON form of a tuple, which the message of a subscription carries: an integer literal is an integer, a number
//! with a fraction or an exponent a float, and `{"int": "…"}`, `{"float": …}`, `{"bytes": "…"}` say the type.

use crate::{Error, Field, Payload, Result, Tuple};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

impl Tuple {
    /// The tuple that the JSON stands for.
    pub fn from_json(payload: &Payload) -> Result<Self> {
        let fields: Vec<Value> = payload.read()?;
        fields.iter().map(field_of).collect::<Result<_>>().map(Self)
    }
}

fn field_of(value: &Value) -> Result<Field> {
    let field = match value {
        Value::Null => Some(Field::Null),
        Value::Bool(value) => Some(Field::Boolean(*value)),
        Value::String(value) => Some(Field::String(value.clone())),
        Value::Number(value) if value.is_f64() => value.as_f64().map(Field::Float),
        Value::Number(value) => value.as_i64().map(Field::Integer),
        Value::Object(fields) => fields.iter().next().and_then(|(tag, value)| tagged(tag, value)),
        Value::Array(_) => None,
    };
    field.ok_or_else(|| Error::new(format!("tuple: expected the JSON form of a field, found {value}")))
}

fn tagged(tag: &str, value: &Value) -> Option<Field> {
    match (tag, value) {
        ("float", Value::Number(number)) => number.as_f64().map(Field::Float),
        ("float", Value::String(word)) => word.parse().ok().map(Field::Float),
        ("int", Value::String(digits)) => digits.parse().ok().map(Field::Integer),
        ("int", Value::Number(number)) => number.as_i64().map(Field::Integer),
        ("bytes", Value::String(text)) => STANDARD.decode(text).ok().map(Field::Bytes),
        ("string", Value::String(text)) => Some(Field::String(text.clone())),
        _ => None,
    }
}
