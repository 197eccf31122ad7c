//! `doin_explainError`: what an error means and what to do about it.
//!
//! The errors of pallets are read from the metadata of the runtime at the block that is asked about: name, numbers and
//! the comment that stands above the error in the source. The list can therefore never fall out of step with the chain.
//! Where the comment is the SDK's, which states a cause only, [`sdk`] adds the remedy. Errors outside of pallets
//! (transaction pool, validity, dispatch) are in [`pool`] and [`sdk`].

pub mod pool;
pub mod sdk;

use codec::Decode;
use frame_metadata::{v14::RuntimeMetadataV14, RuntimeMetadata, RuntimeMetadataPrefixed};
use scale_info::TypeDef;
use serde::{Deserialize, Serialize};

/// A parameter of `doin_explainError`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Asked {
    /// The number of a pallet or an error, or a code.
    Number(i64),
    /// A name, a message, or the encoded error of a pallet (`0x03000000`).
    Text(String),
}

impl Asked {
    /// The index of a pallet or of its error: a number, or four encoded bytes of which the first is the index.
    fn index(&self) -> Option<u8> {
        match self {
            Asked::Number(number) => u8::try_from(*number).ok(),
            Asked::Text(text) => match text.strip_prefix("0x") {
                Some(digits) => hex::decode(digits).ok()?.first().copied(),
                None => text.parse().ok(),
            },
        }
    }
}

/// The parameters, as a message names them.
pub fn describe(what: &Asked, error: Option<&Asked>) -> String {
    let one = |asked: &Asked| match asked {
        Asked::Number(number) => number.to_string(),
        Asked::Text(text) => format!("\"{text}\""),
    };
    match error {
        None => one(what),
        Some(error) => format!("{}, {}", one(what), one(error)),
    }
}

/// Where an error comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// A pallet: the transaction was included and failed.
    Pallet,
    /// The dispatch of a call, outside of any pallet: the transaction was included and failed.
    Dispatch,
    /// The validity check: the transaction was not included.
    Validity,
    /// The transaction pool of the node that was asked: the transaction was not accepted there.
    Pool,
}

/// An error with its cause and remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Where it comes from.
    pub origin: Origin,
    /// Its name: `Pallet::Error` for pallets.
    pub name: String,
    /// The pallet's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pallet_index: Option<u8>,
    /// The error's number in its pallet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_index: Option<u8>,
    /// The code of the JSON-RPC error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// What happened.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

/// Splits a comment into cause and remedy: at the word `Remedy:` where it stands, else after the first sentence.
fn split(comment: &str) -> (String, String) {
    let text = comment.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = |at: usize, skip: usize| {
        let (cause, remedy) = text.split_at(at);
        (
            cause.trim().to_string(),
            remedy.get(skip..).unwrap_or("").trim().to_string(),
        )
    };
    if let Some(at) = text.find("Remedy:") {
        return cut(at, "Remedy:".len());
    }
    // After the first sentence; in a single sentence, after its colon or semicolon.
    let boundary = text
        .find(". ")
        .or_else(|| [": ", "; "].iter().filter_map(|mark| text.find(mark)).min());
    match boundary {
        Some(at) => cut(at + 1, 0),
        None => (text, String::new()),
    }
}

/// All errors that can be explained.
pub struct Catalogue {
    pallets: Vec<(u8, String)>,
    entries: Vec<Explanation>,
}

impl Catalogue {
    /// The catalogue of the runtime whose encoded metadata these are (any version that decodes as version 14).
    pub fn from_metadata(mut encoded: &[u8]) -> Result<Self, String> {
        let prefixed = RuntimeMetadataPrefixed::decode(&mut encoded).map_err(|error| error.to_string())?;
        match prefixed.1 {
            RuntimeMetadata::V14(metadata) => Ok(Self::from_v14(&metadata)),
            other => Err(format!("it is version {}, and 14 is expected", other.version())),
        }
    }

    /// The catalogue of a runtime.
    pub fn from_v14(metadata: &RuntimeMetadataV14) -> Self {
        let mut pallets = Vec::new();
        let mut entries = Vec::new();
        for pallet in &metadata.pallets {
            let Some(error) = &pallet.error else { continue };
            let Some(ty) = metadata.types.resolve(error.ty.id) else {
                continue;
            };
            let TypeDef::Variant(variants) = &ty.type_def else {
                continue;
            };
            pallets.push((pallet.index, pallet.name.clone()));
            for variant in &variants.variants {
                let name = format!("{}::{}", pallet.name, variant.name);
                let (mut cause, mut remedy) = split(&variant.docs.join(" "));
                if let Some(known) = sdk::remedy(&name) {
                    cause = variant.docs.join(" ").trim().into();
                    remedy = known.into();
                }
                entries.push(Explanation {
                    origin: Origin::Pallet,
                    name,
                    pallet_index: Some(pallet.index),
                    error_index: Some(variant.index),
                    code: None,
                    cause,
                    remedy,
                });
            }
        }
        entries.extend(sdk::dispatch_errors());
        entries.extend(pool::validity_errors());
        entries.extend(pool::pool_errors());
        Self { pallets, entries }
    }

