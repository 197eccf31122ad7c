//! `doin_infer`: queries to the best verified models.

use crate::{BestView, Error};
use doin_primitives::artifact::ArtifactReference;
use serde::Serialize;
use serde_json::value::RawValue;

/// What answers queries: the node's worker.
pub trait Models: Send + Sync + 'static {
    /// The answer of the model with these parameters. May block for seconds.
    ///
    /// # Errors
    ///
    /// [`Error::NotServed`], [`Error::Busy`], [`Error::MissingParameters`], [`Error::BadInput`], [`Error::Inference`].
    fn infer(&self, domain: &str, parameters: ArtifactReference, input: &[u8]) -> Result<Vec<u8>, Error>;
}

/// `doin_infer`.
#[derive(Clone, Debug, Serialize)]
pub struct InferView {
    /// The block whose best has answered.
    pub block: String,
    /// That best: who asks can see which model it was, and how good it was found to be.
    pub best: BestView,
    /// The answer: the domain's JSON as it is, other bytes as `0x` and hexadecimal digits.
    pub output: Box<RawValue>,
}

/// The bytes of an input: those behind `0x`, or the JSON text itself.
pub(crate) fn input(input: &RawValue) -> Result<Vec<u8>, Error> {
    match input.get().strip_prefix("\"0x").and_then(|rest| rest.strip_suffix('"')) {
        Some(digits) => hex::decode(digits).map_err(|error| Error::BadInput(format!("no hexadecimal digits: {error}"))),
        None => Ok(input.get().as_bytes().to_vec()),
    }
}

/// The domain's output as JSON, with all its digits.
pub(crate) fn output(bytes: Vec<u8>) -> Result<Box<RawValue>, Error> {
    let json = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| serde_json::from_str(text).ok());
    match json {
        Some(json) => Ok(json),
        None => RawValue::from_string(format!("\"0x{}\"", hex::encode(bytes)))
            .map_err(|error| Error::Inference(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.into()).expect("JSON")
    }

    #[test]
    fn json_and_bytes_go_through_as_they_are() {
        for text in [
            r#"{"windows":[[0.1000000000000000055,2]]}"#,
            "[1e300]",
            r#""text""#,
            "null",
        ] {
            assert_eq!(input(&raw(text)), Ok(text.as_bytes().to_vec()));
            assert_eq!(output(text.into()).expect("JSON").get(), text);
        }
        assert_eq!(input(&raw(r#""0x00ff""#)), Ok(vec![0, 255]));
        assert!(matches!(input(&raw(r#""0x0g""#)), Err(Error::BadInput(_))));
        for bytes in [vec![0xff, 0], b"{".to_vec(), vec![]] {
            let shown = output(bytes.clone()).expect("bytes can be shown");
            assert_eq!(input(&shown), Ok(bytes));
        }
    }
}
