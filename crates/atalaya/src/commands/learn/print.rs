//! Reports for people.

use super::counts;
use anyhow::Result;
use atalaya_vision::chip::{Classifier, Label, Score, SourceKind};
use std::io::Write;

fn kind_name(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Simulated => "simulated",
        SourceKind::Real => "real",
    }
}

/// What a model was trained on and how well it does.
pub fn card(model: &Classifier, hash: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let card = &model.card;
    writeln!(out, "model {hash}\nseed {}", card.seed)?;
    writeln!(out, "trained on {} (with variations)", counts(&card.chips))?;
    for s in &card.sources {
        let kind = kind_name(s.kind);
        let hash: String = s.sha256.chars().take(12).collect();
        let chips = counts(&s.chips);
        writeln!(out, "  {} ({kind}, {}, {hash}): {chips}", s.name, s.licence)?;
    }
    let missing: Vec<&str> = Label::ALL
        .into_iter()
        .filter(|l| !model.known().any(|k| k == *l))
        .map(Label::name)
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        writeln!(out, "no chips of: {missing}; it never says so of anything")?;
    }
    match card.delete_by {
        Some(t) => writeln!(
            out,
            "rests on {} chips that must be deleted; refused from {t}",
            card.retained.len()
        )?,
        None => writeln!(out, "rests on no chip that must be deleted")?,
    }
    writeln!(
        out,
        "drops as nothing what is nothing with {:.3} or more",
        model.reject_at()
    )?;
    if let Some(s) = &card.held_out {
        score(
            &mut out,
            "held out of the same sources",
            SourceKind::Simulated,
            s,
        )?;
    }
    if !card.checked.iter().any(|c| c.kind == SourceKind::Real) {
        writeln!(
            out,
            "\nnot checked on real chips: give --check or --check-chips"
        )?;
    }
    for c in &card.checked {
        score(&mut out, &c.name, c.kind, &c.score)?;
    }
    Ok(())
}

/// How well a model does on chips of one kind.
pub fn score(out: &mut impl Write, name: &str, kind: SourceKind, s: &Score) -> Result<()> {
    writeln!(
        out,
        "\n{name} ({}): {} chips, accuracy {:.3}, mean of recalls {:.3}, calibration error {:.3}",
        kind_name(kind),
        s.chips,
        s.accuracy,
        s.balanced_accuracy,
        s.calibration_error
    )?;
    writeln!(
        out,
        "  dropped as nothing: {:.3} of things, {:.3} of nothings",
        s.things_dropped, s.nothings_dropped
    )?;
    write!(
        out,
        "  {:<9}{:>7}{:>8}{:>11}  said:",
        "", "chips", "recall", "precision"
    )?;
    let said = |l: &Label| s.confusion.iter().any(|r| r[l.index()] > 0);
    let columns: Vec<Label> = Label::ALL.into_iter().filter(said).collect();
    for l in &columns {
        write!(out, " {:>8}", l.name())?;
    }
    writeln!(out)?;
    for c in &s.classes {
        let (label, n) = (c.label.name(), c.chips);
        let recall = match n {
            0 => "–".to_owned(),
            _ => format!("{:.3}", c.recall),
        };
        write!(
            out,
            "  {label:<9}{n:>7}{recall:>8}{:>11.3}       ",
            c.precision
        )?;
        for l in &columns {
            write!(out, " {:>8}", s.confusion[c.label.index()][l.index()])?;
        }
        writeln!(out)?;
    }
    let bins: Vec<String> = s
        .reliability
        .iter()
        .map(|b| format!("{:.2}→{:.2} ({})", b.said, b.so, b.chips))
        .collect();
    writeln!(out, "  said → so (chips): {}", bins.join("  "))?;
    Ok(())
}
