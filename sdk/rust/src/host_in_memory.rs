//! The node's functions for tests, in memory: one host for each thread.

use crate::{Error, Match, Payload, Result, Tuple};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A message that the actor sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The address.
    pub to: String,
    /// The type of the message.
    pub name: String,
    /// What came with it.
    pub payload: Payload,
}

/// A timer that the actor set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// From when it was set.
    pub delay_ms: u64,
    /// The type of the message.
    pub name: String,
    /// What comes with it.
    pub payload: Payload,
}

type Answer = Box<dyn FnMut(&str, &str, &Payload) -> Result<Payload>>;

/// What a test may look into and set.
pub struct FakeHost {
    /// The tuple space, oldest first.
    pub tuples: Vec<Tuple>,
    /// What was told, in order.
    pub sent: Vec<Sent>,
    /// Level and text of what was logged.
    pub logged: Vec<(String, String)>,
    /// Timers that wait, by their number.
    pub timers: BTreeMap<u64, Timer>,
    /// Patterns of subscriptions, by their number.
    pub subscriptions: BTreeMap<u64, Vec<Match>>,
    /// The service's shared state: value and version.
    pub state: BTreeMap<String, (Payload, u64)>,
    /// What `env` of the manifest would say.
    pub environment: BTreeMap<String, String>,
    /// The actor's own address.
    pub self_id: String,
    /// The clock, which each read moves on by a millisecond.
    pub now_millis: u64,
    /// What random numbers are made of; the same seed gives the same ones.
    pub seed: u64,
    /// How often a checkpoint was asked for.
    pub checkpoints: u64,
    /// The number of the message being handled.
    pub sequence: u64,
    /// What answers an ask; without it each is refused.
    pub answer: Option<Answer>,
    leases: BTreeMap<u64, Tuple>,
    last_number: u64,
}

thread_local! {
    static HOST: RefCell<FakeHost> = RefCell::new(FakeHost::new());
}

impl FakeHost {
    fn new() -> Self {
        Self {
            tuples: Vec::new(),
            sent: Vec::new(),
            logged: Vec::new(),
            timers: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            state: BTreeMap::new(),
            environment: BTreeMap::new(),
            self_id: "test.Actor/default".to_owned(),
            now_millis: 1_700_000_000_000,
            seed: 0,
            checkpoints: 0,
            sequence: 1,
            answer: None,
            leases: BTreeMap::new(),
            last_number: 0,
        }
    }

    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    fn position(&self, pattern: &[Match]) -> Option<usize> {
        self.tuples.iter().position(|tuple| matches(pattern, tuple))
    }
}

pub fn with<T>(call: impl FnOnce(&mut FakeHost) -> T) -> T {
    HOST.with_borrow_mut(call)
}

// As the generated functions: every one has the signature that the interface gives it.
#[allow(clippy::unnecessary_wraps)]
mod functions {
    use super::{Error, FakeHost, Match, Payload, Result, Sent, Timer, Tuple, matches, with};

    pub fn tuplespace_write(tuple: &Tuple) -> Result<()> {
        with(|host| host.tuples.push(tuple.clone()));
        Ok(())
    }

    pub fn tuplespace_write_with_ttl(tuple: &Tuple, _ttl_ms: u64) -> Result<u64> {
        tuplespace_write(tuple)?;
        Ok(with(|host| {
            let lease = host.next_number();
            host.leases.insert(lease, tuple.clone());
            lease
        }))
    }

    pub fn tuplespace_renew(lease: u64, _ttl_ms: u64) -> Result<bool> {
        Ok(with(|host| host.leases.get(&lease).is_some_and(|tuple| host.tuples.contains(tuple))))
    }

    pub fn tuplespace_read(pattern: &[Match]) -> Result<Option<Tuple>> {
        Ok(with(|host| host.position(pattern).map(|index| host.tuples[index].clone())))
    }

    pub fn tuplespace_read_blocking(pattern: &[Match], _timeout_ms: u64) -> Result<Option<Tuple>> {
        tuplespace_read(pattern)
    }

    pub fn tuplespace_take(pattern: &[Match]) -> Result<Option<Tuple>> {
        Ok(with(|host| host.position(pattern).map(|index| host.tuples.remove(index))))
    }

    pub fn tuplespace_take_blocking(pattern: &[Match], _timeout_ms: u64) -> Result<Option<Tuple>> {
        tuplespace_take(pattern)
    }

