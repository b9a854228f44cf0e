//! What a script puts in the way of the steps of a handshake.

use super::Peer;
use super::hellos::{ClientHello, ServerHello};
use super::wire::handshake;

/// A step of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The peer sends a handshake message of this type.
    Message(u8),
    /// The peer sends change_cipher_spec.
    ChangeCipherSpec,
}

impl From<u8> for Step {
    fn from(kind: u8) -> Self {
        Self::Message(kind)
    }
}

type Hook = Box<dyn FnOnce(&mut Peer, Vec<u8>) + Send>;
type Edit<T> = Box<dyn FnMut(&mut T) + Send>;

#[derive(Default)]
pub(super) struct Hooks {
    steps: Vec<(Step, Hook)>,
    client_hellos: Vec<Edit<ClientHello>>,
    server_hellos: Vec<Edit<ServerHello>>,
}

impl Peer {
    /// Has `replacement` run in place of a step, once. It gets the message that would have been sent, and sends what
    /// it likes, for instance that ([`Peer::send_handshake`]).
    pub fn replace(
        &mut self,
        step: impl Into<Step>,
        replacement: impl FnOnce(&mut Self, Vec<u8>) + Send + 'static,
    ) {
        self.hooks.steps.push((step.into(), Box::new(replacement)));
    }

    /// Changes the body of a message on its way, once; its header says the new length.
    pub fn change(&mut self, kind: u8, change: impl FnOnce(&mut Vec<u8>) + Send + 'static) {
        self.replace(kind, move |peer, message| {
            let mut body = message[4..].to_vec();
            change(&mut body);
            peer.send_handshake(&handshake(kind, &body));
        });
    }

    /// Runs `first` before a step, once.
    pub fn before(&mut self, step: impl Into<Step>, first: impl FnOnce(&mut Self) + Send + 'static) {
        let step = step.into();
        self.replace(step, move |peer, message| {
            first(peer);
            peer.step(step, message);
        });
    }

    /// Runs `then` behind a step, once.
    pub fn after(&mut self, step: impl Into<Step>, then: impl FnOnce(&mut Self) + Send + 'static) {
        let step = step.into();
        self.replace(step, move |peer, message| {
            peer.step(step, message);
            then(peer);
        });
    }

    /// Leaves a step out.
    pub fn skip(&mut self, step: impl Into<Step>) {
        self.replace(step, |_, _| {});
    }

    /// Changes every ClientHello before it is sent; PSK binders are made afterwards.
    pub fn edit_client_hello(&mut self, edit: impl FnMut(&mut ClientHello) + Send + 'static) {
        self.hooks.client_hellos.push(Box::new(edit));
    }

    /// Changes every ServerHello and HelloRetryRequest before it is sent.
    pub fn edit_server_hello(&mut self, edit: impl FnMut(&mut ServerHello) + Send + 'static) {
        self.hooks.server_hellos.push(Box::new(edit));
    }

    pub(super) fn edited_client_hello(&mut self, mut hello: ClientHello) -> ClientHello {
        for edit in &mut self.hooks.client_hellos {
            edit(&mut hello);
        }
        hello
    }

    pub(super) fn edited_server_hello(&mut self, mut hello: ServerHello) -> ServerHello {
        for edit in &mut self.hooks.server_hellos {
            edit(&mut hello);
        }
        hello
    }

    /// Does a step, or what stands in its place.
    pub(super) fn step(&mut self, step: Step, message: Vec<u8>) {
        if let Some(index) = self.hooks.steps.iter().position(|(known, _)| *known == step) {
            let (_, hook) = self.hooks.steps.remove(index);
            return hook(self, message);
        }
        match step {
            Step::Message(_) => self.send_handshake(&message),
            Step::ChangeCipherSpec => self.send_change_cipher_spec(),
        }
    }

    /// Sends a message of the handshake as a step of its own.
    pub(super) fn step_message(&mut self, message: Vec<u8>) {
        self.step(Step::Message(message[0]), message);
    }
}
