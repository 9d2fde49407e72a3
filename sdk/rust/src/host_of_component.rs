//! The node's functions, in the types of this crate.

use crate::component::bindings::plexspaces::actor::{host, types};
use crate::component::bindings::wasi::cli::environment;
use crate::component::bindings::wasi::random::random;
use crate::{Error, Field, FieldType, Match, Payload, Result, Tuple};

pub fn tuplespace_write(tuple: &Tuple) -> Result<()> {
    Ok(host::tuplespace_write(&to_wit(tuple))?)
}

pub fn tuplespace_write_with_ttl(tuple: &Tuple, ttl_ms: u64) -> Result<u64> {
    Ok(host::tuplespace_write_with_ttl(&to_wit(tuple), ttl_ms)?)
}

pub fn tuplespace_renew(lease: u64, ttl_ms: u64) -> Result<bool> {
    Ok(host::tuplespace_renew(lease, ttl_ms)?)
}

pub fn tuplespace_read(pattern: &[Match]) -> Result<Option<Tuple>> {
    found(host::tuplespace_read(&to_wit_pattern(pattern)))
}

pub fn tuplespace_read_blocking(pattern: &[Match], timeout_ms: u64) -> Result<Option<Tuple>> {
    found(host::tuplespace_read_blocking(&to_wit_pattern(pattern), timeout_ms))
}

pub fn tuplespace_take(pattern: &[Match]) -> Result<Option<Tuple>> {
    found(host::tuplespace_take(&to_wit_pattern(pattern)))
}

pub fn tuplespace_take_blocking(pattern: &[Match], timeout_ms: u64) -> Result<Option<Tuple>> {
    found(host::tuplespace_take_blocking(&to_wit_pattern(pattern), timeout_ms))
}

pub fn tuplespace_read_all(pattern: &[Match], limit: u32) -> Result<Vec<Tuple>> {
    let all = host::tuplespace_read_all(&to_wit_pattern(pattern), limit)?;
    Ok(all.into_iter().map(from_wit).collect())
}

pub fn tuplespace_count(pattern: &[Match]) -> Result<u64> {
    Ok(host::tuplespace_count(&to_wit_pattern(pattern))?)
}

pub fn tuplespace_compare_and_swap(pattern: &[Match], expected: &Tuple, replacement: &Tuple) -> Result<bool> {
    let pattern = to_wit_pattern(pattern);
    Ok(host::tuplespace_compare_and_swap(&pattern, &to_wit(expected), &to_wit(replacement))?)
}

pub fn tuplespace_subscribe(pattern: &[Match]) -> Result<u64> {
    Ok(host::tuplespace_subscribe(&to_wit_pattern(pattern))?)
}

pub fn tuplespace_unsubscribe(subscription: u64) -> Result<bool> {
    Ok(host::tuplespace_unsubscribe(subscription)?)
}

pub fn send_message(to: &str, name: &str, payload: &Payload) -> Result<()> {
    Ok(host::send_message(to, name, payload.as_bytes())?)
}

pub fn ask(to: &str, name: &str, payload: &Payload, timeout_ms: u64) -> Result<Payload> {
    Ok(Payload::from(host::ask(to, name, payload.as_bytes(), timeout_ms)?))
}

pub fn self_id() -> String {
    host::self_id()
}

pub fn send_after(delay_ms: u64, name: &str, payload: &Payload) -> Result<u64> {
    Ok(host::send_after(delay_ms, name, payload.as_bytes())?)
}

pub fn cancel_timer(timer: u64) -> Result<bool> {
    Ok(host::cancel_timer(timer)?)
}

pub fn state_get(key: &str) -> Result<Option<(Payload, u64)>> {
    Ok(host::state_get(key)?.map(|(value, version)| (Payload::from(value), version)))
}

pub fn state_put(key: &str, value: &Payload, if_version: Option<u64>, ttl_ms: Option<u64>) -> Result<Option<u64>> {
    Ok(host::state_put(key, value.as_bytes(), if_version, ttl_ms)?)
}

pub fn state_delete(key: &str, if_version: Option<u64>) -> Result<bool> {
    Ok(host::state_delete(key, if_version)?)
}

pub fn state_list(prefix: &str, limit: u32) -> Result<Vec<String>> {
    Ok(host::state_list(prefix, limit)?)
}

pub fn log(level: &str, message: &str) {
    host::log(level, message);
}

pub fn now_millis() -> u64 {
    host::now_millis()
}

pub fn sleep_millis(duration_ms: u64) {
    host::sleep_millis(duration_ms);
}

pub fn checkpoint() -> Result<()> {
    Ok(host::checkpoint()?)
}

pub fn get_journal_sequence() -> u64 {
    host::get_journal_sequence()
}

pub fn is_replay_mode() -> bool {
    host::is_replay_mode()
}

pub fn environment() -> Vec<(String, String)> {
    environment::get_environment()
}

pub fn random_u64() -> u64 {
    random::get_random_u64()
}

pub fn random_fill(bytes: &mut [u8]) {
    bytes.copy_from_slice(&random::get_random_bytes(bytes.len() as u64));
}

fn found(result: std::result::Result<Option<Vec<types::TupleField>>, String>) -> Result<Option<Tuple>> {
    Ok(result.map_err(Error::from)?.map(from_wit))
}

fn to_wit(tuple: &Tuple) -> Vec<types::TupleField> {
    tuple.iter().map(to_wit_field).collect()
}

fn from_wit(fields: Vec<types::TupleField>) -> Tuple {
    Tuple(fields.into_iter().map(from_wit_field).collect())
}

fn to_wit_pattern(pattern: &[Match]) -> Vec<types::PatternField> {
    pattern.iter().map(to_wit_match).collect()
}

fn to_wit_match(part: &Match) -> types::PatternField {
    match part {
        Match::Exact(field) => types::PatternField::Exact(to_wit_field(field)),
        Match::Any => types::PatternField::Wildcard,
        Match::Type(field_type) => types::PatternField::TypeMatch(to_wit_type(*field_type)),
    }
}

fn to_wit_field(field: &Field) -> types::TupleField {
    match field {
        Field::String(value) => types::TupleField::StringValue(value.clone()),
        Field::Integer(value) => types::TupleField::IntegerValue(*value),
        Field::Float(value) => types::TupleField::FloatValue(*value),
        Field::Bytes(value) => types::TupleField::BytesValue(value.clone()),
        Field::Boolean(value) => types::TupleField::BooleanValue(*value),
        Field::Null => types::TupleField::NullValue,
    }
}

fn from_wit_field(field: types::TupleField) -> Field {
    match field {
        types::TupleField::StringValue(value) => Field::String(value),
        types::TupleField::IntegerValue(value) => Field::Integer(value),
        types::TupleField::FloatValue(value) => Field::Float(value),
        types::TupleField::BytesValue(value) => Field::Bytes(value),
        types::TupleField::BooleanValue(value) => Field::Boolean(value),
        types::TupleField::NullValue => Field::Null,
    }
}

fn to_wit_type(field_type: FieldType) -> types::FieldType {
    match field_type {
        FieldType::String => types::FieldType::StringType,
        FieldType::Integer => types::FieldType::IntegerType,
        FieldType::Float => types::FieldType::FloatType,
        FieldType::Bytes => types::FieldType::BytesType,
        FieldType::Boolean => types::FieldType::BooleanType,
        FieldType::Null => types::FieldType::NullType,
    }
}
