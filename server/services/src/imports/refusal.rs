//! What a row is told that could not be done, though nothing is wrong with what it says.

use crate::positions::PositionError;
use bulk::{Debt, RowError};
use domain::debt_position::TransitionError;

/// Why nothing was done of a debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It was to be inserted, and says something else than what is there.
    AlreadyThere,
    /// It was to be changed or withdrawn, and is not there.
    NotThere,
    /// The application may not.
    Forbidden,
    /// Somebody else changed it at the same moment, again and again.
    Busy,
    /// The position stands where that cannot be done.
    State(TransitionError),
}

impl Refusal {
    const fn code(self) -> &'static str {
        match self {
            Self::AlreadyThere => "already_there",
            Self::NotThere => "not_there",
            Self::Forbidden => "forbidden",
            Self::Busy => "busy",
            Self::State(error) => match error {
                TransitionError::ForeignNotice => "foreign_notice",
                TransitionError::AlreadyPaid => "already_paid",
                TransitionError::PartlyPaid => "partly_paid",
                TransitionError::OtherOptionChosen => "other_option_chosen",
                TransitionError::Cancelled => "cancelled",
                TransitionError::Replaced => "replaced",
                TransitionError::Unpublished => "unpublished",
                TransitionError::AlreadyPublished => "already_published",
                TransitionError::Expired => "expired",
            },
        }
    }

    const fn sentences(self) -> (&'static str, &'static str) {
        match self {
            Self::AlreadyThere => (
                "C'è già una posizione con questa chiave e altro contenuto: per cambiarla usare update.",
                "There is a position with this key and other contents already: use update to change it.",
            ),
            Self::NotThere => (
                "Non c'è una posizione con questa chiave: controllarla, o inserirla con insert.",
                "There is no position with this key: check it, or make it with insert.",
            ),
            Self::Forbidden => (
                "L'applicazione non può caricare file per questo servizio: chiedere l'abilitazione a chi gestisce l'installazione.",
                "The application may load no files for this service: ask whoever runs the installation for it.",
            ),
            Self::Busy => (
                "Qualcun altro cambiava la stessa posizione: ripetere la riga in un altro file.",
                "Somebody else was changing the same position: repeat the row in another file.",
            ),
            Self::State(error) => match error {
                TransitionError::ForeignNotice => (
                    "L'avviso non è di questa posizione: controllare il numero.",
                    "The notice is not this position's: check its number.",
                ),
                TransitionError::AlreadyPaid => (
                    "La posizione è già pagata: non si cambia più.",
                    "The position is paid already: it does not change any more.",
                ),
                TransitionError::PartlyPaid => (
                    "Una parte è già pagata: la posizione non si cambia più.",
                    "Part of it is paid already: the position does not change any more.",
                ),
                TransitionError::OtherOptionChosen => (
                    "Il debitore ha scelto un altro modo di pagare.",
                    "The debtor chose another way to pay.",
                ),
                TransitionError::Cancelled => (
                    "La posizione è annullata: usare un'altra chiave.",
                    "The position was cancelled: use another key.",
                ),
                TransitionError::Replaced => (
                    "La posizione è già sostituita da un'altra: agire su quella.",
                    "The position was replaced by another already: act on that one.",
                ),
                TransitionError::Unpublished => (
                    "La posizione è una bozza: pubblicarla prima.",
                    "The position is a draft: publish it first.",
                ),
                TransitionError::AlreadyPublished => (
                    "La posizione è già pubblicata e non torna bozza: togliere draft.",
                    "The position is published and becomes no draft again: remove draft.",
                ),
                TransitionError::Expired => (
                    "La posizione è scaduta: cambiarla con una data futura, o sostituirla.",
                    "The position has expired: change it with a date to come, or replace it.",
                ),
            },
        }
    }

    pub(super) fn of(self, debt: &Debt) -> Vec<RowError> {
        let (italian, english) = self.sentences();
        vec![RowError {
            row: debt.first_row(),
            column: String::new(),
            code: self.code(),
            italian: italian.to_owned(),
            english: english.to_owned(),
        }]
    }
}

/// What a debt is told of a change that was not made; the error itself when the archive did not answer.
pub(super) fn told(
    debt: &Debt,
    is_insert: bool,
    error: PositionError,
) -> Result<Vec<RowError>, PositionError> {
    let refusal = match error {
        PositionError::Invalid(errors) => return Ok(debt.errors(&errors)),
        PositionError::Forbidden(_) => Refusal::Forbidden,
        PositionError::Refused(error) => Refusal::State(error),
        PositionError::ConditionNeeded | PositionError::ConditionFailed if is_insert => Refusal::AlreadyThere,
        PositionError::NotFound | PositionError::ConditionNeeded | PositionError::ConditionFailed => {
            Refusal::NotThere
        }
        PositionError::Again => Refusal::Busy,
        other
        @ (PositionError::OtherList | PositionError::Idempotency(_) | PositionError::Unavailable(_)) => {
            return Err(other);
        }
    };
    Ok(refusal.of(debt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Forbidden;
    use bulk::{Format, Place};
    use domain::application::Scope;

    #[test]
    fn whatever_is_not_done_is_told_by_a_code_of_its_own() {
        use {PositionError as P, TransitionError as T};
        let debt = Debt {
            key: None,
            operation: None,
            rows: vec![2],
            said: Err(Vec::new()),
            until: Place::default(),
            format: Format::Lanterna,
        };
        let forbidden = Forbidden {
            scope: Scope::LoadFiles,
        };
        for (is_insert, error, code) in [
            (true, P::ConditionNeeded, "already_there"),
            (true, P::ConditionFailed, "already_there"),
            (false, P::ConditionFailed, "not_there"),
            (false, P::NotFound, "not_there"),
            (true, P::Forbidden(forbidden), "forbidden"),
            (true, P::Again, "busy"),
            (false, P::Refused(T::ForeignNotice), "foreign_notice"),
            (false, P::Refused(T::AlreadyPaid), "already_paid"),
            (false, P::Refused(T::PartlyPaid), "partly_paid"),
            (false, P::Refused(T::OtherOptionChosen), "other_option_chosen"),
            (false, P::Refused(T::Cancelled), "cancelled"),
            (false, P::Refused(T::Replaced), "replaced"),
            (false, P::Refused(T::Unpublished), "unpublished"),
            (false, P::Refused(T::AlreadyPublished), "already_published"),
            (false, P::Refused(T::Expired), "expired"),
        ] {
            let errors = told(&debt, is_insert, error).unwrap();
            let codes: Vec<&str> = errors.iter().map(|error| error.code).collect();
            assert_eq!(codes, [code]);
            assert_eq!(errors[0].row, 2);
        }
    }
}
