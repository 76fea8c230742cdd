//! A name taken apart.

use super::fold::fold;
use super::tables::{GENERATIONS, PARTICLES, SHORT, TITLES};
use super::token::{Role, Token, is_given, is_surname};
use super::trades::{LEGAL_FORMS, TRADE_SHORT, TRADES};

/// Words of a name that are looked at; the rest of a longer one is not compared.
const MAX_WORDS: usize = 10;

/// A name, ready to be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub(super) organisation: bool,
    /// Of a person given names first, whatever the order they were written in.
    pub(super) words: Vec<Token>,
    /// The legal form of an organisation, by its short name.
    pub(super) legal: Option<&'static str>,
    /// `hijo`, `jr` and the like.
    pub(super) generation: Option<&'static str>,
    pub(super) folded: String,
}

/// True when a name ends with the legal form of a company (S.A. de C.V., S.L., Ltda. …).
pub fn has_legal_form(name: &str) -> bool {
    legal_form(&company_words(name)).is_some()
}

/// True for what reads like a person's name where nobody has said what it is: several words, one of them a
/// given name, no digit, and nothing of a company's.
pub fn reads_like_person(name: &str) -> bool {
    let parsed = Name::parse(name);
    !parsed.organisation
        && parsed.words.len() >= 2
        && parsed.words.iter().any(|w| is_given(&w.text))
        && !name.chars().any(char::is_numeric)
}

impl Name {
    /// Takes a name apart; whether it is a person's or an organisation's is told by its words.
    pub fn parse(text: &str) -> Self {
        let words = company_words(text);
        // "Ing." in front of a name is somebody's title.
        let short = |w: &String| w != "ing" && TRADE_SHORT.iter().any(|s| s.0 == w);
        let trade = words
            .iter()
            .any(|w| TRADES.binary_search(&w.as_str()).is_ok())
            || words.first().is_some_and(short);
        // CFE, and not RUIZ.
        let capitals = text.trim().chars().all(|c| c.is_uppercase() || c == '.');
        let letters = match words.as_slice() {
            [one] => (2..=6).contains(&one.len()) && !is_surname(one) && !is_given(one),
            _ => false,
        };
        if trade || (letters && capitals) || legal_form(&words).is_some() {
            Self::organisation(text)
        } else {
            Self::person(text)
        }
    }

    /// Takes the name of an organisation apart.
    pub fn organisation(text: &str) -> Self {
        let mut words = company_words(text);
        let legal = legal_form(&words).map(|(form, from)| {
            words.truncate(from);
            form
        });
        let tokens = words
            .iter()
            .filter(|w| PARTICLES.binary_search(&w.as_str()).is_err())
            .take(MAX_WORDS)
            .map(|w| match TRADE_SHORT.iter().find(|s| s.0 == w) {
                Some((_, long)) => Token {
                    short: true,
                    ..Token::new(long, Role::Surname)
                },
                None => Token::new(w, Role::Surname),
            })
            .collect();
        Self {
            organisation: true,
            words: tokens,
            legal,
            generation: None,
            folded: fold(text),
        }
    }

    /// Takes a person's name apart.
    pub fn person(text: &str) -> Self {
        // M.ª and Mª are one.
        let text = text.replace(".ª", "ª").replace(".º", "º");
        let mut generation = None;
        let parts: Vec<Vec<Word>> = text
            .split(',')
            .map(|part| words(part, &mut generation))
            .filter(|w| !w.is_empty())
            .collect();
        let mut tokens = match parts.as_slice() {
            [one] => by_place(one),
            [surnames, given @ ..] => {
                let given = given.iter().flatten().map(|w| w.token(Role::Given));
                let surnames = surnames.iter().map(|w| w.token(Role::Surname));
                given.chain(surnames).collect()
            }
            [] => Vec::new(),
        };
        tokens.truncate(MAX_WORDS);
        Self {
            organisation: false,
            words: tokens,
            legal: None,
            generation,
            folded: fold(&text),
        }
    }

