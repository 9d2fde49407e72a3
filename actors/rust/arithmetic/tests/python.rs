//! Digits and texts that Python 3.14 gives for the same values.

use arithmetic::{Number, difference, dumps, product, quotient, repr, sum};
use serde_json::Value;

fn numbers(json: &str) -> Vec<Number> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn sums() {
    for (operands, expected) in [
        ("[1, 2, 3]", "6"),
        ("[1, 2.0]", "3.0"),
        ("[0.1, 0.2, 0.3]", "0.6"),
        ("[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]", "1.0"),
        ("[1e100, 1.0, -1e100]", "1.0"),
        ("[9223372036854775807, 9223372036854775807]", "18446744073709551614"),
        ("[9007199254740993, 0.5]", "9007199254740992.0"),
        ("[-0.0]", "0.0"),
        ("[-0]", "0"),
        ("[1e308, 1e308]", "Infinity"),
    ] {
        assert_eq!(sum(&numbers(operands)).to_string(), expected, "{operands}");
    }
}

#[test]
fn products() {
    for (operands, expected) in [
        ("[2, 3, 7]", "42"),
        ("[100000000000000000000, 100000000000000000000]", "10000000000000000000000000000000000000000"),
        ("[0.1, 3]", "0.30000000000000004"),
        ("[-0.0]", "-0.0"),
        ("[1e200, 1e200]", "Infinity"),
    ] {
        assert_eq!(product(&numbers(operands)).to_string(), expected, "{operands}");
    }
}

#[test]
fn quotients_and_differences() {
    let divide = |operands| match numbers(operands).as_slice() {
        [dividend, divisor] => quotient(dividend, divisor).to_string(),
        other => panic!("expected two operands, found {other:?}"),
    };
    assert_eq!(divide("[6, 2]"), "3.0");
    assert_eq!(divide("[1, 3]"), "0.3333333333333333");
    assert_eq!(divide("[-7, 2]"), "-3.5");
    assert_eq!(divide("[0, 5]"), "0.0");
    assert_eq!(divide("[0, -5]"), "-0.0");
    assert_eq!(divide("[9007199254740993, 1]"), "9007199254740992.0");
    assert_eq!(divide("[9007199254740995, 1]"), "9007199254740996.0");
    assert_eq!(divide("[100000000000000000000000000000000000000000, 30000000000000000000]"), "3.3333333333333335e+21");
    assert_eq!(divide("[1, 100000000000000000000000]"), "1e-23");
    assert_eq!(divide("[1.5, 0.5]"), "3.0");
    let [one, two] = [numbers("[1]").remove(0), numbers("[2.5]").remove(0)];
    assert_eq!(difference(&one, &two).to_string(), "-1.5");
}

#[test]
fn texts_of_floats() {
    for (literal, expected) in [
        ("1e16", "1e+16"),
        ("123456789012345680.0", "1.2345678901234568e+17"),
        ("9999999999999998.0", "9999999999999998.0"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1.5e-7", "1.5e-07"),
        ("1.0", "1.0"),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
    ] {
        assert_eq!(numbers(&format!("[{literal}]"))[0].to_string(), expected);
    }
}

#[test]
fn what_is_no_finite_number_is_out_of_range() {
    assert!(numbers("[1.7976931348623157e308, 179769313486231570000]").iter().all(Number::is_in_range));
    assert!(!numbers("[1e400]")[0].is_in_range());
    assert!(!numbers(&format!("[1{}]", "0".repeat(309)))[0].is_in_range());
}

#[test]
fn texts_of_values() {
    let value: Value = serde_json::from_str(r#"{"b": [1, 1E5, null], "a": "é'\n", "c": true}"#).unwrap();
    assert_eq!(dumps(&value), r#"{"b": [1, 100000.0, null], "a": "\u00e9'\n", "c": true}"#);
    assert_eq!(repr(&value), r#"{'b': [1, 100000.0, None], 'a': "é'\n", 'c': True}"#);
}
