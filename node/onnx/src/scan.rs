//! The structure of a model file, found without building anything of it.
//!
//! A Protocol Buffers message of a mebibyte can hold half a million nodes, or graphs nested so deep that a decoder that
//! calls itself overruns its stack. A text or a weight of four bytes can say that it has a terabyte, for which the decoder
//! makes room before it looks whether there is so much. So this looks first. It follows the fields that the decoder
//! follows, and no others.

use crate::ModelError;

/// Most levels of messages within messages. Each graph within a graph (a loop's body, say) takes three.
pub const MOST_DEPTH: usize = 32;
/// Most messages for each node that is allowed: attributes, weights and descriptions of values.
const MESSAGES_FOR_EACH_NODE: u64 = 64;

/// What a model file contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Nodes, those of graphs within the graph included.
    pub nodes: u64,
    /// Messages.
    pub messages: u64,
    /// The deepest level of messages within messages.
    pub depth: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    ValueInfo,
    Type,
    Sequence,
    TensorType,
    Shape,
    Tensor,
    /// Numbers and texts only.
    Leaf,
}

impl Kind {
    /// The message in a field; `None` where the field is no message, or is skipped by the decoder.
    fn field(self, number: u64) -> Option<Kind> {
        Some(match (self, number) {
            (Kind::Model, 7) | (Kind::Attribute, 6) => Kind::Graph,
            (Kind::Graph, 1) => Kind::Node,
            (Kind::Node, 5) => Kind::Attribute,
            (Kind::Graph, 11..=13) => Kind::ValueInfo,
            (Kind::ValueInfo, 2) | (Kind::Sequence, 1) => Kind::Type,
            (Kind::Type, 4) => Kind::Sequence,
            (Kind::Graph | Kind::Attribute, 5) => Kind::Tensor,
            (Kind::Type, 1) => Kind::TensorType,
            (Kind::TensorType, 2) => Kind::Shape,
            // Operator sets and metadata; places of weights in other files; dimensions.
            (Kind::Model, 8 | 14) | (Kind::Tensor, 13) | (Kind::Shape, 1) => Kind::Leaf,
            _ => return None,
        })
    }
}

/// Reads the structure of a model file, in one pass and constant memory.
///
/// # Errors
///
/// [`ModelError::Malformed`] when it is no Protocol Buffers message, [`ModelError::TooComplex`] when it has more than
/// `most_nodes` nodes, 64 times as many messages, or more than [`MOST_DEPTH`] levels.
pub fn scan(bytes: &[u8], most_nodes: u32) -> Result<Contents, ModelError> {
    let most_messages = u64::from(most_nodes).saturating_mul(MESSAGES_FOR_EACH_NODE);
    let mut reader = Reader { bytes, place: 0 };
    let mut contents = Contents::default();
    // The messages that are open, with their ends.
    let mut open = vec![(Kind::Model, bytes.len())];
    while let Some(&(kind, end)) = open.last() {
        if reader.place == end {
            open.pop();
            continue;
        }
        let key = reader.varint(end)?;
        match key & 7 {
            0 => drop(reader.varint(end)?),
            1 => reader.skip(8, end)?,
            5 => reader.skip(4, end)?,
            2 => {
                let length = usize::try_from(reader.varint(end)?).map_err(|_| cut())?;
                let inner = match kind.field(key >> 3) {
                    None => {
                        reader.skip(length, end)?;
                        continue;
                    }
                    Some(inner) => inner,
                };
                let inner_end = reader.end_of(length, end)?;
                contents.messages += 1;
                contents.nodes += u64::from(inner == Kind::Node);
                contents.depth = contents.depth.max(open.len());
                if contents.nodes > u64::from(most_nodes) {
                    return Err(ModelError::TooComplex(format!("more than {most_nodes} nodes")));
                }
                if contents.messages > most_messages {
                    return Err(ModelError::TooComplex(format!("more than {most_messages} parts")));
                }
                if open.len() > MOST_DEPTH {
                    return Err(ModelError::TooComplex(format!(
                        "more than {MOST_DEPTH} levels of graphs"
                    )));
                }
                open.push((inner, inner_end));
            }
            other => return Err(ModelError::Malformed(format!("a field of wire type {other}"))),
        }
    }
    Ok(contents)
}

