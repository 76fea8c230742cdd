//! Frames to detections: registers each frame to those before it, finds what moves against the
//! ground, and keeps an eye on what has stopped.
//!
//! The principal type is [`Vision`]: give it frames in order, with the boxes of stopped tracks to
//! watch, and it gives a [`FrameReport`](atalaya_model::FrameReport) each. It reads luma,
//! and chroma only where a colour is asked for, has no clock, no threads and no I/O, and its memory is bounded by
//! the lag it looks back.
//!
//! How it works, and what each part rests on:
//! - `register`: corners (Shi & Tomasi 1994), pyramidal Lucas–Kanade flow (Bouguet 2000), a
//!   homography by RANSAC (Fischler & Bolles 1981) from a fixed seed, refined on the inliers;
//! - `motion`: a pixel moves when it differs from *all* of three registered earlier frames, by more
//!   than noise and registration error at its gradient allow, in the same direction; a blob whose
//!   texture is still that of the ground is light, shadow or leaves;
//! - `blobs`: connected cells of such pixels;
//! - `linked`: what goes on over the ground from frame to frame, for use without tracking;
//! - `tie`: a picture kept from another point of view, drawn as seen from here and registered;
//! - `reference`: the picture found on an orthophoto by the directions of its edges;
//! - `warm`: what stands out of one thermal picture, moving or not;
//! - `colour`: the colour of a part of what moves, for vehicles;
//! - [`chip`]: what a box shows, by a small network that is trained here;
//! - [`detector`]: networks that a user brings, fed and read; what runs them is the caller's;
//! - `hold`: remembered pictures of stopped objects, found again by normalised correlation.

mod blobs;
pub mod chip;
mod colour;
pub mod detector;
mod flow;
mod hold;
mod image;
mod linked;
mod motion;
mod outline;
mod reference;
mod register;
mod settings;
mod tie;
mod trial;
mod vision;
mod warm;

pub use reference::Reference;
pub use settings::VisionSettings;
pub use vision::Vision;
pub use warm::{Polarity, WarmSettings};
