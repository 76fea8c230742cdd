//! Which node is asked to look at what another reports.

use atalaya_model::operation::GroundFeed;
use atalaya_model::{Cue, Micros};
use std::collections::BTreeMap;

/// A node is left where it looks for at least so long, seconds of event time.
const STAY_S: f64 = 10.0;
/// Objects kept in mind.
const OBJECTS: usize = 1024;

/// Decides by event time alone whom to ask; asks nobody itself.
#[derive(Debug, Default)]
pub struct Looks {
    /// When each node was last asked.
    nodes: BTreeMap<String, Micros>,
    /// When somebody was last asked to look at an object of a node.
    objects: BTreeMap<(String, String), Micros>,
}

impl Looks {
    /// The nodes among `lookers` to ask about a cue that the gate has let in. Nobody is asked to look at
    /// what it says itself, nor again at an object within the feed's `quiet_s`.
    pub fn ask(&mut self, feed: &GroundFeed, cue: &Cue, lookers: &[String]) -> Vec<String> {
        if !feed.look {
            return Vec::new();
        }
        let since = |then: &Micros| cue.t.since(*then);
        let object = (cue.node.clone(), cue.object.clone());
        let known = self.objects.get(&object);
        if known.is_some_and(|then| since(then) < feed.quiet_s) {
            return Vec::new();
        }
        let free = |node: &&String| {
            let stays = |then| since(then) < STAY_S;
            **node != cue.node && !self.nodes.get(*node).is_some_and(stays)
        };
        let asked: Vec<String> = lookers.iter().filter(free).cloned().collect();
        if asked.is_empty() {
            return asked;
        }
        self.nodes.retain(|n, _| lookers.contains(n));
        for node in &asked {
            self.nodes.insert(node.clone(), cue.t);
        }
        if self.objects.len() >= OBJECTS {
            // The oldest goes: it has long been silent, or so many come that none can be followed.
            let oldest = self.objects.iter().min_by_key(|(_, t)| **t);
            if let Some(oldest) = oldest.map(|(o, _)| o.clone()) {
                self.objects.remove(&oldest);
            }
        }
        self.objects.insert(object, cue.t);
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::Class;

    fn cue(object: &str, t_s: f64) -> Cue {
        Cue {
            t: Micros::from_secs(t_s),
            number: 1,
            node: "wire".into(),
            object: object.into(),
            class: Class::Unknown,
            p: 0.5,
            lon_lat: [0.0, 0.0],
            cov: [1.0, 0.0, 0.0, 1.0],
        }
    }

    #[test]
    fn a_node_is_asked_once_about_an_object_and_left_there_for_a_while() {
        let feed = GroundFeed {
            look: true,
            ..GroundFeed::default()
        };
        let mut looks = Looks::default();
        let all = ["mast".to_owned(), "wire".to_owned()];
        let mut ask = |object: &str, t: f64| looks.ask(&feed, &cue(object, t), &all);
        // Never the one that reports.
        assert_eq!(ask("a", 100.0), ["mast"]);
        assert!(ask("b", 105.0).is_empty(), "the mast has not looked yet");
        assert_eq!(ask("b", 111.0), ["mast"]);
        assert!(ask("a", 150.0).is_empty(), "it was looked at already");
        assert_eq!(ask("a", 161.0), ["mast"]);
        for i in 0..3 * OBJECTS {
            ask(&format!("o{i}"), 1e4 + 20.0 * i as f64);
        }
        assert!(looks.objects.len() <= OBJECTS);
        let off = GroundFeed::default();
        assert!(looks.ask(&off, &cue("z", 1e6), &all).is_empty());
    }
}
