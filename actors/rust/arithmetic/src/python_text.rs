//! JSON values as Python writes them: `json.dumps` and `repr`.

use crate::Number;
use serde_json::Value;
use std::fmt::Write;

/// As `json.dumps` writes it: ASCII only, a space behind each comma and colon.
pub fn dumps(value: &Value) -> String {
    render(value, &Style { literals: ["null", "true", "false"], string: ascii_json })
}

/// As `repr` writes the Python value that the JSON stands for.
pub fn repr(value: &Value) -> String {
    render(value, &Style { literals: ["None", "True", "False"], string: quoted })
}

/// As Python's `repr` of a float: the shortest digits that are read as the same float, the nearest of these. Where two
/// are as near Python takes the even one, this the larger.
pub fn float(value: f64) -> String {
    if !value.is_finite() {
        let word = if value.is_nan() { "NaN" } else { "Infinity" };
        return if value < 0.0 { format!("-{word}") } else { word.to_owned() };
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value == 0.0 || (-4..16).contains(&exponent) {
        let plain = value.to_string();
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

struct Style {
    /// null, true, false
    literals: [&'static str; 3],
    string: fn(&str) -> String,
}

fn render(value: &Value, style: &Style) -> String {
    let [null, yes, no] = style.literals;
    match value {
        Value::Null => null.to_owned(),
        Value::Bool(value) => if *value { yes } else { no }.to_owned(),
        Value::Number(_) => Number::from_json(value).map_or_else(String::new, |number| number.to_string()),
        Value::String(text) => (style.string)(text),
        Value::Array(items) => format!("[{}]", join(items.iter().map(|item| render(item, style)))),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{}: {}", (style.string)(key), render(value, style)));
            format!("{{{}}}", join(fields))
        }
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn ascii_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let mut ascii = String::with_capacity(quoted.len());
    for character in quoted.chars() {
        if character.is_ascii() && character != '\u{7f}' {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(ascii, "\\u{unit:04x}");
        }
    }
    ascii
}

/// Single quotes, unless there is one within and no double one.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            other if other == quote => out.extend(['\\', other]),
            other if other.is_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push(quote);
    out
}
