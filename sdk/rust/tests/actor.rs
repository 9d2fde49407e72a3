//! An actor's life on the host in memory: messages, errors, snapshots.

use plexspaces::testing::{TestActor, with_host};
use plexspaces::{Actor, Error, Message, Payload, Result, log};
use serde::{Deserialize, Serialize};

#[derive(Default, Deserialize, Serialize)]
struct Counter {
    count: i64,
}

#[derive(Deserialize)]
struct Increment {
    by: i64,
}

impl Actor for Counter {
    fn init(state: &Payload) -> Result<Self> {
        state.read_or_default()
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        match message.name.as_str() {
            "increment" => {
                let Increment { by } = message.payload.read()?;
                self.count = self.count.checked_add(by).ok_or("increment: expected a smaller number")?;
                log::info("counted");
                Payload::json(self)
            }
            "echo" => Ok(message.payload.clone()),
            _ => Err(message.unknown()),
        }
    }

    fn snapshot(&self) -> Result<Option<Payload>> {
        Payload::json(self).map(Some)
    }
}

struct Forgetful(u64);

impl Actor for Forgetful {
    fn init(_state: &Payload) -> Result<Self> {
        Ok(Self(plexspaces::random::u64()))
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        Err(message.unknown())
    }

    fn snapshot(&self) -> Result<Option<Payload>> {
        Payload::json(&self.0).map(Some)
    }
}

#[test]
fn a_handler_reads_and_writes_json() {
    let mut counter = TestActor::<Counter>::start();
    assert_eq!(counter.request("increment", r#"{"by": 3}"#), Ok(Payload::from(r#"{"count":3}"#)));
    assert_eq!(with_host(|host| host.logged.clone()), [("info".to_owned(), "counted".to_owned())]);
}

#[test]
fn bytes_that_are_no_text_pass_unchanged() {
    let mut counter = TestActor::<Counter>::start();
    let bytes = Payload::from(vec![0, 255, 128]);
    assert_eq!(counter.request("echo", bytes.clone()), Ok(bytes));
    assert_eq!(counter.request("echo", Payload::empty()), Ok(Payload::empty()));
}

#[test]
fn a_no_is_the_text_that_the_handler_gave() {
    let mut counter = TestActor::<Counter>::start();
    assert_eq!(counter.request("other", ""), Err(Error::new("unknown method: other")));
    counter.request("increment", r#"{"by": 9223372036854775807}"#).unwrap();
    assert_eq!(counter.request("increment", r#"{"by": 1}"#), Err(Error::new("increment: expected a smaller number")));
}

#[test]
fn a_payload_that_does_not_fit_is_named_with_its_place_and_quoted() {
    let mut counter = TestActor::<Counter>::start();
    let refused = counter.request("increment", r#"{"by": "x"}"#).unwrap_err().to_string();
    assert!(refused.contains("expected i64 at line 1 column 10") && refused.contains(r#"`{"by": "x"}`"#), "{refused}");
    assert!(counter.request("increment", "").unwrap_err().to_string().contains("found ``"));
}

#[test]
fn a_message_goes_to_the_handler_where_there_is_no_other() {
    let mut counter = TestActor::<Counter>::start();
    counter.tell("increment", r#"{"by": 2}"#).unwrap();
    assert_eq!(counter.actor.count, 2);
}

#[test]
fn a_snapshot_restores_the_state() {
    let mut counter = TestActor::<Counter>::start();
    counter.request("increment", r#"{"by": 5}"#).unwrap();
    assert_eq!(counter.restarted().actor.count, 5);
}

#[test]
#[should_panic(expected = "the restored actor gives another snapshot")]
fn a_snapshot_that_does_not_restore_itself_is_noticed() {
    TestActor::<Forgetful>::start().restarted();
}

#[test]
fn an_error_of_the_host_has_its_code() {
    assert_eq!(Error::new("RESOURCE_EXHAUSTED: too much").code(), Some("RESOURCE_EXHAUSTED"));
    assert_eq!(Error::new("divide: expected another").code(), None);
    assert_eq!(Error::new("no").code(), None);
    assert_eq!(Error::new(": no").code(), None);
}
