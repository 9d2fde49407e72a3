//! The host in memory behind messages, timers, shared state, clock and randomness.

use plexspaces::testing::with_host;
use plexspaces::{Error, Payload, clock, durability, environment, messages, random, state, timers};
use std::time::Duration;

#[test]
fn what_is_told_is_kept_for_the_test() {
    messages::tell("demo.Other/key", "paid", &Payload::from("1")).unwrap();
    let sent = with_host(|host| host.sent.clone());
    assert_eq!(
        (sent[0].to.as_str(), sent[0].name.as_str(), sent[0].payload.as_bytes()),
        ("demo.Other/key", "paid", &b"1"[..])
    );
}

#[test]
fn an_ask_is_answered_by_what_the_test_sets_and_refused_without() {
    let refused = messages::ask("demo.Other", "quote", &Payload::empty(), 0).unwrap_err();
    assert_eq!(refused.code(), Some("NOT_FOUND"));
    with_host(|host| {
        host.answer = Some(Box::new(|to, name, _payload| match name {
            "quote" => Ok(Payload::from(to)),
            _ => Err(Error::new("EXECUTION_ERROR: no")),
        }));
    });
    for _ in 0..2 {
        let reply = messages::ask("demo.Other", "quote", &Payload::empty(), 0);
        assert_eq!(reply, Ok(Payload::from("demo.Other")));
    }
    assert!(messages::ask("demo.Other", "x", &Payload::empty(), 0).is_err());
}

#[test]
fn a_cancelled_timer_waits_no_more() {
    let timer = timers::send_after(50, "tick", &Payload::empty()).unwrap();
    assert_eq!(with_host(|host| host.timers[&timer].delay_ms), 50);
    assert_eq!((timers::cancel(timer), timers::cancel(timer)), (Ok(true), Ok(false)));
}

#[test]
fn shared_state_changes_only_under_the_version_that_is_there() {
    let put = |text: &str, version| state::put("limit", &Payload::from(text), version, None).unwrap();
    let first = put("10", Some(0)).expect("absent before");
    assert_eq!(put("11", Some(0)), None);
    let second = put("11", Some(first)).expect("unchanged since");
    assert_eq!(state::get("limit"), Ok(Some((Payload::from("11"), second))));
    assert_eq!(state::list("li", 10), Ok(vec!["limit".to_owned()]));
    assert_eq!(state::delete("limit", Some(first)), Ok(false));
    assert_eq!(state::delete("limit", None), Ok(true));
    assert_eq!(state::get("limit"), Ok(None));
    assert_ne!(put("12", Some(0)), Some(first), "a version is never given twice");
}

#[test]
fn the_clock_moves_by_reads_and_sleeps() {
    let before = clock::now_millis();
    clock::sleep(Duration::from_micros(1500));
    assert_eq!(clock::now_millis(), before + 3);
}

#[test]
fn the_same_seed_gives_the_same_numbers_and_each_draw_another() {
    let draw = || {
        with_host(|host| host.seed = 7);
        (random::u64(), random::u64(), random::seed())
    };
    assert_eq!(draw(), draw());
    let (first, second, seed) = draw();
    assert!(first != second && seed != [0; 32]);
}

#[test]
fn numbers_below_a_bound_are_below_it_and_reach_all_of_it() {
    let mut seen = [0; 6];
    for _ in 0..6000 {
        seen[usize::try_from(random::below(6)).unwrap()] += 1;
    }
    assert!(seen.iter().all(|&times| (800..1200).contains(&times)), "{seen:?}");
    assert_eq!(random::below(1), 0);
    assert!((0..1000).map(|_| random::float()).all(|float| (0.0..1.0).contains(&float)));
}

#[test]
#[should_panic(expected = "expected a bound above 0, found 0")]
fn there_is_no_number_below_nothing() {
    random::below(0);
}

#[test]
fn a_checkpoint_that_is_asked_for_is_counted() {
    durability::checkpoint().unwrap();
    assert_eq!((with_host(|host| host.checkpoints), durability::is_restoring()), (1, false));
}

#[test]
fn the_environment_is_what_the_test_sets() {
    with_host(|host| host.environment.insert("REGION".to_owned(), "north".to_owned()));
    assert_eq!((environment::get("REGION"), environment::get("PATH")), (Some("north".to_owned()), None));
}