    /// All errors.
    pub fn entries(&self) -> &[Explanation] {
        &self.entries
    }

    /// The pallets that have errors.
    pub fn pallets(&self) -> Vec<(u8, String)> {
        self.pallets.clone()
    }

    /// The errors that are meant; none when the catalogue has no such error.
    pub fn explain(&self, what: &Asked, error: Option<&Asked>) -> Vec<Explanation> {
        match (what, error) {
            // A pallet's number and its error's, as in DispatchError::Module.
            (what, Some(error)) if what.index().is_some() && error.index().is_some() => {
                self.select(|entry| entry.pallet_index == what.index() && entry.error_index == error.index())
            }
            // The code of a refused transaction and the data that came with it.
            (Asked::Number(code), Some(Asked::Text(data))) => {
                let named = self.named(data);
                match named.is_empty() {
                    true => self.coded(*code),
                    false => named,
                }
            }
            (Asked::Text(pallet), Some(Asked::Text(name))) => self.named(&format!("{pallet}::{name}")),
            (Asked::Number(code), _) => self.coded(*code),
            (Asked::Text(text), _) => self.text(text),
        }
    }

    fn select(&self, wanted: impl Fn(&Explanation) -> bool) -> Vec<Explanation> {
        self.entries.iter().filter(|entry| wanted(entry)).cloned().collect()
    }

    fn coded(&self, code: i64) -> Vec<Explanation> {
        self.select(|entry| entry.code.map(i64::from) == Some(code))
    }

    /// By name, with or without the pallet (several pallets may have an error of one name), or by the SDK's message.
    fn named(&self, name: &str) -> Vec<Explanation> {
        let wanted = name.trim().replace('.', "::").to_lowercase();
        let exact = self.select(|entry| entry.name.to_lowercase() == wanted);
        if !exact.is_empty() {
            return exact;
        }
        let message = pool::by_message(name);
        self.select(|entry| {
            let last = entry.name.rsplit("::").next().unwrap_or(&entry.name);
            last.to_lowercase() == wanted || Some(entry.name.as_str()) == message
        })
    }

    /// By a name, by a code in digits, or by a whole message such as `1010: Invalid Transaction: Transaction is outdated`.
    fn text(&self, text: &str) -> Vec<Explanation> {
        let named = self.named(text);
        if !named.is_empty() {
            return named;
        }
        let mut parts = text.splitn(2, ':').map(str::trim);
        let code: Option<i64> = parts.next().and_then(|first| first.parse().ok());
        let Some(code) = code else { return Vec::new() };
        let detail = parts
            .next()
            .and_then(|rest| rest.split_once(':'))
            .map(|(_, detail)| self.named(detail));
        match detail {
            Some(found) if !found.is_empty() => found,
            _ => self.coded(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_split_into_cause_and_remedy() {
        let split = |text| {
            let (cause, remedy) = super::split(text);
            format!("{cause}|{remedy}")
        };
        assert_eq!(split("Too early. Remedy: wait a block."), "Too early.|wait a block.");
        assert_eq!(split(" Too early.  Wait\n a block. "), "Too early.|Wait a block.");
        assert_eq!(split("Too early: wait a block."), "Too early:|wait a block.");
        assert_eq!(
            split("Too early: not open. Wait; or not."),
            "Too early: not open.|Wait; or not."
        );
        assert_eq!(split("Too early."), "Too early.|");
    }

    #[test]
    fn indices_are_read_from_numbers_and_encoded_errors() {
        assert_eq!(Asked::Number(3).index(), Some(3));
        assert_eq!(Asked::Number(1010).index(), None);
        assert_eq!(Asked::Text("0x03000000".into()).index(), Some(3));
        assert_eq!(Asked::Text("3".into()).index(), Some(3));
        assert_eq!(Asked::Text("Stale".into()).index(), None);
    }

    #[test]
    fn refused_transactions_are_explained_by_code_name_and_message() {
        let catalogue = Catalogue {
            pallets: Vec::new(),
            entries: pool::pool_errors().into_iter().chain(pool::validity_errors()).collect(),
        };
        let names = |what: Asked, error: Option<Asked>| -> Vec<String> {
            catalogue
                .explain(&what, error.as_ref())
                .into_iter()
                .map(|found| found.name)
                .collect()
        };
        let text = |text: &str| Asked::Text(text.into());
        assert_eq!(names(Asked::Number(1014), None), ["TooLowPriority"]);
        assert_eq!(
            names(text("1014: Priority is too low: (1 vs 1)"), None),
            ["TooLowPriority"]
        );
        assert_eq!(names(text("Stale"), None), ["InvalidTransaction::Stale"]);
        assert_eq!(
            names(text("1010: Invalid Transaction: Transaction is outdated"), None),
            ["InvalidTransaction::Stale"]
        );
        assert_eq!(
            names(Asked::Number(1010), Some(text("Transaction is outdated"))),
            ["InvalidTransaction::Stale"]
        );
        assert!(names(Asked::Number(1010), None).len() > 5);
        assert_eq!(names(text("nonsense"), None), Vec::<String>::new());
        assert_eq!(names(Asked::Number(-1), None), Vec::<String>::new());
    }
}
