//! Counts the words of a text. Whoever gets the call is the master: it puts the parts of the text into the tuple
//! space, tells its own service that there is work, so that other workers of the pool take part, helps until no part
//! is left, and adds up.
//!
//! `["wc-task", job, index, words]` becomes `["wc-done", job, index, counts as JSON]`. Both have a time to live, so
//! that a job whose master died leaves nothing.

mod job;
mod words;

use job::Job;
use plexspaces::{Actor, Error, Message, Payload, Result, export_actor};
use serde::Deserialize;
use serde_json::Value;

const DEFAULT_PARTS: usize = 4;
const MAX_PARTS: usize = 16;

struct WordCount;

export_actor!(WordCount);

impl Actor for WordCount {
    fn init(_state: &Payload) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: &Message) -> Result<Payload> {
        match message.name.as_str() {
            "count" => count(&message.payload),
            _ => Err(message.unknown()),
        }
    }

    fn on_message(&mut self, message: &Message) -> Result<()> {
        match message.name.as_str() {
            "work" => Job::named(message.payload.read()?).work_on_one().map(drop),
            _ => Err(message.unknown()),
        }
    }
}

/// As they come: what is wrong with them is told by name.
#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    text: Value,
    parts: Option<Value>,
}

fn count(payload: &Payload) -> Result<Payload> {
    let Request { text, parts } = payload.read()?;
    let parts = read_parts(parts.as_ref())?;
    let text = text.as_str().ok_or_else(|| Error::new(format!("text: expected a string, found {text}")))?;
    let words = words::of(text);
    let job = Job::new();
    let counts = job.run(&words::split(&words, parts)).inspect_err(|_| job.clear())?;
    Payload::json(&words::summary(&counts))
}

fn read_parts(value: Option<&Value>) -> Result<usize> {
    let Some(value) = value else { return Ok(DEFAULT_PARTS) };
    let parts = value.as_u64().and_then(|parts| usize::try_from(parts).ok());
    parts
        .filter(|parts| (1..=MAX_PARTS).contains(parts))
        .ok_or_else(|| Error::new(format!("parts: expected an integer from 1 to {MAX_PARTS}, found {value}")))
}

#[cfg(test)]
mod tests {
    use super::WordCount;
    use plexspaces::testing::{TestActor, with_host};
    use plexspaces::{Payload, tuple};

    const REPLY: &str = r#"{"words":6,"distinct":4,"top":[["a",2],["the",2],["b2",1],["end",1]]}"#;

    #[test]
    fn gives_the_same_answer_in_however_many_parts_and_leaves_nothing() {
        let mut actor = TestActor::<WordCount>::start();
        for parts in ["", r#","parts":1"#, r#","parts":5"#, r#","parts":16"#] {
            let payload = format!(r#"{{"text":"The a, A--the b2. END"{parts}}}"#);
            assert_eq!(actor.request("count", payload.as_str()), Ok(Payload::from(REPLY)));
            assert_eq!(with_host(|host| host.tuples.clone()), []);
        }
    }

    #[test]
    fn tells_its_own_service_of_each_part() {
        with_host(|host| host.self_id = "demo.Words".to_owned());
        TestActor::<WordCount>::start().request("count", r#"{"text":"a b c","parts":2}"#).unwrap();
        let sent = with_host(|host| host.sent.clone());
        let all = sent.iter().map(|sent| (sent.to.as_str(), sent.name.as_str()));
        assert_eq!(all.collect::<Vec<_>>(), [("demo.Words", "work"); 2]);
    }

    #[test]
    fn a_worker_takes_one_part_of_the_job_that_it_is_told_of() {
        with_host(|host| host.tuples = vec![tuple!["wc-task", "x", 0, "a"], tuple!["wc-task", "j", 0, "b a b"]]);
        let mut actor = TestActor::<WordCount>::start();
        for _ in 0..2 {
            actor.tell("work", "\"j\"").unwrap();
        }
        let expected = [tuple!["wc-task", "x", 0, "a"], tuple!["wc-done", "j", 0, r#"{"a":1,"b":2}"#]];
        assert_eq!(with_host(|host| host.tuples.clone()), expected);
    }

    #[test]
    fn a_text_without_words_has_none() {
        let mut actor = TestActor::<WordCount>::start();
        let reply = Ok(Payload::from(r#"{"words":0,"distinct":0,"top":[]}"#));
        assert_eq!(actor.request("count", r#"{"text":" -- "}"#), reply);
    }

    #[test]
    fn refuses_other_parts() {
        let mut actor = TestActor::<WordCount>::start();
        for parts in ["0", "17", "1.5", "\"2\""] {
            let payload = format!(r#"{{"text":"a","parts":{parts}}}"#);
            let refused = actor.request("count", payload.as_str()).unwrap_err().to_string();
            assert_eq!(refused, format!("parts: expected an integer from 1 to 16, found {parts}"));
        }
    }

    #[test]
    fn refuses_what_is_no_text() {
        let mut actor = TestActor::<WordCount>::start();
        for (payload, found) in [("{}", "null"), (r#"{"text":7}"#, "7")] {
            let refused = actor.request("count", payload).unwrap_err().to_string();
            assert_eq!(refused, format!("text: expected a string, found {found}"));
        }
    }
}
