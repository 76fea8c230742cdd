//! What this program is never for: effectors and lethal tasking, biometrics.
//!
//! The model has no type for either, so nothing of the kind can be said in it. This is about what
//! comes from outside: names of fields and of choices are looked at, and what names an effector or
//! a biometric is refused with a line that says so. Words that people write about what they saw are
//! not touched: that somebody carried a weapon is an observation.

use serde_json::Value;
use std::fmt;

/// What a refused word is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {
    /// A weapon, an effector, an engagement.
    Effector,
    /// Identification of people by their body.
    Biometric,
}

impl Never {
    /// The name in the log of acts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Effector => "effector",
            Self::Biometric => "biometric",
        }
    }
}

impl fmt::Display for Never {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Effector => "an effector or an engagement: this is for intelligence only, and tasks nothing but eyes",
            Self::Biometric => "a biometric: people are followed as anonymous tracks only",
        })
    }
}

const EFFECTOR: [&str; 26] = [
    "weapon",
    "weapons",
    "effector",
    "effectors",
    "lethal",
    "strike",
    "strikes",
    "engage",
    "engagement",
    "neutralise",
    "neutralize",
    "kill",
    "killing",
    "munition",
    "munitions",
    "ordnance",
    "warhead",
    "missile",
    "shoot",
    "attack",
    "arma",
    "armas",
    "letal",
    "ataque",
    "atacar",
    "disparar",
];
const BIOMETRIC: [&str; 15] = [
    "biometric",
    "biometrics",
    "face",
    "faces",
    "facial",
    "faceprint",
    "gait",
    "voiceprint",
    "iris",
    "retina",
    "fingerprints",
    "biometria",
    "biometrico",
    "rostro",
    "huellas",
];

/// Keys whose values are chosen from a list, not written.
const CHOSEN: [&str; 9] = [
    "choice", "options", "act", "kind", "type", "action", "task", "tasking", "objects",
];
/// Depth of what is looked at; what is deeper is none of our records.
const DEEPEST: usize = 32;

/// What a name of a field or choice is about, if it is one that is never taken: `weapon_type`,
/// `faceMatch`, `fire-strike`.
pub fn never(name: &str) -> Option<Never> {
    let mut word = String::new();
    let mut found = None;
    let mut judge = |word: &mut String| {
        let w = word.as_str();
        if EFFECTOR.contains(&w) {
            found = found.or(Some(Never::Effector));
        } else if BIOMETRIC.contains(&w) {
            found = found.or(Some(Never::Biometric));
        }
        word.clear();
    };
    let mut before_lower = false;
    for c in name.chars().take(256) {
        if !c.is_alphabetic() {
            judge(&mut word);
            before_lower = false;
            continue;
        }
        if c.is_uppercase() && before_lower {
            judge(&mut word);
        }
        before_lower = c.is_lowercase();
        word.extend(c.to_lowercase());
    }
    judge(&mut word);
    found
}

/// The first name in a JSON document that is never taken: of a field anywhere in it, or a value that
/// is chosen from a list.
pub fn never_in(value: &Value) -> Option<(String, Never)> {
    look(value, false, DEEPEST)
}

fn look(value: &Value, chosen: bool, deep: usize) -> Option<(String, Never)> {
    if deep == 0 {
        return None;
    }
    match value {
        Value::String(s) if chosen => never(s).map(|n| (s.clone(), n)),
        Value::Array(all) => all.iter().find_map(|v| look(v, chosen, deep - 1)),
        Value::Object(map) => map.iter().find_map(|(key, v)| {
            never(key)
                .map(|n| (key.clone(), n))
                .or_else(|| look(v, CHOSEN.contains(&key.as_str()), deep - 1))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn effectors_and_biometrics_are_known_by_name() {
        for name in [
            "weapon",
            "weapon_type",
            "fireStrike",
            "ENGAGE",
            "kill-chain",
            "arma",
        ] {
            assert_eq!(never(name), Some(Never::Effector), "{name}");
        }
        for name in ["face", "face_id", "faceMatch", "gait_model", "biometria"] {
            assert_eq!(never(name), Some(Never::Biometric), "{name}");
        }
        for name in [
            "kind",
            "surface",
            "interface",
            "engagements2go",
            "alarm",
            "skill",
            "",
        ] {
            assert_eq!(never(name), None, "{name}");
        }
    }

    #[test]
    fn written_words_pass_and_chosen_ones_do_not() {
        let said = json!({"text": "one man carried a weapon", "kind": "observation"});
        assert_eq!(never_in(&said), None);
        for bad in [
            json!({"choice": "strike"}),
            json!({"options": ["continue", "engage"]}),
            json!({"a": [{"b": {"weapon": 1}}]}),
            json!({"face_template": ""}),
        ] {
            assert!(never_in(&bad).is_some(), "{bad}");
        }
    }
}
