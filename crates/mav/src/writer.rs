//! Messages → frames.

use crate::common::MavMessage;
use crate::signing::Key;
use crate::{HEADER, SIGNATURE, SIGNED, STX};
use mavlink::{MavlinkVersion, Message as _, calculate_crc};

/// Makes the frames of one sender on one link.
#[derive(Clone, Debug)]
pub struct Writer {
    system: u8,
    component: u8,
    sequence: u8,
    key: Option<(Key, u8)>,
    last_stamp: u64,
}

impl Writer {
    /// For a sender; a key, with a number for the link, signs everything.
    pub fn new(system: u8, component: u8, key: Option<(Key, u8)>) -> Self {
        Self {
            system,
            component,
            sequence: 0,
            key,
            last_stamp: 0,
        }
    }

    /// The frame of a message; `stamp` is now in the unit of signatures
    /// ([`crate::stamp_of_unix_us`]) and never goes back within a writer.
    pub fn frame(&mut self, message: &MavMessage, stamp: u64) -> Vec<u8> {
        let mut payload = [0u8; 255];
        let length = message.ser(MavlinkVersion::V2, &mut payload).min(255);
        let id = message.message_id();
        let [a, b, c, _] = id.to_le_bytes();
        let flags = if self.key.is_some() { SIGNED } else { 0 };
        let mut frame = Vec::with_capacity(HEADER + length + 2 + SIGNATURE);
        frame.extend([STX, length as u8, flags, 0, self.sequence]);
        frame.extend([self.system, self.component, a, b, c]);
        frame.extend(&payload[..length]);
        let crc = calculate_crc(&frame[1..], MavMessage::extra_crc(id));
        frame.extend(crc.to_le_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        if let Some((key, link)) = &self.key {
            // Each frame needs a time of its own, or it is taken for a repetition.
            self.last_stamp = stamp.max(self.last_stamp + 1);
            frame.push(*link);
            frame.extend(&self.last_stamp.to_le_bytes()[..6]);
            let signature = key.sign(&frame);
            frame.extend(signature);
        }
        frame
    }
}
