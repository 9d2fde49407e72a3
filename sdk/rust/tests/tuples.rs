//! The tuple space with Rust's own values, on the host in memory.

use plexspaces::testing::with_host;
use plexspaces::{ANY, Error, Field, FieldType, Payload, Tuple, pattern, tuple, tuples};

type Fields = (String, i64, f64, Vec<u8>, bool, ());

#[test]
fn every_type_comes_back_as_it_went_in() {
    let written = tuple!["text", 7, 7.0, vec![0_u8], true, ()];
    tuples::write(&written).unwrap();
    let found = tuples::read(&pattern!["text", 7, 7.0, vec![0_u8], true, ()]).unwrap();
    assert_eq!(found, Some(written.clone()));
    assert_eq!(written.read::<Fields>(), Ok(("text".to_owned(), 7, 7.0, vec![0], true, ())));
}

#[test]
fn an_integer_is_no_float_and_no_boolean() {
    tuples::write(&tuple![1]).unwrap();
    assert_eq!(tuples::count(&pattern![1.0]), Ok(0));
    assert_eq!(tuples::count(&pattern![true]), Ok(0));
    assert_eq!(tuples::count(&pattern![1]), Ok(1));
}

#[test]
fn nan_is_nan_and_minus_zero_is_not_zero() {
    tuples::write(&tuple![f64::NAN, -0.0]).unwrap();
    assert_eq!(tuples::count(&pattern![f64::NAN, 0.0]), Ok(0));
    assert_eq!(tuples::count(&pattern![f64::NAN, -0.0]), Ok(1));
}

#[test]
fn patterns_match_by_value_type_and_length() {
    tuples::write(&tuple!["a", 1]).unwrap();
    tuples::write(&tuple!["a", 2.0]).unwrap();
    assert_eq!(tuples::count(&pattern!["a", ANY]), Ok(2));
    assert_eq!(tuples::read(&pattern!["a", FieldType::Float]), Ok(Some(tuple!["a", 2.0])));
    assert_eq!(tuples::read(&pattern!["a", FieldType::Null]), Ok(None));
    assert_eq!(tuples::read(&pattern!["a"]), Ok(None));
    assert_eq!(tuples::read_all(&pattern!["a", ANY], 1), Ok(vec![tuple!["a", 1]]));
}

#[test]
fn take_removes_the_oldest() {
    for number in [1, 2] {
        tuples::write(&tuple!["a", number]).unwrap();
    }
    assert_eq!(tuples::take(&pattern!["a", ANY]), Ok(Some(tuple!["a", 1])));
    assert_eq!(tuples::take_blocking(&pattern!["a", ANY], 5), Ok(Some(tuple!["a", 2])));
    assert_eq!(tuples::take(&pattern!["a", ANY]), Ok(None));
}

#[test]
fn the_oldest_match_is_replaced_where_it_is_the_expected_one() {
    for number in [1, 2] {
        tuples::write(&tuple!["a", number]).unwrap();
    }
    let any = pattern!["a", ANY];
    assert_eq!(tuples::compare_and_swap(&any, &tuple!["a", 2], &tuple!["a", 3]), Ok(false));
    assert_eq!(tuples::compare_and_swap(&any, &tuple!["a", 1], &tuple!["a", 3]), Ok(true));
    assert_eq!(with_host(|host| host.tuples.clone()), [tuple!["a", 2], tuple!["a", 3]]);
}

#[test]
fn a_lease_is_renewed_while_its_tuple_is_there() {
    let lease = tuples::write_with_ttl(&tuple!["a"], 1000).unwrap();
    assert_eq!(tuples::renew(lease, 1000), Ok(true));
    assert_eq!(tuples::renew(lease + 1, 1000), Ok(false));
    tuples::take(&pattern!["a"]).unwrap();
    assert_eq!(tuples::renew(lease, 1000), Ok(false));
}

#[test]
fn a_tuple_is_read_as_what_it_is_only() {
    assert_eq!(tuple!["a", 1].read::<(String, Option<i64>)>(), Ok(("a".to_owned(), Some(1))));
    assert_eq!(tuple![()].read::<(Option<i64>,)>(), Ok((None,)));
    assert_eq!(tuple![1].read::<(Field,)>(), Ok((Field::Integer(1),)));
    assert_eq!(
        tuple!["a", 1].read::<(String, f64)>(),
        Err(Error::new("tuple field 1: expected Float, found Integer(1)"))
    );
    assert_eq!(tuple!["a"].read::<(String, f64)>(), Err(Error::new("tuple: expected 2 fields, found 1")));
}

#[test]
fn the_json_form_says_the_types() {
    let json = r#"["a", 6, {"float": 6}, 6.5, {"float": "NaN"}, {"int": "9223372036854775807"}, {"bytes": "AAE="}, true, null]"#;
    let expected = tuple!["a", 6, 6.0, 6.5, f64::NAN, i64::MAX, vec![0_u8, 1], true, ()];
    assert_eq!(Tuple::from_json(&Payload::from(json)), Ok(expected));
    for wrong in [r#"[{"float": "x"}]"#, "[[1]]", "[{}]", "[9223372036854775808]", r#"{"a": 1}"#, "["] {
        assert!(Tuple::from_json(&Payload::from(wrong)).is_err(), "{wrong}");
    }
}
