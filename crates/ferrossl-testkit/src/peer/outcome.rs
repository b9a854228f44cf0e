//! What has come of a conversation.

use ferrossl::Error;

use super::wire::{alert, content};
use super::{Peer, Received, Stopped};

/// An alert that the connection has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// 1 for a warning, 2 for an error.
    pub level: u8,
    /// What it says.
    pub description: u8,
    /// Whether it was protected.
    pub sealed: bool,
}

/// What has come of a conversation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the connection has failed with.
    pub error: Option<Error>,
    /// Whether the connection's handshake is done.
    pub done: bool,
    /// Whether the connection has told its reader that the peer has closed.
    pub closed: bool,
    /// The data that the connection has given to its reader.
    pub delivered: Vec<u8>,
    /// Everything that the connection has sent, opened.
    pub records: Vec<Received>,
    /// The alerts among them.
    pub alerts: Vec<Alert>,
    /// What kept the script from its end.
    pub stopped: Option<Stopped>,
}

impl Outcome {
    /// The connection's first fatal alert.
    #[must_use]
    pub fn alert(&self) -> Option<u8> {
        self.alerts.iter().find(|one| one.level == alert::FATAL).map(|one| one.description)
    }

    /// OpenSSL's name of what the connection has failed with; empty when it has not, or without such a name.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.error.as_ref().and_then(|error| error.report().reason).map_or("", |reason| reason.name)
    }

    /// The data that the connection has sent.
    #[must_use]
    pub fn data(&self) -> Vec<u8> {
        let is_data = |record: &&Received| record.sealed && record.content_type == content::APPLICATION_DATA;
        let data = self.records.iter().filter(is_data);
        data.flat_map(|record| record.contents.clone()).collect()
    }

    /// Whether the connection is up and has complained of nothing.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.done && self.error.is_none() && self.alert().is_none() && self.stopped.is_none()
    }
}

impl Peer {
    /// Lets the connection take and answer everything, and says what has come of it so far.
    pub fn outcome(&mut self) -> Outcome {
        self.settle();
        Outcome {
            error: self.error.clone(),
            done: self.connection.negotiated().is_some(),
            closed: self.closed,
            delivered: self.delivered.clone(),
            records: self.records.clone(),
            alerts: self.alerts(),
            stopped: None,
        }
    }

    /// The alerts that the connection has sent so far.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        let alerts = self.records.iter().filter(|record| record.content_type == content::ALERT);
        alerts
            .filter_map(|record| match record.contents[..] {
                [level, description] => Some(Alert { level, description, sealed: record.sealed }),
                _ => None,
            })
            .collect()
    }

    /// The data that the connection has given to its reader since the last time.
    pub fn take_delivered(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.delivered)
    }
}
