//! What Python's `sum`, `-`, `math.prod` and `/` do with whole numbers and floats.

use crate::Number;
use num_bigint::{BigInt, BigUint, Sign};
use std::ops::Add;

/// A quotient of this many bits and a sticky one rounds as the exact quotient does.
const QUOTIENT_BITS: i64 = 66;

/// Exact as long as all are whole. From the first float on Python compensates what additions lose, unless the sum had
/// left the 32 bits of its component's C long before: then it adds plainly.
pub fn sum(operands: &[Number]) -> Number {
    let mut whole = BigInt::ZERO;
    let mut is_short = true;
    let mut rest = operands.iter();
    for operand in rest.by_ref() {
        match operand {
            Number::Integer(value) => {
                whole += value;
                is_short = is_short && i32::try_from(&whole).is_ok();
            }
            Number::Float(value) => {
                let start = Number::Integer(whole).to_float() + value;
                let others = rest.map(Number::to_float);
                return Number::Float(if is_short { compensated(start, others) } else { others.fold(start, Add::add) });
            }
        }
    }
    Number::Integer(whole)
}

pub fn difference(from: &Number, subtracted: &Number) -> Number {
    match (from, subtracted) {
        (Number::Integer(from), Number::Integer(subtracted)) => Number::Integer(from - subtracted),
        _ => Number::Float(from.to_float() - subtracted.to_float()),
    }
}

pub fn product(operands: &[Number]) -> Number {
    operands.iter().fold(Number::Integer(BigInt::from(1)), |product, operand| match (&product, operand) {
        (Number::Integer(product), Number::Integer(operand)) => Number::Integer(product * operand),
        _ => Number::Float(product.to_float() * operand.to_float()),
    })
}

/// `divisor` is not zero. Always a float, the nearest to the exact quotient of whole numbers.
pub fn quotient(dividend: &Number, divisor: &Number) -> Number {
    Number::Float(match (dividend, divisor) {
        (Number::Integer(dividend), Number::Integer(divisor)) => whole_quotient(dividend, divisor),
        _ => dividend.to_float() / divisor.to_float(),
    })
}

/// Neumaier's sum (1974): what each addition loses is summed beside.
fn compensated(start: f64, operands: impl Iterator<Item = f64>) -> f64 {
    let mut total = start;
    let mut lost = 0.0;
    for value in operands {
        let next = total + value;
        lost += if total.abs() >= value.abs() { (total - next) + value } else { (value - next) + total };
        total = next;
    }
    // Python's own rule: an overflowed sum stays infinite, and a negative zero keeps its sign.
    if lost != 0.0 && lost.is_finite() { total + lost } else { total }
}

fn whole_quotient(dividend: &BigInt, divisor: &BigInt) -> f64 {
    // A zero has a sign as well: 0 / -2 is -0.0.
    let is_negative = (dividend.sign() == Sign::Minus) != (divisor.sign() == Sign::Minus);
    let sign = if is_negative { -1.0 } else { 1.0 };
    let (dividend, divisor) = (dividend.magnitude(), divisor.magnitude());
    let shift = QUOTIENT_BITS - (bits(dividend) - bits(divisor));
    let (dividend, divisor) =
        if shift >= 0 { (dividend << shift, divisor.clone()) } else { (dividend.clone(), divisor << -shift) };
    let mut quotient = &dividend / &divisor;
    if &quotient * &divisor != dividend {
        quotient |= BigUint::from(1_u8);
    }
    sign * scaled(&quotient, -shift)
}

fn bits(value: &BigUint) -> i64 {
    i64::try_from(value.bits()).unwrap_or(i64::MAX)
}

/// `value · 2^exponent`, in two steps, each of which the exponent of a float can hold.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // rounding to a float is what is asked for
fn scaled(value: &BigUint, exponent: i64) -> f64 {
    let float = u128::try_from(value).unwrap_or(u128::MAX) as f64;
    let exponent = exponent.clamp(-4_000, 4_000) as i32;
    float * 2_f64.powi(exponent / 2) * 2_f64.powi(exponent - exponent / 2)
}
