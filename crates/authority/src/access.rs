//! Who may do what: roles, actions, and one table of both.
//!
//! The table is small, closed and printed by a test; a policy engine would add a language and a
//! tenth of the build for what is one line for each action. What depends on the record (a second
//! person, a partner that the authority names, a confirmed target) is not policy but law of the
//! record: the store keeps it in the transaction of the act, for every role.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What somebody is to the operation. An account may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Watches, answers alerts, decides.
    WatchOfficer,
    /// Looks into what was seen, assesses it, drafts releases.
    Analyst,
    /// Says yes or no to what others drafted or proposed.
    Approver,
    /// Seals, sends, recalls; answers what partners send.
    Liaison,
    /// Reads the log of acts; sees no evidence.
    Auditor,
    /// Keeps the keys of partners; sees no evidence.
    Administrator,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::WatchOfficer,
        Self::Analyst,
        Self::Approver,
        Self::Liaison,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The name in records and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::WatchOfficer => "watch-officer",
            Self::Analyst => "analyst",
            Self::Approver => "approver",
            Self::Liaison => "liaison",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|r| r.name() == s)
            .ok_or_else(|| {
                let known: Vec<&str> = Self::ALL.iter().map(|r| r.name()).collect();
                format!("'{s}' is not a role; roles are: {}", known.join(", "))
            })
    }
}

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Know the operation: site, zones, rules, authority.
    Know,
    /// See records: alerts, events, tracks, notes, decisions.
    See,
    /// Look at pictures, live and past.
    Look,
    /// Answer alerts.
    Answer,
    /// Write notes, split and merge tracks.
    Note,
    /// Decide on an alert.
    Decide,
    /// Propose that an alert matches a target.
    Propose,
    /// Confirm or deny that it does.
    Confirm,
    /// Draft a release.
    Draft,
    /// Approve a release, or turn it down.
    Approve,
    /// Seal a release, carry it, take in what partners say, recall it.
    Carry,
    /// See the board, and releases on it.
    Board,
    /// Answer a partner's release: receipt, acceptance, acting, outcome.
    Reply,
    /// Read, verify and carry away the log of acts.
    Audit,
    /// Keep the keys of partners.
    Administer,
}

/// Who may do what. Whatever is not here is refused.
const TABLE: [(Action, &[Role]); 15] = {
    use Role::{Administrator, Analyst, Approver, Auditor, Liaison, WatchOfficer};
    [
        (
            Action::Know,
            &[
                WatchOfficer,
                Analyst,
                Approver,
                Liaison,
                Auditor,
                Administrator,
            ],
        ),
        (
            Action::See,
            &[WatchOfficer, Analyst, Approver, Liaison, Auditor],
        ),
        (Action::Look, &[WatchOfficer, Analyst, Approver, Liaison]),
        (Action::Answer, &[WatchOfficer, Analyst]),
        (Action::Note, &[WatchOfficer, Analyst, Approver, Liaison]),
        (Action::Decide, &[WatchOfficer]),
        (Action::Propose, &[WatchOfficer, Analyst]),
        (Action::Confirm, &[WatchOfficer, Analyst, Approver]),
        (Action::Draft, &[WatchOfficer, Analyst, Liaison]),
        (Action::Approve, &[Approver]),
        (Action::Carry, &[Liaison]),
        (
            Action::Board,
            &[WatchOfficer, Analyst, Approver, Liaison, Auditor],
        ),
        (Action::Reply, &[WatchOfficer, Liaison]),
        (Action::Audit, &[Auditor]),
        (Action::Administer, &[Administrator]),
    ]
};

impl Action {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(a, _)| *a)
    }

    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Know => "know",
            Self::See => "see",
            Self::Look => "look",
            Self::Answer => "answer",
            Self::Note => "note",
            Self::Decide => "decide",
            Self::Propose => "propose",
            Self::Confirm => "confirm",
            Self::Draft => "draft",
            Self::Approve => "approve",
            Self::Carry => "carry",
            Self::Board => "board",
            Self::Reply => "reply",
            Self::Audit => "audit",
            Self::Administer => "administer",
        }
    }

    /// The roles that may.
    pub fn roles(self) -> &'static [Role] {
        TABLE
            .iter()
            .find(|(a, _)| *a == self)
            .map_or(&[], |(_, roles)| roles)
    }
}

/// May somebody with these roles do it?
pub fn may(roles: &[Role], action: Action) -> bool {
    action.roles().iter().any(|r| roles.contains(r))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// Every action and every role: a change of the table is a change of this picture.
    #[test]
    fn the_table_is_this() {
        let mut picture = String::new();
        for action in Action::all() {
            let _ = write!(picture, "{:<11}", action.name());
            for role in Role::ALL {
                picture.push_str(if may(&[role], action) { " x" } else { " ." });
            }
            picture.push('\n');
        }
        assert_eq!(
            picture,
            "\
know        x x x x x x
see         x x x x x .
look        x x x x . .
answer      x x . . . .
note        x x x x . .
decide      x . . . . .
propose     x x . . . .
confirm     x x x . . .
draft       x x . x . .
approve     . . x . . .
carry       . . . x . .
board       x x x x x .
reply       x . . x . .
audit       . . . . x .
administer  . . . . . x
"
        );
    }

    #[test]
    fn without_a_role_nothing_and_with_all_everything() {
        for action in Action::all() {
            assert!(!may(&[], action), "{action:?}");
            assert!(may(&Role::ALL, action), "{action:?}");
        }
    }

    #[test]
    fn no_role_both_drafts_and_approves() {
        for role in Role::ALL {
            assert!(!(may(&[role], Action::Draft) && may(&[role], Action::Approve)));
        }
    }

    #[test]
    fn roles_have_names() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        let said = "boss".parse::<Role>().unwrap_err();
        assert!(said.contains("'boss' is not a role; roles are: watch-officer, analyst"));
    }
}
