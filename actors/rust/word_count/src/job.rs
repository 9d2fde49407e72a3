//! One text's way through the tuple space.

use crate::words::{self, Counts};
use plexspaces::{ANY, Error, Payload, Result, clock, log, messages, pattern, random, tuple, tuples};

const TASK: &str = "wc-task";
const DONE: &str = "wc-done";
const PART_TIMEOUT_MS: u64 = 10_000;
/// Longer than a call may take: what is left then has no master any more.
const TTL_MS: u64 = 60_000;

pub struct Job {
    name: String,
}

impl Job {
    /// A name that no other job has.
    pub fn new() -> Self {
        Self { name: format!("{}-{}-{:016x}", messages::self_id(), clock::now_millis(), random::u64()) }
    }

    pub fn named(name: String) -> Self {
        Self { name }
    }

    pub fn run(&self, parts: &[String]) -> Result<Counts> {
        for (index, part) in (0_u32..).zip(parts) {
            tuples::write_with_ttl(&tuple![TASK, &self.name, index, part], TTL_MS)?;
        }
        self.call_for_help(parts.len())?;
        while self.work_on_one()? {}
        self.collect(parts.len())
    }

    /// True: it took a part and counted it. False: there is none left.
    pub fn work_on_one(&self) -> Result<bool> {
        let Some(task) = tuples::take(&pattern![TASK, &self.name, ANY, ANY])? else { return Ok(false) };
        let (_, _, index, text): (String, String, i64, String) = task.read()?;
        let counts = serde_json::to_string(&words::count(&text))?;
        tuples::write_with_ttl(&tuple![DONE, &self.name, index, counts], TTL_MS)?;
        Ok(true)
    }

    /// Takes back what nobody has begun with.
    pub fn clear(&self) {
        for kind in [TASK, DONE] {
            while let Ok(Some(_)) = tuples::take(&pattern![kind, &self.name, ANY, ANY]) {}
        }
    }

    fn call_for_help(&self, parts: usize) -> Result<()> {
        let own = messages::self_id();
        let service = own.split('/').next().unwrap_or(&own);
        let job = Payload::json(&self.name)?;
        for _ in 0..parts {
            if let Err(error) = messages::tell(service, "work", &job) {
                log::warn(&format!("nobody helps: {error}")); // the master can do it alone
                break;
            }
        }
        Ok(())
    }

    fn collect(&self, parts: usize) -> Result<Counts> {
        let mut total = Counts::new();
        for _ in 0..parts {
            let done = tuples::take_blocking(&pattern![DONE, &self.name, ANY, ANY], PART_TIMEOUT_MS)?;
            let done = done.ok_or_else(|| Error::new("count: expected every part within 10 s, found one missing"))?;
            let (_, _, _, counts): (String, String, i64, String) = done.read()?;
            words::add(&mut total, serde_json::from_str(&counts)?);
        }
        Ok(total)
    }
}
