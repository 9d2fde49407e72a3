//! A count that survives a crash: the node journals every message, the snapshot is the count.

use plexspaces::{Actor, Error, Message, Payload, Result, export_actor};
use serde_json::{Value, json};

struct Counter {
    count: i64,
}

export_actor!(Counter);

impl Actor for Counter {
    fn init(state: &Payload) -> Result<Self> {
        Ok(Self { count: state.read_or_default()? })
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        match message.name.as_str() {
            "increment" => self.increment(&message.payload),
            "get" => Ok(self.reply()),
            _ => Err(message.unknown()),
        }
    }

    fn snapshot(&self) -> Result<Option<Payload>> {
        Payload::json(&self.count).map(Some)
    }
}

impl Counter {
    fn increment(&mut self, payload: &Payload) -> Result<Payload> {
        let by = read_step(payload)?;
        self.count = self.count.checked_add(by).ok_or("by: expected a count of 64 bits, found a larger one")?;
        Ok(self.reply())
    }

    fn reply(&self) -> Payload {
        Payload::from(json!({ "count": self.count }))
    }
}

/// `{"by": n}`, or nothing for 1.
fn read_step(payload: &Payload) -> Result<i64> {
    if payload.is_empty() {
        return Ok(1);
    }
    let value: Value = payload.read()?;
    let by = match &value {
        Value::Object(fields) => fields.get("by").cloned().unwrap_or(json!(1)),
        bare => bare.clone(),
    };
    by.as_i64().ok_or_else(|| Error::new(format!("by: expected an integer, found {by}")))
}

#[cfg(test)]
mod tests {
    use super::Counter;
    use plexspaces::testing::TestActor;
    use plexspaces::{Error, Payload};

    #[test]
    fn counts_by_one_or_as_told() {
        let mut counter = TestActor::<Counter>::start();
        for (payload, count) in [("", 1), ("{}", 2), (r#"{"by": 5}"#, 7), (r#"{"by": -3}"#, 4)] {
            let expected = Payload::from(format!(r#"{{"count":{count}}}"#).as_str());
            assert_eq!(counter.request("increment", payload), Ok(expected));
        }
        assert_eq!(counter.restarted().request("get", ""), Ok(Payload::from(r#"{"count":4}"#)));
    }

    #[test]
    fn refuses_what_is_no_integer_and_stays_as_it_was() {
        let mut counter = TestActor::<Counter>::start();
        for found in ["1.5", "\"x\"", "null", "true", "[1]"] {
            let refused = counter.request("increment", format!(r#"{{"by": {found}}}"#).as_str());
            assert_eq!(refused, Err(Error::new(format!("by: expected an integer, found {found}"))));
        }
        assert_eq!(counter.request("get", ""), Ok(Payload::from(r#"{"count":0}"#)));
        assert_eq!(counter.request("other", ""), Err(Error::new("unknown method: other")));
    }
}
