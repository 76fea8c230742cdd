//! Datagrams that overtook each other, put back into their order by the continuity counters of the
//! transport packets in them (ISO/IEC 13818-1, 2.4.3.3).
//!
//! A datagram that leaves a gap waits for what may fill it: for three more datagrams at most, or a
//! pause. What does not fit after that is passed on as it came.

use std::collections::VecDeque;

use crate::transport::{PACKET, in_sync};

/// Datagrams that wait at most.
const DEPTH: usize = 3;
/// Carries nothing.
const NULL: u16 = 0x1FFF;

/// Puts datagrams into order.
pub(super) struct Reorder {
    /// The last counter of each packet identifier.
    last: Vec<Option<u8>>,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    datagram: Vec<u8>,
    /// Datagrams that came after it and went before it.
    overtaken: usize,
}

impl Reorder {
    pub(super) fn new() -> Self {
        Self {
            last: vec![None; usize::from(NULL) + 1],
            waiting: VecDeque::new(),
        }
    }

    /// Takes a datagram; `pass` gets what is in order. Says false when `pass` did.
    pub(super) fn push(&mut self, datagram: &[u8], mut pass: impl FnMut(&[u8]) -> bool) -> bool {
        if self.waiting.is_empty() && self.follows(datagram) {
            self.note(datagram);
            return pass(datagram);
        }
        self.waiting.push_back(Waiting {
            datagram: datagram.to_vec(),
            overtaken: 0,
        });
        while let Some(next) = self.next() {
            if !pass(&next) {
                return false;
            }
        }
        true
    }

    /// Nothing comes at the moment: what waits is passed on as it came.
    pub(super) fn flush(&mut self, mut pass: impl FnMut(&[u8]) -> bool) -> bool {
        while let Some(waiting) = self.waiting.pop_front() {
            self.note(&waiting.datagram);
            if !pass(&waiting.datagram) {
                return false;
            }
        }
        true
    }

    /// Of what waits, that whose turn it is.
    fn next(&mut self) -> Option<Vec<u8>> {
        let fits = |w: &Waiting| self.follows(&w.datagram);
        if let Some(n) = self.waiting.iter().position(fits) {
            let before = self.waiting.iter_mut().take(n);
            before.for_each(|w| w.overtaken += 1);
            let datagram = self.waiting.remove(n)?.datagram;
            self.note(&datagram);
            return Some(datagram);
        }
        // Others went on without it: it came too late, and the counters stay where they are.
        let late = self.waiting.iter().position(|w| w.overtaken >= DEPTH);
        if let Some(n) = late {
            return Some(self.waiting.remove(n)?.datagram);
        }
        // Nothing goes on: what is missing is lost.
        if self.waiting.len() <= DEPTH {
            return None;
        }
        let datagram = self.waiting.pop_front()?.datagram;
        self.note(&datagram);
        Some(datagram)
    }

    /// Whether nothing is missing before a datagram.
    fn follows(&self, datagram: &[u8]) -> bool {
        let mut seen = [NULL; 8];
        for (n, (pid, counter, jumps)) in counters(datagram).enumerate() {
            if jumps || seen.contains(&pid) {
                continue;
            }
            if let Some(place) = seen.get_mut(n) {
                *place = pid;
            }
            let step = self.last[usize::from(pid)].map(|last| counter.wrapping_sub(last) & 0x0F);
            // The same once more is a repetition, which is allowed.
            if !matches!(step, None | Some(0 | 1)) {
                return false;
            }
        }
        true
    }

    fn note(&mut self, datagram: &[u8]) {
        for (pid, counter, _) in counters(datagram) {
            self.last[usize::from(pid)] = Some(counter);
        }
    }
}

/// Identifier, counter and whether the counter may jump, of packets that count.
fn counters(datagram: &[u8]) -> impl Iterator<Item = (u16, u8, bool)> {
    datagram
        .chunks_exact(PACKET)
        .filter(|p| in_sync(p) && p[3] & 0x10 != 0)
        .map(|p| {
            let pid = u16::from(p[1] & 0x1F) << 8 | u16::from(p[2]);
            let jumps = p[3] & 0x20 != 0 && p[4] > 0 && p[5] & 0x80 != 0;
            (pid, p[3] & 0x0F, jumps)
        })
        .filter(|(pid, ..)| *pid != NULL)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A datagram of two packets of video and one of metadata.
    fn datagram(n: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (pid, counter) in [(0x100u16, n * 2), (0x100, n * 2 + 1), (0x101, n)] {
            let [high, low] = pid.to_be_bytes();
            let start = bytes.len();
            bytes.extend_from_slice(&[0x47, high, low, 0x10 | counter & 0x0F]);
            bytes.resize(start + PACKET, n);
        }
        bytes
    }

    fn through(order: &[u8]) -> Vec<u8> {
        let mut reorder = Reorder::new();
        let mut out = Vec::new();
        for n in order {
            reorder.push(&datagram(*n), |d| {
                out.push(d[4]);
                true
            });
        }
        reorder.flush(|d| {
            out.push(d[4]);
            true
        });
        out
    }

    #[test]
    fn what_was_overtaken_takes_its_place_again() {
        assert_eq!(through(&[0, 2, 1, 3, 4]), [0, 1, 2, 3, 4]);
        assert_eq!(through(&[0, 3, 2, 1, 4, 5]), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn nothing_is_lost_that_came_whatever_is_missing() {
        // 3 never comes, 9 comes far too late.
        let came = [0, 1, 2, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 9, 15];
        let mut out = through(&came);
        assert_eq!(out.len(), came.len());
        out.sort_unstable();
        let mut sorted = came;
        sorted.sort_unstable();
        assert_eq!(out, sorted);
        assert_eq!(through(&[0, 1, 2, 4, 5, 6, 7, 8]), [0, 1, 2, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn bytes_that_are_no_packets_pass_as_they_come() {
        let mut reorder = Reorder::new();
        let mut out = 0;
        for n in 0..20 {
            reorder.push(&[n; 77], |d| {
                out += d.len();
                true
            });
        }
        assert_eq!(out, 20 * 77);
    }
}
