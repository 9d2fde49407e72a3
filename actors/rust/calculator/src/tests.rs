use super::Calculator;
use plexspaces::testing::TestActor;
use plexspaces::{Error, Payload};

fn answers(method: &str, payload: &str, expected: &str) {
    let reply = TestActor::<Calculator>::start().request(method, payload);
    assert_eq!(reply, Ok(Payload::from(expected)), "{method} {payload}");
}

fn refuses(method: &str, payload: &str, expected: &str) {
    let refused = TestActor::<Calculator>::start().request(method, payload);
    assert_eq!(refused, Err(Error::new(expected)), "{method} {payload}");
}

#[test]
fn calculates() {
    answers("add", "[1,2,3]", r#"{"result":6,"operation":"add","operation_count":1,"durable":true}"#);
    answers("subtract", "[1,2,3.5]", r#"{"result":-4.5,"operation":"subtract","operation_count":1,"durable":true}"#);
    answers("multiply", "[2,3]", r#"{"result":6,"operation":"multiply","operation_count":1,"durable":true}"#);
    answers(
        "divide",
        r#"{"operands":[6,2]}"#,
        r#"{"result":3.0,"operation":"divide","operation_count":1,"durable":true}"#,
    );
    answers("count", "", r#"{"operation_count":0}"#);
}

#[test]
fn says_no() {
    refuses("divide", "[1,0]", "divide: expected divisors other than 0, found 0");
    refuses("divide", "[1,2,-0.0]", "divide: expected divisors other than 0, found 0");
    refuses("add", "[]", "add: expected one or more finite numbers as operands, found []");
    refuses("add", "{}", "add: expected one or more finite numbers as operands, found null");
    refuses("add", r#"[1,"é"]"#, r#"add: expected one or more finite numbers as operands, found "\u00e9""#);
    refuses("add", "[1,true]", "add: expected one or more finite numbers as operands, found true");
    refuses("add", "[1e400]", "add: expected one or more finite numbers as operands, found Infinity");
    refuses("add", "[1e308,1e308]", "add: expected a result of at most 1.79769e+308, found a larger one");
    refuses("power", "[1]", "unknown method 'power': expected one of add, subtract, multiply, divide, count, history");
    let broken = TestActor::<Calculator>::start().request("add", "[1,").unwrap_err().to_string();
    assert!(broken.starts_with("add: expected one or more finite numbers as operands, found no JSON ("), "{broken}");
}

#[test]
fn remembers_the_last_ten_over_a_restart_and_counts_no_refusals() {
    let mut calculator = TestActor::<Calculator>::start();
    for number in 0..12 {
        calculator.request("add", format!("[{number}, 0.5, 100000000000000000000]").as_str()).unwrap();
        calculator.request("divide", "[1, 0]").unwrap_err();
    }
    let mut restarted = calculator.restarted();
    assert_eq!(restarted.request("count", ""), Ok(Payload::from(r#"{"operation_count":12}"#)));
    assert_eq!(restarted.request("history", ""), calculator.request("history", ""));
    assert_eq!(restarted.actor.history.len(), 10);
}