    /// True for what reads like the name of an organisation.
    pub fn is_organisation(&self) -> bool {
        self.organisation
    }

    /// True when both have the same words in the same roles, however they were arranged.
    pub fn same_words(&self, other: &Self) -> bool {
        self.organisation == other.organisation
            && (self.legal, self.generation) == (other.legal, other.generation)
            && self.words.len() == other.words.len()
            && self.words.iter().zip(&other.words).all(|(a, b)| {
                (&a.text, a.role, a.short) == (&b.text, b.role, b.short) && !a.is_initial()
            })
    }

    /// True when no word of it can be compared.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// A word of a person's name before it has a role.
struct Word {
    text: String,
    short: bool,
}

impl Word {
    fn token(&self, role: Role) -> Token {
        Token {
            short: self.short,
            ..Token::new(&self.text, role)
        }
    }

    fn may_be_given(&self) -> bool {
        let long = SHORT.iter().find(|s| s.0 == self.text);
        self.text.len() == 1
            || is_given(&self.text)
            || long.is_some_and(|s| s.1.iter().any(|n| is_given(n)))
    }
}

/// Words without titles and particles, compounds written out.
fn words(part: &str, generation: &mut Option<&'static str>) -> Vec<Word> {
    let mut made = Vec::new();
    let raw = part.split(|c: char| c.is_whitespace() || c == '-' || c == '/');
    for raw in raw {
        let folded = fold(raw);
        // "Ortega y Gasset", but "Juan E. Pérez".
        let initial = raw.ends_with('.') || (raw != "Y" && raw.chars().all(char::is_uppercase));
        for word in folded.split(' ').filter(|w| !w.is_empty()) {
            let one = word.len() == 1;
            if PARTICLES.binary_search(&word).is_ok() && !(one && initial) {
                continue;
            }
            if TITLES.binary_search(&word).is_ok() && made.is_empty() {
                continue;
            }
            if let Ok(i) = GENERATIONS.binary_search(&word)
                && !made.is_empty()
            {
                *generation = Some(GENERATIONS[i]);
                continue;
            }
            match SHORT.iter().find(|s| s.0 == word) {
                Some((_, [one])) if one.contains(' ') => {
                    made.extend(one.split(' ').map(|w| Word {
                        text: w.to_owned(),
                        short: true,
                    }));
                }
                _ => made.push(Word {
                    text: word.to_owned(),
                    short: false,
                }),
            }
        }
    }
    made
}

/// Gives roles by place: given names first, or, where the frequent names say so, last.
fn by_place(words: &[Word]) -> Vec<Token> {
    let n = words.len();
    let given = |w: &Word| w.token(Role::Given);
    let surname = |w: &Word| w.token(Role::Surname);
    if n == 1 {
        let w = &words[0];
        let role = if is_surname(&w.text) || !w.may_be_given() {
            Role::Surname
        } else {
            Role::Given
        };
        return vec![w.token(role)];
    }
    let (first, last) = (&words[0], &words[n - 1]);
    if !first.may_be_given()
        && is_surname(&first.text)
        && last.may_be_given()
        && !is_surname(&last.text)
    {
        let back = words.iter().rev().take_while(|w| w.may_be_given()).count();
        let (surnames, givens) = words.split_at(n - back);
        return givens
            .iter()
            .map(given)
            .chain(surnames.iter().map(surname))
            .collect();
    }
    let mut split = 1;
    while split < n - 1
        && words[split].may_be_given()
        && !(is_surname(&words[split].text) && n - split <= 2)
    {
        split += 1;
    }
    if n >= 4 && split == 1 && !is_surname(&words[1].text) {
        split = 2;
    }
    let (givens, surnames) = words.split_at(split);
    givens
        .iter()
        .map(given)
        .chain(surnames.iter().map(surname))
        .collect()
}

/// Folded words, with letters that stand alone joined: S. A. is sa.
fn company_words(text: &str) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    let mut letters = false;
    for word in fold(text).split(' ').filter(|w| !w.is_empty()) {
        let letter = word.len() == 1 && word.as_bytes()[0].is_ascii_alphabetic();
        match made.last_mut() {
            Some(last) if letter && letters => last.push_str(word),
            _ => made.push(word.to_owned()),
        }
        letters = letter;
    }
    made
}

