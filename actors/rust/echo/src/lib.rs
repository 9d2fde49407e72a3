//! Gives back what it is given, byte for byte, whatever the method.

use plexspaces::{Actor, Message, Payload, Result, export_actor};

struct Echo;

export_actor!(Echo);

impl Actor for Echo {
    fn init(_state: &Payload) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        Ok(message.payload.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{Echo, Payload};
    use plexspaces::testing::TestActor;

    #[test]
    fn every_payload_comes_back() {
        let mut echo = TestActor::<Echo>::start();
        for payload in [Payload::from("{\"a\": 1}"), Payload::from(vec![0, 255]), Payload::empty()] {
            assert_eq!(echo.request("anything", payload.clone()), Ok(payload));
        }
    }
}