    pub fn tuplespace_read_all(pattern: &[Match], limit: u32) -> Result<Vec<Tuple>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(with(|host| host.tuples.iter().filter(|tuple| matches(pattern, tuple)).take(limit).cloned().collect()))
    }

    pub fn tuplespace_count(pattern: &[Match]) -> Result<u64> {
        Ok(with(|host| host.tuples.iter().filter(|tuple| matches(pattern, tuple)).count() as u64))
    }

    pub fn tuplespace_compare_and_swap(pattern: &[Match], expected: &Tuple, replacement: &Tuple) -> Result<bool> {
        Ok(with(|host| {
            let Some(index) = host.position(pattern).filter(|&index| host.tuples[index] == *expected) else {
                return false;
            };
            host.tuples.remove(index);
            host.tuples.push(replacement.clone());
            true
        }))
    }

    pub fn tuplespace_subscribe(pattern: &[Match]) -> Result<u64> {
        Ok(with(|host| {
            let number = host.next_number();
            host.subscriptions.insert(number, pattern.to_vec());
            number
        }))
    }

    pub fn tuplespace_unsubscribe(subscription: u64) -> Result<bool> {
        Ok(with(|host| host.subscriptions.remove(&subscription).is_some()))
    }

    pub fn send_message(to: &str, name: &str, payload: &Payload) -> Result<()> {
        let sent = Sent { to: to.to_owned(), name: name.to_owned(), payload: payload.clone() };
        with(|host| host.sent.push(sent));
        Ok(())
    }

    pub fn ask(to: &str, name: &str, payload: &Payload, _timeout_ms: u64) -> Result<Payload> {
        // Taken out while it runs, so that it may call the host itself.
        let Some(mut answer) = with(|host| host.answer.take()) else {
            return Err(Error::new(format!("NOT_FOUND: no actor {to}: this host has no answer set")));
        };
        let reply = answer(to, name, payload);
        with(|host| host.answer = Some(answer));
        reply
    }

    pub fn self_id() -> String {
        with(|host| host.self_id.clone())
    }

    pub fn send_after(delay_ms: u64, name: &str, payload: &Payload) -> Result<u64> {
        let timer = Timer { delay_ms, name: name.to_owned(), payload: payload.clone() };
        Ok(with(|host| {
            let number = host.next_number();
            host.timers.insert(number, timer);
            number
        }))
    }

    pub fn cancel_timer(timer: u64) -> Result<bool> {
        Ok(with(|host| host.timers.remove(&timer).is_some()))
    }

    pub fn state_get(key: &str) -> Result<Option<(Payload, u64)>> {
        Ok(with(|host| host.state.get(key).cloned()))
    }

    pub fn state_put(key: &str, value: &Payload, if_version: Option<u64>, _ttl: Option<u64>) -> Result<Option<u64>> {
        Ok(with(|host| {
            let version = version_of(host, key);
            if if_version.is_some_and(|expected| expected != version) {
                return None;
            }
            let next = host.next_number();
            host.state.insert(key.to_owned(), (value.clone(), next));
            Some(next)
        }))
    }

    pub fn state_delete(key: &str, if_version: Option<u64>) -> Result<bool> {
        Ok(with(|host| {
            let version = version_of(host, key);
            if version == 0 || if_version.is_some_and(|expected| expected != version) {
                return false;
            }
            host.state.remove(key).is_some()
        }))
    }

    pub fn state_list(prefix: &str, limit: u32) -> Result<Vec<String>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(with(|host| host.state.keys().filter(|key| key.starts_with(prefix)).take(limit).cloned().collect()))
    }

    pub fn log(level: &str, message: &str) {
        with(|host| host.logged.push((level.to_owned(), message.to_owned())));
    }

    pub fn now_millis() -> u64 {
        with(|host| {
            host.now_millis += 1;
            host.now_millis
        })
    }

    pub fn sleep_millis(duration_ms: u64) {
        with(|host| host.now_millis = host.now_millis.saturating_add(duration_ms));
    }

    pub fn checkpoint() -> Result<()> {
        with(|host| host.checkpoints += 1);
        Ok(())
    }

    pub fn get_journal_sequence() -> u64 {
        with(|host| host.sequence)
    }

    pub fn is_replay_mode() -> bool {
        false
    }

    pub fn environment() -> Vec<(String, String)> {
        with(|host| host.environment.clone().into_iter().collect())
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): every seed gives a good sequence.
    pub fn random_u64() -> u64 {
        with(|host| {
            host.seed = host.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = host.seed;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        })
    }

    pub fn random_fill(bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&random_u64().to_le_bytes()[..chunk.len()]);
        }
    }

    fn version_of(host: &FakeHost, key: &str) -> u64 {
        host.state.get(key).map_or(0, |(_, version)| *version)
    }
}

pub use functions::*;

fn matches(pattern: &[Match], tuple: &Tuple) -> bool {
    pattern.len() == tuple.len()
        && pattern.iter().zip(tuple.iter()).all(|(part, field)| match part {
            Match::Any => true,
            Match::Exact(expected) => expected == field,
            Match::Type(expected) => *expected == field.field_type(),
        })
}
