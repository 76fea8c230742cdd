//! Which tracks of different feeds go together, and which no longer do.

use super::{Fuse, Known, alike, difference, mahalanobis2, velocity};
use atalaya_geo::Vector2;
use atalaya_model::{FeedIx, TrackId, TrackState};

impl Fuse {
    /// How far apart two tracks are at the time of the first: squared Mahalanobis distance, when they may
    /// be one thing at all.
    pub(super) fn apart(&mut self, a: &Known, id: TrackId) -> Option<f64> {
        let o = self.tracks.get(&id)?;
        let (ga, gb) = (a.point.ground?, o.point.ground?);
        let s = &self.settings;
        let independent = self.bias.independent(a.feed, o.feed);
        if (velocity(&ga) - velocity(&gb)).norm() > s.same_speed {
            return None;
        }
        let later = velocity(&gb) * a.t.since(o.t);
        let (here, there) = (a.sighting()?, o.sighting()?);
        let own = here.own + there.own;
        let (y, cov) = if independent {
            let (places, errors) = self.bias.corrected(&[&here, &there]);
            (places[0] - places[1] - later, own + difference(&errors))
        } else {
            // Feeds of one aircraft share most of the common error; its full size bounds it.
            (here.at - there.at - later, own + here.common)
        };
        let most = if independent {
            self.settings.same_far_m
        } else {
            self.settings.same_m
        };
        (y.norm() <= most).then(|| mahalanobis2(y, cov)).flatten()
    }

    /// Whether a track goes with one of another feed; after a while it is that one's subject. Gives the name
    /// that it went by.
    pub(super) fn beside(&mut self, known: &mut Known) -> Option<TrackId> {
        let others: Vec<TrackId> = self
            .tracks
            .iter()
            .filter(|(_, o)| {
                o.feed != known.feed
                    && !known.ghost
                    && !o.ghost
                    && o.subject != known.subject
                    && o.observed(known.t)
                    && alike(o.point.class, known.point.class)
                    && !self.both_have_one_of_a_feed(known, o)
            })
            .map(|(id, _)| *id)
            .collect();
        let mut best: Option<(f64, TrackId)> = None;
        let mut next = f64::INFINITY;
        for id in others {
            let Some(d2) = self.apart(known, id) else {
                continue;
            };
            match best {
                Some((least, was)) if d2 >= least => {
                    next = next.min(if was == id { next } else { d2 })
                }
                Some((least, _)) => {
                    next = next.min(least);
                    best = Some((d2, id));
                }
                None => best = Some((d2, id)),
            }
        }
        let best = best.filter(|(d2, _)| *d2 <= self.settings.gate);
        let Some((d2, id)) = best else {
            known.beside = None;
            return None;
        };
        let rival = self.rival(known, id);
        if next.min(rival) < d2 + self.settings.margin {
            // Another fits nearly as well: time will tell.
            known.beside = None;
            return None;
        }
        let since = match known.beside {
            Some((was, since)) if was == id => since,
            _ => known.t,
        };
        known.beside = Some((id, since));
        let o = &self.tracks[&id];
        let (subject, first) = (o.subject, o.since);
        let older = (first, subject) < (known.since, known.subject);
        if !older || known.t.since(since) < self.settings.agree_s {
            return None;
        }
        let name = known.subject;
        let t = known.t;
        for k in self.tracks.values_mut().filter(|k| k.subject == name) {
            (k.subject, k.since, k.joined) = (subject, first, t);
        }
        (known.subject, known.since, known.joined) = (subject, first, t);
        Some(name)
    }

    /// The least distance of another track of this feed from that one.
    fn rival(&mut self, known: &Known, id: TrackId) -> f64 {
        let mine: Vec<Known> = self
            .tracks
            .values()
            .filter(|k| {
                k.feed == known.feed
                    && k.subject != known.subject
                    && k.observed(known.t)
                    && alike(k.point.class, known.point.class)
            })
            .cloned()
            .collect();
        let mut least = f64::INFINITY;
        for k in &mine {
            let o = &self.tracks[&id];
            if k.subject != o.subject && !self.both_have_one_of_a_feed(k, o) {
                least = least.min(self.apart(k, id).unwrap_or(f64::INFINITY));
            }
        }
        least
    }

    /// One subject has one track of a feed at a time.
    fn both_have_one_of_a_feed(&self, a: &Known, b: &Known) -> bool {
        let now = a.t;
        let feeds = |k: &Known| {
            let of = |o: &&Known| o.subject == k.subject && o.observed(now);
            let others = self.tracks.values().filter(of).map(|o| o.feed);
            let mut all: Vec<FeedIx> = others.chain([k.feed]).collect();
            all.sort();
            all
        };
        let (a, b) = (feeds(a), feeds(b));
        a.iter().any(|f| b.binary_search(f).is_ok())
    }

    /// A track that disagrees for a while with one of its subject that joined it earlier goes by its own name.
    pub(super) fn part(&mut self, known: &mut Known) {
        let fellows: Vec<TrackId> = self
            .tracks
            .iter()
            .filter(|(id, o)| {
                let elder = (o.joined, **id) < (known.joined, known.point.track);
                o.subject == known.subject && o.feed != known.feed && o.observed(known.t) && elder
            })
            .map(|(id, _)| *id)
            .collect();
        let mut disagrees = false;
        for id in fellows {
            let d2 = self.apart(known, id);
            disagrees |= d2.is_none_or(|d2| d2 > self.settings.part);
        }
        if !disagrees {
            known.parting = None;
            return;
        }
        let since = *known.parting.get_or_insert(known.t);
        if known.t.since(since) >= self.settings.part_s && known.subject != known.point.track {
            known.subject = known.point.track;
            (known.since, known.joined) = (known.t, known.t);
            (known.beside, known.parting) = (None, None);
            known.ghost = known.point.state == TrackState::Stopped;
        }
    }

    /// Learns what feeds get wrong from a track and its fellows of other aircraft.
    pub(super) fn learn(&mut self, known: &mut Known) {
        let due = |k: &Known, every: f64| k.taught.is_none_or(|t| known.t.since(t) >= every);
        let every = self.settings.learn_s;
        if !due(known, every) || known.t.since(known.joined) < 1.0 {
            return;
        }
        let fellow = self.tracks.iter().find(|(_, o)| {
            o.subject == known.subject
                && o.observed(known.t)
                && due(o, every)
                && known.t.since(o.joined) >= 1.0
                && self.bias.independent(o.feed, known.feed)
        });
        let Some(id) = fellow.map(|(id, _)| *id) else {
            return;
        };
        if self
            .apart(known, id)
            .is_none_or(|d2| d2 > self.settings.gate)
        {
            return;
        }
        let o = &self.tracks[&id];
        let (Some(here), Some(mut there)) = (known.sighting(), o.sighting()) else {
            return;
        };
        let v = o
            .point
            .ground
            .as_ref()
            .map_or_else(Vector2::zeros, velocity);
        there.at += v * known.t.since(o.t);
        self.bias.learn(&here, &there, known.t);
        known.taught = Some(known.t);
        if let Some(o) = self.tracks.get_mut(&id) {
            o.taught = Some(known.t);
        }
    }
}