/// The legal form at the end, and where it begins; there must be a name before it.
fn legal_form(words: &[String]) -> Option<(&'static str, usize)> {
    LEGAL_FORMS.iter().find_map(|(written, form)| {
        let count = written.split(' ').count();
        let from = words.len().checked_sub(count).filter(|f| *f > 0)?;
        written
            .split(' ')
            .eq(words[from..].iter().map(String::as_str))
            .then_some((*form, from))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str) -> String {
        let name = Name::person(text);
        let by = |role| {
            let of = name.words.iter().filter(|t| t.role == role);
            of.map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        format!("{} | {}", by(Role::Given), by(Role::Surname))
    }

    #[test]
    fn given_names_and_surnames_are_told_apart() {
        for (text, expected) in [
            ("Juan Carlos García López", "juan carlos | garcia lopez"),
            ("García López, Juan Carlos", "juan carlos | garcia lopez"),
            ("GARCIA LOPEZ JUAN CARLOS", "juan carlos | garcia lopez"),
            ("Juan Martín García", "juan | martin garcia"),
            ("M.ª del Carmen Ruiz de la Torre", "ma carmen | ruiz torre"),
            ("José Ortega y Gasset", "jose | ortega gasset"),
            ("Juan E. Pérez", "juan e | perez"),
            ("J.L. Rodríguez", "j l | rodriguez"),
            ("Lic. Chema Ruiz", "jose maria | ruiz"),
            ("Xiomara Quispe Mamani", "xiomara | quispe mamani"),
            ("Pérez", " | perez"),
            ("", " | "),
        ] {
            assert_eq!(roles(text), expected, "{text}");
        }
        assert_eq!(Name::person("Juan Pérez (hijo)").generation, Some("hijo"));
    }

    #[test]
    fn organisations_are_known_by_their_form_or_trade() {
        for (text, form, words) in [
            (
                "Transportes del Norte, S.A. de C.V.",
                Some("sa"),
                "transportes norte",
            ),
            (
                "TRANSP. DEL NORTE SA DE CV",
                Some("sa"),
                "transportes norte",
            ),
            (
                "Química Ibérica S. de R.L. de C.V.",
                Some("srl"),
                "quimica iberica",
            ),
            ("Lopez y Cia. Ltda.", Some("ltda"), "lopez"),
            ("Grupo Azul", None, "grupo azul"),
            (
                "Hnos. Vargas Sociedad Limitada",
                Some("sl"),
                "hermanos vargas",
            ),
        ] {
            let name = Name::parse(text);
            assert!(name.is_organisation(), "{text}");
            let found: Vec<&str> = name.words.iter().map(|t| t.text.as_str()).collect();
            assert_eq!(
                (name.legal, found.join(" ").as_str()),
                (form, words),
                "{text}"
            );
        }
        assert!(!Name::parse("Salvador Sala").is_organisation());
        assert!(has_legal_form("Acme, S.L.") && !has_legal_form("Sal"));
    }

    #[test]
    fn tables_are_in_order() {
        assert!(PARTICLES.is_sorted() && TITLES.is_sorted() && GENERATIONS.is_sorted());
        assert!(TRADES.is_sorted());
        let lengths: Vec<usize> = LEGAL_FORMS.iter().map(|f| f.0.split(' ').count()).collect();
        assert!(lengths.is_sorted_by(|a, b| a >= b), "longest first");
    }
}
