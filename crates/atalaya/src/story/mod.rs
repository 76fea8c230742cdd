//! The demonstration's story, from a judge's order to a partner's outcome: it plays itself, waits, or is
//! clicked through by hand, and says in each case where it stands.
//!
//! Every step is done as a person would do it: through the documented API of either post ([`person`]), or
//! by a command of this program ([`sky`]). A step that somebody has done on the page counts as done.

mod person;
mod sky;
mod stage;
mod steps;

pub use sky::Sky;
pub use stage::Stage;

use atalaya_server::{StepBy, StepState, StepView, Story, StoryOrder, StoryView};
use stage::Facts;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use steps::{STEPS, Step};

/// Between looks at what has happened.
const BEAT: Duration = Duration::from_millis(300);

/// How a story begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Start {
    /// It plays itself as soon as somebody looks at the page
    Play,
    /// It waits to be clicked through
    Hand,
    /// There is none
    Off,
}

/// What is known of the story from outside.
struct Told {
    playing: bool,
    at: usize,
    steps: Vec<StepView>,
    /// Somebody has asked for the step now.
    now: bool,
    /// Somebody has asked for the beginning.
    again: bool,
}

impl Told {
    fn new(playing: bool) -> Self {
        let mut told = Self {
            playing,
            at: 0,
            steps: STEPS.iter().map(waiting).collect(),
            now: false,
            again: false,
        };
        told.turn();
        told
    }

    /// Says whose turn it is.
    fn turn(&mut self) {
        if let Some(step) = self.steps.get_mut(self.at) {
            step.state = StepState::Now;
            step.read_s = 0.0;
            step.why = None;
        }
    }
}

fn waiting(step: &Step) -> StepView {
    StepView {
        id: step.id,
        state: StepState::Waits,
        by: None,
        at_us: None,
        facts: Facts::new(),
        why: None,
        reading_s: step.reading_s,
        read_s: 0.0,
    }
}

/// Tells the story.
pub struct Teller {
    told: Mutex<Told>,
    /// A page has asked: nobody misses the beginning.
    looked: AtomicBool,
    partner_url: OnceLock<String>,
}

impl Story for Teller {
    fn view(&self) -> StoryView {
        self.looked.store(true, Ordering::Relaxed);
        let told = self.lock();
        StoryView {
            schema: "story/1",
            playing: told.playing,
            at: told.at,
            partner_url: self.partner_url.get().cloned().unwrap_or_default(),
            steps: told.steps.clone(),
        }
    }

    fn order(&self, order: StoryOrder) {
        let mut told = self.lock();
        match order {
            StoryOrder::Play => told.playing = true,
            StoryOrder::Pause => told.playing = false,
            StoryOrder::Next => told.now = true,
            StoryOrder::Again => told.again = true,
        }
    }
}

impl Teller {
    /// A story that has not begun.
    pub fn new(start: Start) -> Self {
        Self {
            told: Mutex::new(Told::new(start == Start::Play)),
            looked: AtomicBool::new(false),
            partner_url: OnceLock::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells it until `over`.
    pub fn tell(&self, mut stage: Stage, over: &AtomicBool) {
        let _ = self.partner_url.set(stage.theirs.url().to_owned());
        let mut acted = false;
        let mut last = Instant::now();
        while !over.load(Ordering::Relaxed) {
            std::thread::sleep(BEAT);
            let passed = last.elapsed().as_secs_f64();
            last = Instant::now();
            if self.begins_anew(&mut stage) {
                acted = false;
            }
            let at = self.lock().at;
            let Some(step) = STEPS.get(at) else { continue };
            // Whoever has done it, it is done.
            match (step.seen)(&mut stage) {
                Ok(Some(facts)) => {
                    let by = if acted { StepBy::Story } else { StepBy::Hand };
                    // What only happens is nobody's doing.
                    let by = (step.reading_s > 0.0).then_some(by);
                    self.done(facts, by);
                    acted = false;
                    continue;
                }
                Ok(None) => {}
                Err(e) => tracing::debug!("story, {}: {e:#}", step.id),
            }
            if !acted && step.reading_s > 0.0 && self.due(passed) {
                match (step.act)(&mut stage) {
                    Ok(Some(facts)) => self.done(facts, Some(StepBy::Story)),
                    Ok(None) => acted = true,
                    Err(e) => self.failed(&format!("{e:#}")),
                }
            }
        }
        stage.close();
    }

    fn begins_anew(&self, stage: &mut Stage) -> bool {
        let mut told = self.lock();
        if !told.again {
            return false;
        }
        *told = Told::new(told.playing);
        drop(told);
        stage.begin_anew();
        true
    }

    /// Is it time for the step? Reading goes on only while it plays, and somebody looks.
    fn due(&self, passed: f64) -> bool {
        let mut told = self.lock();
        if std::mem::take(&mut told.now) {
            return true;
        }
        if !told.playing || !self.looked.load(Ordering::Relaxed) {
            return false;
        }
        let at = told.at;
        told.steps.get_mut(at).is_some_and(|s| {
            s.read_s = (s.read_s + passed).min(s.reading_s);
            s.read_s >= s.reading_s
        })
    }

    fn done(&self, facts: Facts, by: Option<StepBy>) {
        let mut told = self.lock();
        let at = told.at;
        if let Some(step) = told.steps.get_mut(at) {
            step.state = StepState::Done;
            step.by = by;
            step.at_us = Some(crate::station::now().0);
            step.facts = facts;
            step.why = None;
        }
        told.now = false;
        told.at += 1;
        told.turn();
    }

    /// It waits for a person then.
    fn failed(&self, why: &str) {
        let mut told = self.lock();
        told.playing = false;
        let at = told.at;
        if let Some(step) = told.steps.get_mut(at) {
            step.state = StepState::Failed;
            step.why = Some(why.to_owned());
        }
    }
}
