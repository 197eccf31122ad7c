//! What plugins print, in the node's log: line by line, and no more than is good for it.

use parking_lot::Mutex;
use std::{
    collections::VecDeque,
    io::Read,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The longest line; the rest of it is left out.
const MOST_LINE_BYTES: usize = 2000;
/// Lines a second that are logged, on average over ten seconds.
const LINES_PER_SECOND: u32 = 20;
const WINDOW: Duration = Duration::from_secs(10);
/// Lines that are remembered for error messages.
const REMEMBERED: usize = 5;

/// Follows a stream of text in a thread of its own.
pub struct Follower {
    bytes: Arc<AtomicU64>,
    last: Arc<Mutex<VecDeque<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Follows `stream` to its end and gives each line to `log`.
    pub fn new(stream: impl Read + Send + 'static, log: impl Fn(&str) + Send + 'static) -> std::io::Result<Self> {
        let bytes = Arc::new(AtomicU64::new(0));
        let last = Arc::new(Mutex::new(VecDeque::new()));
        let (counter, memory) = (bytes.clone(), last.clone());
        let thread = thread::Builder::new().name("plugin-log".into()).spawn(move || {
            let mut lines = Lines::new(log, memory);
            let (mut stream, mut buffer) = (stream, [0; 8192]);
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                counter.fetch_add(count as u64, Ordering::Relaxed);
                lines.take_in(&buffer[..count]);
            }
            lines.end();
        })?;
        Ok(Self {
            bytes,
            last,
            thread: Some(thread),
        })
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The last lines, once the stream has ended.
    pub fn last_lines(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let last = self.last.lock();
        last.iter().map(String::as_str).collect::<Vec<_>>().join(" | ")
    }
}

struct Lines<F> {
    log: F,
    last: Arc<Mutex<VecDeque<String>>>,
    line: Vec<u8>,
    cut: bool,
    window: Instant,
    logged: u32,
    left_out: u64,
}

impl<F: Fn(&str)> Lines<F> {
    fn new(log: F, last: Arc<Mutex<VecDeque<String>>>) -> Self {
        Self {
            log,
            last,
            line: Vec::new(),
            cut: false,
            window: Instant::now(),
            logged: 0,
            left_out: 0,
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = part.strip_suffix(b"\n").unwrap_or(part);
            let room = MOST_LINE_BYTES - self.line.len();
            self.cut |= text.len() > room;
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            if part.ends_with(b"\n") {
                self.finish_line();
            }
        }
    }

    fn finish_line(&mut self) {
        // Nothing that a terminal would obey.
        let mut line: String = String::from_utf8_lossy(&self.line)
            .chars()
            .map(|character| {
                if character.is_control() && character != '\t' {
                    '\u{fffd}'
                } else {
                    character
                }
            })
            .collect();
        if self.cut {
            line.push_str(" [cut]");
        }
        self.line.clear();
        self.cut = false;
        if line.trim().is_empty() {
            return;
        }
        if self.window.elapsed() > WINDOW {
            self.report_left_out();
            self.window = Instant::now();
            self.logged = 0;
        }
        if self.logged < LINES_PER_SECOND * WINDOW.as_secs() as u32 {
            self.logged += 1;
            (self.log)(&line);
        } else {
            self.left_out += 1;
        }
        let mut last = self.last.lock();
        if last.len() == REMEMBERED {
            last.pop_front();
        }
        last.push_back(line);
    }

    fn report_left_out(&mut self) {
        if self.left_out > 0 {
            (self.log)(&format!("[{} lines left out]", self.left_out));
            self.left_out = 0;
        }
    }

    fn end(&mut self) {
        self.finish_line();
        self.report_left_out();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(text: &[u8]) -> (Vec<String>, String) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = lines.clone();
        let stream = std::io::Cursor::new(text.to_vec());
        let mut follower = Follower::new(stream, move |line| sink.lock().push(line.to_owned())).unwrap();
        let last = follower.last_lines();
        assert_eq!(follower.bytes(), text.len() as u64);
        let lines = lines.lock().clone();
        (lines, last)
    }

    #[test]
    fn lines_are_whole_and_harmless() {
        let (lines, last) = followed("one\n\ntw\u{1b}[31mo\r\n\u{e4}\nno end".as_bytes());
        assert_eq!(lines, ["one", "tw\u{fffd}[31mo\u{fffd}", "\u{e4}", "no end"]);
        assert!(last.ends_with("no end"));
    }

    #[test]
    fn long_lines_are_cut_and_many_are_left_out() {
        let (lines, _) = followed(&[vec![b'x'; 100_000], b"\nshort".to_vec()].concat());
        assert_eq!(lines[0].len(), MOST_LINE_BYTES + " [cut]".len());
        assert_eq!(lines[1], "short");
        let (lines, _) = followed("line\n".repeat(1000).as_bytes());
        assert_eq!(lines.len(), 201);
        assert_eq!(lines[200], "[800 lines left out]");
    }
}
