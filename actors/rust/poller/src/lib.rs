//! Looks for jobs in the tuple space each time the node sends it `poll`: takes `["poll-job", job]`, writes
//! `["poll-result", job]`.

use plexspaces::{ANY, Actor, Field, Message, Payload, Result, Tuple, export_actor, pattern, tuples};
use serde::{Deserialize, Serialize};

/// One poll does not keep callers waiting for more than this many jobs.
const MAX_JOBS: u32 = 100;

#[derive(Default, Deserialize, Serialize)]
struct Poller {
    polls: u64,
    seen: u64,
}

export_actor!(Poller);

impl Actor for Poller {
    fn init(state: &Payload) -> Result<Self> {
        state.read_or_default()
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        match message.name.as_str() {
            "status" => Payload::json(self),
            _ => Err(message.unknown()),
        }
    }

    fn on_message(&mut self, message: &Message) -> Result<()> {
        match message.name.as_str() {
            "poll" => self.poll(),
            _ => Err(message.unknown()),
        }
    }

    fn snapshot(&self) -> Result<Option<Payload>> {
        Payload::json(self).map(Some)
    }
}

impl Poller {
    fn poll(&mut self) -> Result<()> {
        self.polls += 1;
        for _ in 0..MAX_JOBS {
            let Some(found) = tuples::take(&pattern!["poll-job", ANY])? else { break };
            let (_, job): (Field, Field) = found.read()?;
            tuples::write(&Tuple(vec!["poll-result".into(), job]))?;
            self.seen += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Poller;
    use plexspaces::testing::TestActor;
    use plexspaces::{ANY, Payload, pattern, tuple, tuples};

    #[test]
    fn takes_what_is_there_and_at_most_a_hundred_at_once() {
        for job in 0..101 {
            tuples::write(&tuple!["poll-job", job]).unwrap();
        }
        let mut poller = TestActor::<Poller>::start();
        for (polls, seen) in [(1, 100), (2, 101), (3, 101)] {
            poller.tell("poll", "").unwrap();
            let expected = Payload::from(format!(r#"{{"polls":{polls},"seen":{seen}}}"#).as_str());
            assert_eq!(poller.request("status", ""), Ok(expected));
        }
        assert_eq!(tuples::count(&pattern!["poll-job", ANY]), Ok(0));
        assert_eq!(tuples::take(&pattern!["poll-result", ANY]), Ok(Some(tuple!["poll-result", 0])));
    }

    #[test]
    fn says_no_to_everything_else() {
        let mut poller = TestActor::<Poller>::start();
        assert!(poller.tell("other", "").is_err() && poller.request("poll", "").is_err());
    }
}
