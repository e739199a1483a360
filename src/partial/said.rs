//! Why something was not read, as a partial keeps it: in English for whoever asks with SQL, and as a message of ours, so that the joined report
//! says it in its own language.

use serde::{Deserialize, Serialize};

use crate::lang::Saying;

/// A sentence as JSON: a text, several sentences, or a message with what fills it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Document {
    Quoted(String),
    Several(Vec<Document>),
    Ours {
        key: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        values: Vec<(String, Document)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
}

/// The document of a sentence.
pub fn encode(saying: &Saying) -> Vec<u8> {
    serde_json::to_vec(&Document::of(saying)).unwrap_or_default()
}

/// The sentence of a row; in English, where its message is not known here.
pub fn decode(text: Option<&str>, bytes: Option<&[u8]>) -> Option<Saying> {
    let document = bytes.and_then(|b| serde_json::from_slice::<Document>(b).ok());
    document.and_then(Document::said).or_else(|| text.map(Saying::from))
}

impl Document {
    fn of(saying: &Saying) -> Self {
        match saying {
            Saying::Quoted(text) => Document::Quoted(text.clone()),
            Saying::Several(all) => Document::Several(all.iter().map(Document::of).collect()),
            Saying::Ours { key, values, n } => Document::Ours {
                key: (*key).to_owned(),
                values: values.iter().map(|(name, v)| ((*name).to_owned(), Document::of(v))).collect(),
                n: *n,
            },
        }
    }

    fn said(self) -> Option<Saying> {
        Some(match self {
            Document::Quoted(text) => Saying::Quoted(text),
            Document::Several(all) => Saying::Several(all.into_iter().map(Document::said).collect::<Option<_>>()?),
            Document::Ours { key, values, n } => {
                let values = values.into_iter().map(|(name, v)| Some((name, v.said()?))).collect::<Option<_>>()?;
                Saying::named(&key, values, n)?
            }
        })
    }
}
