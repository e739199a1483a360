//! What is to be delivered. The transaction that decides a report or a notification also puts it here; it is taken out when it
//! has arrived. What is in here survives anything that the database survives.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::machine::IncidentId;
use super::notification::Notification;

/// Where something goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The folder of reports.
    Folder,
    /// The reports' place in S3.
    S3,
    /// A receiver of notifications, by its label.
    Receiver(String),
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Channel::Folder => "folder",
            Channel::S3 => "s3",
            Channel::Receiver(label) => label,
        })
    }
}

/// A report, rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// As Markdown.
    pub markdown: String,
    /// As JSON.
    pub json: String,
}

/// What is delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parcel {
    /// A report under a name without its extension; a newer one of the same incident replaces it.
    Report {
        /// The name.
        name: String,
        /// The text.
        draft: Draft,
    },
    /// A notification.
    Notification(Box<Notification>),
}

/// One thing to deliver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Where it goes.
    pub channel: Channel,
    /// What it is about.
    pub incident: IncidentId,
    /// Its number: what was queued first goes first.
    pub queued: i64,
    /// When it was queued.
    pub at: i64,
    /// What it is.
    pub parcel: Parcel,
}

impl Item {
    /// Its key: one report of an incident at a time, and each notification once.
    pub fn key(&self) -> String {
        match &self.parcel {
            Parcel::Report { .. } => format!("{}/{}", self.channel, self.incident),
            Parcel::Notification(n) => format!("{}/{}", self.channel, n.key),
        }
    }
}
