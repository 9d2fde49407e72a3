//! Work of four kinds for the benchmark: arithmetic, JSON there and back, tuples, nothing.

use plexspaces::{ANY, Actor, Message, Payload, Result, export_actor, pattern, tuple, tuples};
use serde::Deserialize;
use serde_json::{Value, json};

const KIND: &str = "kernel";

struct Kernel;

#[derive(Deserialize)]
struct Sieve {
    limit: usize,
}

#[derive(Deserialize)]
struct Times {
    times: u32,
}

export_actor!(Kernel);

impl Actor for Kernel {
    fn init(_state: &Payload) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        match message.name.as_str() {
            "echo" => Ok(message.payload.clone()),
            "json" => Payload::json(&message.payload.read::<Value>()?),
            "sieve" => Ok(Payload::from(json!({ "primes": primes(message.payload.read::<Sieve>()?.limit) }))),
            "tuples" => write_and_take(message.payload.read::<Times>()?.times),
            _ => Err(message.unknown()),
        }
    }
}

/// How many primes there are up to the limit, by the sieve of Eratosthenes.
fn primes(limit: usize) -> usize {
    let mut composite = vec![false; limit + 1];
    let mut found = 0;
    for number in 2..=limit {
        if composite[number] {
            continue;
        }
        found += 1;
        for multiple in (number * number..=limit).step_by(number) {
            composite[multiple] = true;
        }
    }
    found
}

fn write_and_take(times: u32) -> Result<Payload> {
    for number in 0..times {
        tuples::write(&tuple![KIND, i64::from(number)])?;
        tuples::take(&pattern![KIND, ANY])?;
    }
    Ok(Payload::from(json!({ "times": times })))
}

#[cfg(test)]
mod tests {
    use super::Kernel;
    use plexspaces::Payload;
    use plexspaces::testing::TestActor;

    #[test]
    fn does_the_same_work_as_its_twins() {
        let mut kernel = TestActor::<Kernel>::start();
        for (method, payload, reply) in [
            ("sieve", r#"{"limit": 1}"#, r#"{"primes":0}"#),
            ("sieve", r#"{"limit": 10000}"#, r#"{"primes":1229}"#),
            ("json", r#"{"a": [1, 2.5, null]}"#, r#"{"a":[1,2.5,null]}"#),
            ("tuples", r#"{"times": 3}"#, r#"{"times":3}"#),
        ] {
            assert_eq!(kernel.request(method, payload), Ok(Payload::from(reply)));
        }
    }
}
