//! Looks through the bytes of a protobuf message before it is decoded, so that a small file cannot ask for much memory.
//!
//! A decoded message may take hundreds of times the two bytes that an empty one takes in the file. Only the messages of ONNX that may
//! occur many times are walked; anything malformed is left to the decoder, which says what is wrong.

/// Most messages (nodes, attributes, tensors, types) in a file.
const MOST_MESSAGES: usize = 200_000;
/// Most texts in lists, e.g. of words, classes and kinds of tree nodes.
const MOST_TEXTS: usize = 20_000_000;
/// Deepest nesting of messages.
const DEEPEST: usize = 20;

/// A kind of message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    Shape,
    Small,
    /// A text in a list.
    Text,
}

/// What a field of a message holds, when it may occur many times or holds what does.
fn held(kind: Kind, field: u64) -> Option<Kind> {
    Some(match (kind, field) {
        (Kind::Model, 7) => Kind::Graph,
        (Kind::Model, 8 | 14 | 20 | 25) | (Kind::Graph, 14 | 15) | (Kind::Attribute, 22 | 23) | (Kind::Tensor, 13) | (Kind::Shape, 1) => Kind::Small,
        (Kind::Graph, 1) => Kind::Node,
        (Kind::Graph, 5) | (Kind::Attribute, 5 | 10) => Kind::Tensor,
        (Kind::Graph, 11..=13) => Kind::Value,
        (Kind::Node, 5) => Kind::Attribute,
        (Kind::Node, 1 | 2) | (Kind::Attribute, 9) | (Kind::Tensor, 6) => Kind::Text,
        (Kind::Attribute, 6 | 11) => Kind::Graph,
        (Kind::Value, 2) | (Kind::Attribute, 14 | 15) => Kind::Type,
        (Kind::Type, 1) => Kind::TensorType,
        (Kind::TensorType, 2) => Kind::Shape,
        _ => return None,
    })
}

/// What was counted.
#[derive(Default)]
struct Count {
    messages: usize,
    texts: usize,
}

/// Why a file is not decoded, if it is not.
pub(super) fn excess(bytes: &[u8]) -> Option<&'static str> {
    let mut count = Count::default();
    walk(bytes, Kind::Model, 0, &mut count).err()
}

fn walk(bytes: &[u8], kind: Kind, depth: usize, count: &mut Count) -> Result<(), &'static str> {
    if depth > DEEPEST {
        return Err("messages within messages, too deep to be a model");
    }
    let mut at = 0;
    while at < bytes.len() {
        let Some(key) = varint(bytes, &mut at) else { return Ok(()) };
        let length = match key & 7 {
            0 => {
                if varint(bytes, &mut at).is_none() {
                    return Ok(());
                }
                continue;
            }
            1 => 8,
            2 => match varint(bytes, &mut at) {
                Some(length) => length,
                None => return Ok(()),
            },
            5 => 4,
            _ => return Ok(()),
        };
        let end = usize::try_from(length).ok().and_then(|length| at.checked_add(length)).filter(|end| *end <= bytes.len());
        let Some(end) = end else { return Ok(()) };
        match held(kind, key >> 3).filter(|_| key & 7 == 2) {
            Some(Kind::Text) => {
                count.texts += 1;
                if count.texts > MOST_TEXTS {
                    return Err("more than 20 million texts");
                }
            }
            Some(inner) => {
                count.messages += 1;
                if count.messages > MOST_MESSAGES {
                    return Err("more than 200,000 nodes, attributes and tensors");
                }
                if inner != Kind::Small {
                    walk(&bytes[at..end], inner, depth + 1, count)?;
                }
            }
            None => {}
        }
        at = end;
    }
    Ok(())
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        let mut length = content.len();
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend_from_slice(content);
        bytes
    }

    #[test]
    fn many_empty_messages_are_refused_before_they_are_made() {
        let nodes = field(1, b"").repeat(MOST_MESSAGES + 1);
        assert!(excess(&field(7, &nodes)).unwrap().contains("nodes"));
        assert_eq!(excess(&field(7, &field(1, b"").repeat(1000))), None);
        let strings = field(9, b"").repeat(MOST_TEXTS + 1);
        assert!(excess(&field(7, &field(1, &field(5, &strings)))).unwrap().contains("texts"));
        let mut deep = Vec::new();
        for _ in 0..30 {
            deep = field(1, &field(5, &field(6, &deep)));
        }
        assert!(excess(&field(7, &deep)).unwrap().contains("deep"));
    }

    #[test]
    fn anything_goes_to_the_decoder() {
        for bytes in [&b""[..], b"\x80", b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x3a\x05\x0a", b"\x80\x04\x95pickle", &[0xff; 64]] {
            assert_eq!(excess(bytes), None);
        }
    }
}
