//! Greets, and remembers how many it has greeted.

use plexspaces::{Actor, Message, Payload, Result, export_actor};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Greet {
    name: String,
}

#[derive(Serialize)]
struct Greeting {
    text: String,
    greeted: u64,
}

struct Greeter {
    greeted: u64,
}

export_actor!(Greeter);

impl Actor for Greeter {
    /// The state is what `snapshot` gave; nothing at the very first start.
    fn init(state: &Payload) -> Result<Self> {
        Ok(Self { greeted: state.read_or_default()? })
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        match message.name.as_str() {
            "greet" => self.greet(&message.payload.read()?),
            _ => Err(message.unknown()),
        }
    }

    fn snapshot(&self) -> Result<Option<Payload>> {
        Payload::json(&self.greeted).map(Some)
    }
}

impl Greeter {
    fn greet(&mut self, Greet { name }: &Greet) -> Result<Payload> {
        if name.is_empty() {
            return Err("name: expected a name, found an empty text".into());
        }
        self.greeted += 1;
        Payload::json(&Greeting { text: format!("Hello, {name}!"), greeted: self.greeted })
    }
}

#[cfg(test)]
mod tests {
    use super::Greeter;
    use plexspaces::testing::TestActor;
    use plexspaces::{Error, Payload};

    #[test]
    fn greets_and_counts() {
        let mut actor = TestActor::<Greeter>::start();
        for (name, greeted) in [("Ann", 1), ("Bob", 2)] {
            let expected = format!(r#"{{"text":"Hello, {name}!","greeted":{greeted}}}"#);
            let reply = actor.request("greet", format!(r#"{{"name":"{name}"}}"#).as_str());
            assert_eq!(reply, Ok(Payload::from(expected.as_str())));
        }
    }

    #[test]
    fn remembers_over_a_restart() {
        let mut actor = TestActor::<Greeter>::start();
        actor.request("greet", r#"{"name":"Ann"}"#).unwrap();
        let reply = actor.restarted().request("greet", r#"{"name":"Bob"}"#);
        assert_eq!(reply, Ok(Payload::from(r#"{"text":"Hello, Bob!","greeted":2}"#)));
    }

    #[test]
    fn refuses_what_is_no_name() {
        let mut actor = TestActor::<Greeter>::start();
        assert!(actor.request("greet", r#"{"name":7}"#).is_err());
        let refused = actor.request("greet", r#"{"name":""}"#);
        assert_eq!(refused, Err(Error::new("name: expected a name, found an empty text")));
    }
}
