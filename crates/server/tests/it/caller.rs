//! A client over a socket of its own for each request, which notices when the server is gone.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// No request of a test takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Somebody with a token, or without one.
#[derive(Debug, Clone)]
pub struct Caller {
    address: String,
    token: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    /// The JSON; null where there is none.
    pub body: Value,
}

impl Reply {
    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The number at a JSON pointer, in an answer with this status.
    #[track_caller]
    pub fn id(&self, status: u16, pointer: &str) -> i64 {
        assert_eq!(self.status, status, "{}", self.body);
        self.body.pointer(pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("no {pointer} in {}", self.body))
    }
}

impl Caller {
    /// Somebody who asks the server at `address`; an empty token is none.
    pub fn new(address: &str, token: &str) -> Self {
        Self { address: address.to_owned(), token: token.to_owned() }
    }

    /// Sends a request with further headers. An error is a server that went away before it had answered.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Reply> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        if !self.token.is_empty() {
            head.extend(["Authorization: Bearer ", &self.token, "\r\n"]);
        }
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let length = body.len();
        let request = format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}");
        read(&self.raw(request.as_bytes())?)
    }

    /// GET.
    pub fn get(&self, path: &str) -> Result<Reply> {
        self.send("GET", path, &[], "")
    }

    /// A connection.
    pub fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn raw(&self, request: &[u8]) -> Result<Vec<u8>> {
        let mut stream = self.connect()?;
        stream.write_all(request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// Reads a whole answer; one that was cut short is an error.
pub fn read(bytes: &[u8]) -> Result<Reply> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| Error::other("an answer was cut short"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| Error::other("no status"))?;
    let reply = Reply { status, head: head.to_owned(), body: serde_json::from_str(body).unwrap_or_default() };
    match reply.header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) if length != body.len() => Err(Error::other("an answer was cut short")),
        _ => Ok(reply),
    }
}
