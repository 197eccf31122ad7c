//! Frames of the plugin protocol. docs/plugin-protocol.md describes them.

use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Read, Write};

/// The versions that this node speaks.
pub const VERSIONS: &[u64] = &[1];
/// The longest header.
pub const MOST_HEADER_BYTES: u32 = 1 << 20;

/// One message: a header and named bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// What it is.
    pub kind: String,
    /// Of which request.
    pub id: u64,
    /// The other keys of the header.
    pub values: Map<String, Value>,
    /// Named bytes.
    pub segments: Vec<(String, Vec<u8>)>,
}

/// Why no frame could be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The stream ended, between two frames or within one.
    #[error("the stream ended")]
    End,
    /// Something else than a frame.
    #[error("{0}")]
    Malformed(String),
    /// The stream cannot be read.
    #[error(transparent)]
    Stream(io::Error),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::End,
            _ => Self::Stream(error),
        }
    }
}

impl Frame {
    /// A frame without keys and segments.
    pub fn new(kind: &str, id: u64) -> Self {
        Self {
            kind: kind.into(),
            id,
            values: Map::new(),
            segments: Vec::new(),
        }
    }

    /// With a key; what cannot be JSON (no number, say) becomes `null`.
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        self.values
            .insert(key.into(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// With named bytes.
    pub fn segment(mut self, name: &str, bytes: &[u8]) -> Self {
        self.segments.push((name.into(), bytes.to_vec()));
        self
    }

    /// Takes named bytes out.
    pub fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        let place = self.segments.iter().position(|(there, _)| there == name)?;
        Some(self.segments.swap_remove(place).1)
    }

    /// Bytes of all segments.
    pub fn payload_bytes(&self) -> usize {
        self.segments.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Writes the frame.
    ///
    /// # Errors
    ///
    /// The stream's, and `InvalidInput` for a frame that is too long.
    pub fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let mut header = self.values.clone();
        header.insert("type".into(), self.kind.as_str().into());
        header.insert("id".into(), self.id.into());
        if !self.segments.is_empty() {
            let lengths: Vec<(&str, usize)> = self
                .segments
                .iter()
                .map(|(name, bytes)| (name.as_str(), bytes.len()))
                .collect();
            header.insert("segments".into(), serde_json::to_value(lengths)?);
        }
        let header = serde_json::to_vec(&header)?;
        let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "the frame is too long");
        let header_bytes = u32::try_from(header.len()).map_err(|_| too_long())?;
        let payload_bytes = u32::try_from(self.payload_bytes()).map_err(|_| too_long())?;
        if header_bytes > MOST_HEADER_BYTES {
            return Err(too_long());
        }
        stream.write_all(&header_bytes.to_le_bytes())?;
        stream.write_all(&payload_bytes.to_le_bytes())?;
        stream.write_all(&header)?;
        for (_, bytes) in &self.segments {
            stream.write_all(bytes)?;
        }
        stream.flush()
    }

    /// Reads a frame of at most `most_payload_bytes` beside its header.
    ///
    /// # Errors
    ///
    /// [`FrameError`]. Lengths are checked before anything is read or reserved.
    pub fn read(stream: &mut impl Read, most_payload_bytes: u32) -> Result<Self, FrameError> {
        let mut lengths = [[0; 4]; 2];
        for length in &mut lengths {
            stream.read_exact(length)?;
        }
        let [header_bytes, payload_bytes] = lengths.map(u32::from_le_bytes);
        if header_bytes == 0 || header_bytes > MOST_HEADER_BYTES {
            return Err(FrameError::Malformed(format!("a header of {header_bytes} bytes")));
        }
        if payload_bytes > most_payload_bytes {
            return Err(FrameError::Malformed(format!(
                "a payload of {payload_bytes} bytes, {most_payload_bytes} are allowed"
            )));
        }
        let header = read_bytes(stream, header_bytes)?;
        let malformed = |what: &str| FrameError::Malformed(what.into());
        let mut values: Map<String, Value> = serde_json::from_slice(&header)
            .map_err(|error| FrameError::Malformed(format!("a header that is {error}")))?;
        let Some(Value::String(kind)) = values.remove("type") else {
            return Err(malformed("a header without a type"));
        };
        let Some(id) = values.remove("id").and_then(|id| id.as_u64()) else {
            return Err(malformed("a header without an id"));
        };
        let lengths: Vec<(String, u32)> = match values.remove("segments") {
            None => Vec::new(),
            Some(value) => serde_json::from_value(value)
                .map_err(|error| FrameError::Malformed(format!("segments that are {error}")))?,
        };
        let total = lengths.iter().map(|(_, length)| u64::from(*length)).sum::<u64>();
        if total != u64::from(payload_bytes) {
            return Err(malformed("segments that are not the payload"));
        }
        let segments = lengths
            .into_iter()
            .map(|(name, length)| Ok((name, read_bytes(stream, length)?)))
            .collect::<Result<_, FrameError>>()?;
        Ok(Self {
            kind,
            id,
            values,
            segments,
        })
    }
}

/// Reads that many bytes, and reserves memory only as they come.
fn read_bytes(stream: &mut impl Read, count: u32) -> Result<Vec<u8>, FrameError> {
    let mut bytes = Vec::new();
    stream.take(u64::from(count)).read_to_end(&mut bytes)?;
    match bytes.len() == count as usize {
        true => Ok(bytes),
        false => Err(FrameError::End),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(header: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut bytes = (header.len() as u32).to_le_bytes().to_vec();
        bytes.extend((payload.len() as u32).to_le_bytes());
        bytes.extend(header);
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn there_and_back() {
        let frame = Frame::new("evaluate", 7)
            .with("season", 3)
            .segment("parameters", b"abc")
            .segment("data", b"");
        let mut written = Vec::new();
        frame.write(&mut written).unwrap();
        assert_eq!(Frame::read(&mut written.as_slice(), 3).unwrap(), frame);
        assert!(matches!(
            Frame::read(&mut written.as_slice(), 2),
            Err(FrameError::Malformed(_))
        ));
        assert!(matches!(
            Frame::read(&mut &written[..written.len() - 1], 3),
            Err(FrameError::End)
        ));
    }

    #[test]
    fn what_is_no_frame_is_said() {
        for (header, payload, named) in [
            (&b""[..], &b""[..], "a header of 0 bytes"),
            (b"[]", b"", "a header that is"),
            (b"{}", b"", "without a type"),
            (br#"{"type":"result"}"#, b"", "without an id"),
            (br#"{"type":"result","id":-1}"#, b"", "without an id"),
            (br#"{"type":"result","id":1}"#, b"x", "not the payload"),
            (
                br#"{"type":"result","id":1,"segments":[["a",2]]}"#,
                b"x",
                "not the payload",
            ),
            (
                br#"{"type":"result","id":1,"segments":[["a",-1]]}"#,
                b"",
                "segments that are",
            ),
            (
                br#"{"type":"result","id":1,"segments":{"a":1}}"#,
                b"x",
                "segments that are",
            ),
            (br#"{"type":"result","id":1,"metric":NaN}"#, b"", "a header that is"),
        ] {
            let error = Frame::read(&mut bytes(header, payload).as_slice(), 10).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
        let nested = [b"{\"type\":".to_vec(), vec![b'['; 200_000]].concat();
        assert!(Frame::read(&mut bytes(&nested, b"").as_slice(), 10).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_frame_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Frame::read(&mut bytes.as_slice(), 100);
        }
    }
}
