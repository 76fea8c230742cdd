//! Dates with the month's name.

use crate::Language;

const MONTHS: [(&str, &str); 12] = [
    ("enero", "January"),
    ("febrero", "February"),
    ("marzo", "March"),
    ("abril", "April"),
    ("mayo", "May"),
    ("junio", "June"),
    ("julio", "July"),
    ("agosto", "August"),
    ("septiembre", "September"),
    ("octubre", "October"),
    ("noviembre", "November"),
    ("diciembre", "December"),
];

/// The name of a month, given in one language, in the other.
fn month_in(word: &str, from: Language) -> Option<&'static str> {
    let word = word.to_lowercase();
    MONTHS.iter().find_map(|(es, en)| match from {
        Language::Es if *es == word || (word == "setiembre" && *es == "septiembre") => Some(*en),
        Language::En if en.to_lowercase() == word => Some(*es),
        _ => None,
    })
}

/// A date as the other language writes it: day, month's name, year as they were.
pub(crate) fn date(
    day: Option<&str>,
    month: &str,
    year: Option<&str>,
    from: Language,
) -> Option<String> {
    let month = month_in(month, from)?;
    let joint = match from {
        Language::Es => " ",
        Language::En => " de ",
    };
    let parts: Vec<&str> = [day, Some(month), year].into_iter().flatten().collect();
    Some(parts.join(joint))
}
