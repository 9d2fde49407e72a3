//! What words are, how a text is divided, and what is told of it.

use serde::Serialize;
use std::collections::BTreeMap;

const MAX_TOP: usize = 10;

pub type Counts = BTreeMap<String, u64>;

#[derive(Serialize)]
pub struct Summary {
    words: u64,
    distinct: usize,
    top: Vec<(String, u64)>,
}

/// Runs of ASCII letters and digits, in lower case.
pub fn of(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect()
}

/// Runs of words, as equal in number as can be, none of them empty.
pub fn split(words: &[String], parts: usize) -> Vec<String> {
    let bounds = (0..=parts).map(|part| words.len() * part / parts).collect::<Vec<_>>();
    let runs = bounds.windows(2).map(|bound| &words[bound[0]..bound[1]]);
    runs.filter(|run| !run.is_empty()).map(|run| run.join(" ")).collect()
}

pub fn count(words: &str) -> Counts {
    let mut counts = Counts::new();
    for word in words.split_ascii_whitespace() {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    counts
}

pub fn add(total: &mut Counts, part: Counts) {
    for (word, count) in part {
        *total.entry(word).or_default() += count;
    }
}

pub fn summary(counts: &Counts) -> Summary {
    let mut top: Vec<_> = counts.iter().map(|(word, count)| (word.clone(), *count)).collect();
    // Stable: words with the same count stay in the order of the map.
    top.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    top.truncate(MAX_TOP);
    Summary { words: counts.values().sum(), distinct: counts.len(), top }
}
