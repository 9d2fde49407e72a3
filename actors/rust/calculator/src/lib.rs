//! A calculator that counts its operations and remembers the last ten. No call saves anything: the node journals
//! every message; after a crash it starts again from the snapshot and replays the rest.

use arithmetic::{Number, TOO_LARGE, dumps};
use plexspaces::{Actor, Error, Message, Payload, Result, export_actor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const HISTORY_LENGTH: usize = 10;
const METHODS: &str = "add, subtract, multiply, divide, count, history";
const OPERANDS: &str = "expected one or more finite numbers as operands";

#[derive(Default, Deserialize, Serialize)]
struct Calculator {
    operation_count: u64,
    history: Vec<Operation>,
}

#[derive(Deserialize, Serialize)]
#[allow(clippy::struct_field_names)] // as the reply has it
struct Operation {
    operation: String,
    operands: Vec<Number>,
    result: Number,
}

#[derive(Serialize)]
struct Reply<'a> {
    result: &'a Number,
    operation: &'a str,
    operation_count: u64,
    durable: bool,
}

export_actor!(Calculator);

impl Actor for Calculator {
    fn init(state: &Payload) -> Result<Self> {
        state.read_or_default()
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        match message.name.as_str() {
            "count" => Ok(serde_json::json!({ "operation_count": self.operation_count }).into()),
            "history" => Ok(serde_json::json!({ "history": self.history }).into()),
            name @ ("add" | "subtract" | "multiply" | "divide") => self.calculate(name, &message.payload),
            other => Err(Error::new(format!("unknown method '{other}': expected one of {METHODS}"))),
        }
    }

    fn snapshot(&self) -> Result<Option<Payload>> {
        Payload::json(self).map(Some)
    }
}

impl Calculator {
    fn calculate(&mut self, name: &str, payload: &Payload) -> Result<Payload> {
        let named = |error: Error| Error::new(format!("{name}: {error}"));
        let operands = read_operands(payload).map_err(named)?;
        let result = apply(name, &operands).map_err(named)?;
        self.operation_count += 1;
        let reply = Reply { result: &result, operation: name, operation_count: self.operation_count, durable: true };
        let reply = Payload::json(&reply)?;
        self.history.push(Operation { operation: name.to_owned(), operands, result });
        let excess = self.history.len().saturating_sub(HISTORY_LENGTH);
        self.history.drain(..excess);
        Ok(reply)
    }
}

fn apply(name: &str, operands: &[Number]) -> Result<Number> {
    let (first, others) = operands.split_first().ok_or(OPERANDS)?;
    let result = match name {
        "add" => arithmetic::sum(operands),
        "subtract" => arithmetic::difference(first, &arithmetic::sum(others)),
        "multiply" => arithmetic::product(operands),
        _ if others.iter().any(Number::is_zero) => Err("expected divisors other than 0, found 0")?,
        _ => arithmetic::quotient(first, &arithmetic::product(others)),
    };
    if result.is_in_range() { Ok(result) } else { Err(TOO_LARGE.into()) }
}

/// `{"operands": [...]}` or a bare list.
fn read_operands(payload: &Payload) -> Result<Vec<Number>> {
    let value: Value = serde_json::from_slice(payload.as_bytes())
        .map_err(|error| Error::new(format!("{OPERANDS}, found no JSON ({error})")))?;
    let operands =
        if let Value::Object(fields) = &value { fields.get("operands").unwrap_or(&Value::Null) } else { &value };
    let refuse = |found: &Value| Error::new(format!("{OPERANDS}, found {}", dumps(found)));
    let list = operands.as_array().filter(|list| !list.is_empty()).ok_or_else(|| refuse(operands))?;
    let number = |value: &Value| Number::from_json(value).filter(Number::is_in_range).ok_or_else(|| refuse(value));
    list.iter().map(number).collect()
}

#[cfg(test)]
mod tests;
