//! Title from bytes to events. Take the bytes from the standard's own examples, or from
//! a real stack, and say which.

use crate::testing::{From, Talk, Wire, events, hex};

/// The events of a connection on which the client asks and the server answers.
fn exchange(request: &str, answer: &str) -> Vec<String> {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 4000));
    talk.open(&mut wire);
    talk.send(&mut wire, From::Client, &hex(request));
    talk.send(&mut wire, From::Server, &hex(answer));
    events(&wire)
}

#[test]
fn a_request_and_its_answer() {
    let events = exchange("7e 0003 01 000a", "7e 0003 81 002a");
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[0].contains(r#""function":1,"function_name":"read","request":true"#));
    assert!(events[1].contains(r#""request":false,"data":{"hex":"002a"}"#));
}

#[test]
fn another_protocol_is_not_claimed() {
    assert_eq!(exchange("47455420 2f20 4854", "485454502f312e31"), Vec::<String>::new());
}
