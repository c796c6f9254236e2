//! Live input through a pipe: what an event gives is printed before the next event
//! is there, so that no alert waits for traffic that may not come.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const RULE: &str = "rule write { on modbus as m where m.request and m.function == 6 }\n";

/// A command whose input is held open, and the lines that it prints.
struct Live {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    _folder: tempfile::TempDir,
}

/// Generous: only a command that waits for more input takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

impl Live {
    fn start(arguments: &[&str]) -> Live {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("write.tag"), RULE).expect("a file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_tagout"))
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Once the test has seen enough, nobody listens.
                let _ = sender.send(line);
            }
        });
        let input = child.stdin.take();
        Live { child, input, lines, _folder: folder }
    }

    /// Sends bytes and gives the line that comes of them.
    fn send(&mut self, bytes: &[u8]) -> String {
        self.feed(bytes);
        self.lines.recv_timeout(PATIENCE).expect("a line before more input")
    }

    fn feed(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("an open input");
        input.write_all(bytes).and_then(|()| input.flush()).expect("a reader");
    }

    fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().expect("an end").success());
        assert_eq!(self.lines.iter().count(), 0, "everything was printed before");
    }
}

fn event(second: u32) -> Vec<u8> {
    format!(
        "{{\"ts\":\"2026-01-01T00:00:{second:02}.000000Z\",\"kind\":\"modbus\",\
         \"modbus\":{{\"function\":6,\"request\":true}}}}\n"
    )
    .into_bytes()
}

/// A capture's header, and an Ethernet frame of a Modbus write over UDP.
fn capture() -> (Vec<u8>, impl Fn(u32) -> Vec<u8>) {
    let mut header = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    header.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.extend(65_535_u32.to_le_bytes());
    header.extend(1_u32.to_le_bytes());
    let frame = |second: u32| {
        let adu = [0, 1, 0, 0, 0, 6, 17, 6, 0, 1, 0, 3];
        let mut data = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0];
        data.extend([0x45, 0, 0, 20 + 8 + 12, 0, 7, 0, 0, 64, 17, 0, 0]);
        data.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        data.extend([0xc3, 0x50, 0x01, 0xf6, 0, 8 + 12, 0, 0]);
        data.extend(adu);
        let len = u32::try_from(data.len()).expect("a short frame");
        let mut record = Vec::new();
        for word in [second, 0, len, len] {
            record.extend(word.to_le_bytes());
        }
        record.extend(data);
        record
    };
    (header, frame)
}

#[test]
fn an_alert_comes_before_the_next_line() {
    let mut live = Live::start(&["run", "-p", "write.tag", "--format", "eve", "-"]);
    for second in 0..10 {
        let alert = live.send(&event(second));
        assert!(alert.contains(&format!("00:00:{second:02}")), "{alert}");
    }
    live.end();
}

#[test]
fn an_alert_comes_before_the_next_packet() {
    let mut live = Live::start(&["run", "-p", "write.tag", "--format", "eve", "-"]);
    let (header, frame) = capture();
    live.feed(&header);
    // The first ones may be needed to tell what the flow speaks.
    live.feed(&frame(0));
    live.feed(&frame(1));
    let first = live.lines.recv_timeout(PATIENCE).expect("an alert");
    let second = live.lines.recv_timeout(PATIENCE).expect("an alert");
    assert!(first.contains("00:00:00") && second.contains("00:00:01"));
    for second in 2..10 {
        let alert = live.send(&frame(second));
        assert!(alert.contains(&format!("00:00:{second:02}")), "{alert}");
    }
    live.end();
}

#[test]
fn a_decoded_event_comes_before_the_next_line() {
    let mut live = Live::start(&["decode", "-"]);
    for second in 0..5 {
        let line = live.send(&event(second));
        assert!(line.contains("write_single_register"), "{line}");
    }
    live.end();
}

/// Half an event is no event: nothing is said until it is whole.
#[test]
fn an_event_may_come_in_parts() {
    let mut live = Live::start(&["decode", "-"]);
    let event = event(7);
    let (head, tail) = event.split_at(40);
    live.feed(head);
    assert!(live.lines.recv_timeout(Duration::from_millis(50)).is_err());
    assert!(live.send(tail).contains("00:00:07"));
    live.end();
}

#[test]
fn lines_that_are_late_say_so() {
    let mut live = Live::start(&["decode", "--lateness", "5s", "-"]);
    assert!(!live.send(&event(20)).contains("late"));
    assert!(!live.send(&event(15)).contains("late"));
    assert!(live.send(&event(14)).contains("\"late\":true"));
    live.end();
}
