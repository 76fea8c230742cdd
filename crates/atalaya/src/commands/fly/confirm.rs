//! A person's yes.

use std::io::IsTerminal;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// A question that was asked, or needn't be.
pub enum Confirmation {
    /// By this person, on the command line.
    Given(String),
    /// Nobody is there to be asked.
    Nobody,
    /// Asked; the answer comes by this.
    Asked(Receiver<Option<String>>),
}

impl Confirmation {
    /// Asks at the terminal, unless the command line has said yes already.
    pub fn ask(start: bool, by: Option<&str>, system: Option<u8>) -> Self {
        if let (true, Some(name)) = (start, by) {
            return Self::Given(name.into());
        }
        if !std::io::stdin().is_terminal() {
            return Self::Nobody;
        }
        let system = system.unwrap_or_default();
        eprintln!(
            "start aircraft {system}? Type yes and your name; anything else leaves it loaded"
        );
        let named = by.map(str::to_owned);
        let (to, from) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = std::io::stdin().read_line(&mut line).is_ok();
            to.send(read.then(|| name_in(&line, named)).flatten()).ok();
        });
        Self::Asked(from)
    }

    /// The answer, if there is one: who said yes, or nobody.
    pub fn answer(&self) -> Option<Option<String>> {
        match self {
            Self::Given(name) => Some(Some(name.clone())),
            Self::Nobody => Some(None),
            Self::Asked(from) => match from.try_recv() {
                Ok(answer) => Some(answer),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => Some(None),
            },
        }
    }
}

/// Who says yes in a line.
fn name_in(line: &str, named: Option<String>) -> Option<String> {
    let mut words = line.split_whitespace();
    if words.next() != Some("yes") {
        return None;
    }
    let name: Vec<&str> = words.collect();
    if name.is_empty() {
        return named;
    }
    Some(name.join(" "))
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn only_a_yes_with_a_name_is_one() {
        let someone = || Some("Ana".to_owned());
        assert_eq!(name_in("yes Ana Ruiz\n", None).as_deref(), Some("Ana Ruiz"));
        assert_eq!(name_in("yes\n", someone()), someone());
        for line in ["yes\n", "", "y Ana\n", "no Ana\n", "yesAna\n"] {
            assert_eq!(name_in(line, None), None, "{line}");
        }
        assert_eq!(name_in("no\n", someone()), None);
    }
}
