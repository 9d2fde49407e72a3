use super::TupleSpaceCalculator;
use plexspaces::testing::{TestActor, with_host};
use plexspaces::{Error, Payload, tuple};

fn request(method: &str, payload: &str) -> Result<String, String> {
    let reply = TestActor::<TupleSpaceCalculator>::start().request(method, payload);
    let text = |reply: Payload| String::from_utf8(reply.into_bytes()).expect("text");
    reply.map(text).map_err(|error: Error| error.to_string())
}

#[test]
fn leaves_its_results_in_the_space() {
    let reply = request("add", r#"{"operands":[1,2,3]}"#);
    assert_eq!(reply.as_deref(), Ok(r#"{"result":6,"operation":"add","tuplespace_used":true}"#));
    request("divide", "[1,4]").unwrap();
    let expected = [
        tuple!["calculator_result", "add", "[1, 2, 3]", 6.0, "tester"],
        tuple!["calculator_result", "divide", "[1, 4]", 0.25, "tester"],
    ];
    assert_eq!(with_host(|host| host.tuples.clone()), expected);
    assert_eq!(request("count_results", "").as_deref(), Ok(r#"{"count":2}"#));
    assert_eq!(request("count_results", r#""add""#).as_deref(), Ok(r#"{"count":1}"#));
}

#[test]
fn reads_and_takes_them() {
    request("add", "[1, 2.50]").unwrap();
    let described = r#"{"result":3.5,"operation":"add","operands":[1,2.5],"from":"tester"}"#;
    assert_eq!(request("read_result", r#"{"operation":"add"}"#).as_deref(), Ok(described));
    assert_eq!(request("take_result", r#""add""#).as_deref(), Ok(described));
    assert_eq!(request("take_result", r#""add""#).as_deref(), Ok("null"));
    assert_eq!(request("read_result", "5").as_deref(), Ok("null"));
}

#[test]
fn says_no_in_the_words_of_its_twin() {
    for (method, payload, expected) in [
        ("divide", "[1,0]", "divide: expected divisors other than 0, found 0"),
        ("add", "[]", "operands: expected one or more numbers, found []"),
        ("add", "\"a\"", "operands: expected one or more numbers, found 'a'"),
        ("add", "[1,null]", "operands: expected finite numbers, found None"),
        ("add", "[1,true]", "operands: expected finite numbers, found True"),
        ("add", "[1e308,1e308]", "add: expected a result of at most 1.79769e+308, found a larger one"),
        ("add", "", "payload: expected the arguments of add(operands), found none"),
        ("add", r#"{"a":1,"b":2}"#, "payload: expected the arguments of add(operands), found a, b"),
        (
            "power",
            "[1]",
            "unknown method 'power': expected one of add, count_results, divide, multiply, read_result, subtract, take_result",
        ),
    ] {
        assert_eq!(request(method, payload), Err(expected.to_owned()), "{method} {payload}");
    }
    assert_eq!(with_host(|host| host.tuples.clone()), []);
}
