//! A calculator that leaves every result in the tuple space, for whoever looks for it: writes
//! `["calculator_result", operation, operands as JSON, result as a float, caller]`.

mod arguments;

use arguments::{Arguments, numbers};
use arithmetic::{Number, TOO_LARGE, dumps};
use plexspaces::{ANY, Actor, Error, Match, Message, Payload, Result, Tuple, export_actor, pattern, tuple, tuples};
use serde::Serialize;
use serde_json::{Value, json};

const METHODS: &str = "add, count_results, divide, multiply, read_result, subtract, take_result";
const RESULT: &str = "calculator_result";

struct TupleSpaceCalculator;

#[derive(Serialize)]
struct Reply<'a> {
    result: &'a Number,
    operation: &'a str,
    tuplespace_used: bool,
}

#[derive(Serialize)]
struct Described {
    result: Number,
    operation: String,
    operands: Value,
    from: String,
}

export_actor!(TupleSpaceCalculator);

impl Actor for TupleSpaceCalculator {
    fn init(_state: &Payload) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        let arguments = Arguments::of(&message.payload);
        match message.name.as_str() {
            name @ ("add" | "subtract" | "multiply" | "divide") => {
                let operands = arguments?.only(&format!("{name}(operands)"), "operands")?;
                share(name, &operands, &message.from)
            }
            "read_result" => {
                let operation = arguments?.only("read_result(operation)", "operation")?;
                described(tuples::read(&results_of(&operation)?)?)
            }
            "take_result" => {
                let operation = arguments?.only("take_result(operation)", "operation")?;
                described(tuples::take(&results_of(&operation)?)?)
            }
            "count_results" => count_results(arguments?),
            other => {
                let other = arithmetic::repr(&Value::from(other));
                Err(Error::new(format!("unknown method {other}: expected one of {METHODS}")))
            }
        }
    }
}

fn share(name: &str, operands: &Value, from: &str) -> Result<Payload> {
    let result = apply(name, &numbers(operands)?)?;
    if !result.is_in_range() {
        return Err(Error::new(format!("{name}: {TOO_LARGE}")));
    }
    tuples::write(&tuple![RESULT, name, dumps(operands), result.to_float(), from])?;
    Payload::json(&Reply { result: &result, operation: name, tuplespace_used: true })
}

fn apply(name: &str, operands: &[Number]) -> Result<Number> {
    let (first, others) = operands.split_first().ok_or("operands: expected one or more numbers")?;
    Ok(match name {
        "add" => arithmetic::sum(operands),
        "subtract" => arithmetic::difference(first, &arithmetic::sum(others)),
        "multiply" => arithmetic::product(operands),
        _ if others.iter().any(Number::is_zero) => Err("divide: expected divisors other than 0, found 0")?,
        _ => arithmetic::quotient(first, &arithmetic::product(others)),
    })
}

fn count_results(arguments: Arguments) -> Result<Payload> {
    let operation = arguments.optional("count_results(operation=ANY)", "operation")?;
    let pattern = operation.map_or_else(|| Ok(pattern![RESULT, ANY, ANY, ANY, ANY]), |wanted| results_of(&wanted))?;
    Ok(json!({ "count": tuples::count(&pattern)? }).into())
}

fn results_of(operation: &Value) -> Result<[Match; 5]> {
    Ok(pattern![RESULT, arguments::field(operation)?, ANY, ANY, ANY])
}

fn described(found: Option<Tuple>) -> Result<Payload> {
    let Some(found) = found else { return Ok(Payload::from("null")) };
    let (_, operation, operands, result, from): (String, String, String, f64, String) = found.read()?;
    let operands = serde_json::from_str(&operands)?;
    Payload::json(&Described { result: Number::Float(result), operation, operands, from })
}

#[cfg(test)]
mod tests;