fn cut() -> ModelError {
    ModelError::Malformed("a field goes beyond the end".into())
}

struct Reader<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl Reader<'_> {
    fn end_of(&self, length: usize, end: usize) -> Result<usize, ModelError> {
        self.place
            .checked_add(length)
            .filter(|inner| *inner <= end)
            .ok_or_else(cut)
    }

    fn skip(&mut self, length: usize, end: usize) -> Result<(), ModelError> {
        self.place = self.end_of(length, end)?;
        Ok(())
    }

    fn varint(&mut self, end: usize) -> Result<u64, ModelError> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = *self
                .bytes
                .get(self.place)
                .filter(|_| self.place < end)
                .ok_or_else(cut)?;
            self.place += 1;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(ModelError::Malformed("a number of more than ten bytes".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A field that holds `inner`.
    fn field(number: u8, inner: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        let mut length = inner.len();
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend_from_slice(inner);
        bytes
    }

    /// A model whose graphs are nested `levels` deep.
    fn nested(levels: usize) -> Vec<u8> {
        let mut graph = Vec::new();
        for _ in 1..levels {
            graph = field(1, &field(5, &field(6, &graph)));
        }
        field(7, &graph)
    }

    #[test]
    fn graphs_within_graphs_are_counted_and_bounded() {
        let contents = scan(&nested(3), 100).unwrap();
        assert_eq!((contents.nodes, contents.messages, contents.depth), (2, 7, 7));
        assert!(scan(&nested(11), 100).is_ok());
        for levels in [12, 100, 2_000] {
            let error = scan(&nested(levels), 1_000_000).unwrap_err();
            assert!(matches!(error, ModelError::TooComplex(_)), "{error}");
        }
        // Types within types.
        let mut inner = Vec::new();
        for _ in 0..1_000 {
            inner = field(4, &field(1, &inner));
        }
        let types = field(7, &field(11, &field(2, &inner)));
        assert!(matches!(scan(&types, 1_000), Err(ModelError::TooComplex(_))));
    }

    #[test]
    fn many_nodes_or_many_weights_are_refused() {
        let graph: Vec<u8> = (0..1_000).flat_map(|_| field(1, &[])).collect();
        assert_eq!(scan(&field(7, &graph), 1_000).unwrap().nodes, 1_000);
        assert!(matches!(scan(&field(7, &graph), 999), Err(ModelError::TooComplex(_))));
        let weights: Vec<u8> = (0..1_000).flat_map(|_| field(5, &[])).collect();
        assert!(scan(&field(7, &weights), 16).is_ok());
        assert!(matches!(scan(&field(7, &weights), 15), Err(ModelError::TooComplex(_))));
    }

    #[test]
    fn what_is_cut_or_no_message_is_refused() {
        for bytes in [
            &[0x3a][..],
            &[0x3a, 5],
            &[0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            &[0x0b],
            &[0x0c],
            &[0x09, 1, 2],
            // The inner message is longer than the outer one.
            &[0x3a, 2, 0x0a, 9],
            // A weight of three bytes whose data are said to have nine.
            &[0x3a, 4, 0x2a, 2, 0x4a, 9],
        ] {
            assert!(matches!(scan(bytes, 10), Err(ModelError::Malformed(_))), "{bytes:?}");
        }
        assert_eq!(scan(&[], 0), Ok(Contents::default()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(contents) = scan(&bytes, 20) {
                prop_assert!(contents.nodes <= 20 && contents.depth <= MOST_DEPTH);
                prop_assert!(contents.messages <= bytes.len() as u64 / 2);
            }
        }
    }
}
