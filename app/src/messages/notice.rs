//! The page of a notice.

use crate::Language;
use crate::api::notices::{AmountSource, Standing};
use crate::calendar::Day;
use domain::{Cents, OptionKind};

super::messages!(
    /// The page of a notice.
    Notice {
        Crumb => "Avviso", "Notice";
        Number => "Codice avviso", "Notice code";
        CopyNumber => " il codice avviso", " the notice code";
        Institution => "Ente creditore", "Creditor";
        Service => "Servizio", "Service";
        Due => "Scadenza", "Due date";
        LastDay => "Pagabile fino al", "Can be paid until";
        Pay => "Paga ora", "Pay now";
        AddToOthers => "Aggiungi un altro avviso", "Add another notice";
        KeepTitle => "Conserva per dopo", "Keep it for later";
        KeepCalendar => "Metti la scadenza nel calendario", "Put the due date in your calendar";
        KeepLink => "Copia il collegamento", "Copy the link";
        LinkCopied => "Collegamento copiato.", "Link copied.";
        NumberCopied => "Codice copiato.", "Code copied.";
        KeepPrint => "Stampa la pagina", "Print the page";
        DifferentTitle => "L’importo è diverso da quello sul foglio?", "Is the amount different from the one on paper?";
        DifferentText => "L’importo può cambiare dopo la stampa: per interessi o spese dopo la scadenza, per uno sconto, o perché hai già pagato una parte. Quello che vedi qui è quello giusto oggi, e sarà lo stesso in banca, alle Poste e nelle app.", "The amount may change after printing: interest or costs after the due date, a discount, or because part of it is already paid. The one you see here is right today, and it is the same at the bank, at the post office and in apps.";
        OptionsTitle => "Modi di pagare", "Ways to pay";
        OptionsText => "Scegline uno: pagando con un modo si chiudono gli altri.", "Choose one: paying in one way closes the others.";
        InstalmentsTitle => "Le rate", "Instalments";
        ThisOne => "questo avviso", "this notice";
        BegunTitle => "C’è già un pagamento iniziato", "A payment has already begun";
        ReceiptLink => "Apri la ricevuta", "Open the receipt";
        AskAgain => "Riprova", "Try again";
        SuccessorLink => "Vedi il nuovo avviso", "See the new notice";
        ContactTitle => "Non ti torna qualcosa?", "Is something not right?";
        ContactText => "Chiedi all’ente che ha emesso l’avviso:", "Ask the institution that issued the notice:";
        PrivacyNote => "Qui non c’è nessun dato personale: il nome di chi deve pagare non si vede con il solo codice.", "There is no personal data here: the code alone does not show who has to pay.";
    }
);

/// The short word for a list or a tag.
pub(crate) fn tag(standing: &Standing, due_on: Option<Day>, language: Language) -> String {
    match standing {
        Standing::Payable => due_on.map_or_else(
            || language.pick("Da pagare", "To be paid").to_owned(),
            |due| {
                [
                    language.pick("Da pagare entro ", "To be paid by "),
                    &by(due, language),
                ]
                .concat()
            },
        ),
        Standing::Overdue => match due_on {
            Some(due) => match language {
                Language::Italian => ["Scaduto ", &on(due, language), ", si può ancora pagare"].concat(),
                Language::English => ["Was due ", &on(due, language), ", can still be paid"].concat(),
            },
            None => language
                .pick("Scaduto, si può ancora pagare", "Overdue, can still be paid")
                .to_owned(),
        },
        Standing::NotYetPayable { from } => [
            language.pick("Si può pagare da ", "Can be paid from "),
            &from.written_with_weekday(language),
        ]
        .concat(),
        Standing::Paid { on: day } => [language.pick("Pagato ", "Paid "), &on(*day, language)].concat(),
        Standing::OtherOptionChosen => language
            .pick("Pagato in un altro modo", "Paid in another way")
            .to_owned(),
        Standing::Cancelled => language.pick("Annullato", "Cancelled").to_owned(),
        Standing::Replaced { .. } => language
            .pick("Sostituito da un altro avviso", "Replaced by another notice")
            .to_owned(),
        Standing::Expired => language
            .pick("Scaduto, non si può più pagare", "Expired, can no longer be paid")
            .to_owned(),
        Standing::NothingDue => language
            .pick("Oggi non c’è niente da pagare", "Nothing to pay today")
            .to_owned(),
        Standing::AmountUnknown => language
            .pick(
                "L’importo di oggi non si sa ancora",
                "Today’s amount is not known yet",
            )
            .to_owned(),
    }
}

/// The class of the tag; each name is whole so that the style build finds it.
pub(crate) const fn tag_class(standing: &Standing) -> &'static str {
    match standing {
        Standing::Payable => "status",
        Standing::Overdue | Standing::Expired => "status status-late",
        Standing::NotYetPayable { .. } | Standing::AmountUnknown => "status status-waiting",
        Standing::Paid { .. } => "status status-paid",
        Standing::OtherOptionChosen
        | Standing::Cancelled
        | Standing::Replaced { .. }
        | Standing::NothingDue => "status status-closed",
    }
}

/// What the state means and what to do, when there is something to say.
pub(crate) const fn explanation(standing: &Standing, language: Language) -> Option<&'static str> {
    match standing {
        Standing::Payable => None,
        Standing::Overdue => Some(language.pick(
            "La scadenza è passata, ma puoi ancora pagare con questo avviso. L’importo è quello di oggi; se l’ente calcolerà interessi o spese, te lo comunicherà.",
            "The due date has passed, but you can still pay with this notice. The amount is today’s; should the institution add interest or costs, it will let you know.",
        )),
        Standing::NotYetPayable { .. } => Some(language.pick(
            "Non si può ancora pagare: il pagamento si apre nella data indicata. Intanto puoi metterla nel calendario.",
            "It cannot be paid yet: payment opens on the date shown. Meanwhile you can put it in your calendar.",
        )),
        Standing::Paid { .. } => Some(language.pick(
            "L’ente ha ricevuto il pagamento: non devi fare altro.",
            "The institution has received the payment: there is nothing else to do.",
        )),
        Standing::OtherOptionChosen => Some(language.pick(
            "Questo debito è già stato pagato, o si sta pagando, con un altro avviso (per esempio a rate invece che in un’unica soluzione). Questo codice non serve più.",
            "This debt has been paid, or is being paid, with another notice (for instance by instalments instead of all at once). This code is no longer needed.",
        )),
        Standing::Cancelled => Some(language.pick(
            "L’ente ha annullato questo avviso: non devi pagarlo.",
            "The institution has cancelled this notice: you do not have to pay it.",
        )),
        Standing::Replaced { .. } => Some(language.pick(
            "L’ente ha sostituito questo avviso con uno nuovo, che ha un altro codice. Paga quello nuovo.",
            "The institution has replaced this notice with a new one, which has another code. Pay the new one.",
        )),
        Standing::Expired => Some(language.pick(
            "Il tempo per pagare con questo avviso è finito. Chiedi all’ente che cosa fare: di solito ne manda uno nuovo.",
            "The time for paying with this notice is over. Ask the institution what to do: it usually sends a new one.",
        )),
        Standing::NothingDue => Some(language.pick(
            "L’ufficio dice che oggi su questo avviso non c’è niente da pagare. Se pensi che non sia così, chiedi all’ente.",
            "The office says that there is nothing to pay on this notice today. If you think otherwise, ask the institution.",
        )),
        Standing::AmountUnknown => Some(language.pick(
            "L’importo cambia nel tempo e il programma dell’ufficio, che lo calcola, in questo momento non risponde. Riprova tra qualche minuto: fino ad allora l’avviso non si può pagare, neanche in banca o con un’app.",
            "The amount changes over time, and the office’s program, which works it out, does not answer right now. Try again in a few minutes: until then the notice cannot be paid, not at a bank or with an app either.",
        )),
    }
}

/// Where an amount comes from that the office's program was asked for.
pub(crate) fn amount_source(source: AmountSource, language: Language) -> String {
    match source {
        AmountSource::Asked(at) => [
            language.pick(
                "Importo di oggi, chiesto all’ufficio: ",
                "Today’s amount, asked of the office: ",
            ),
            &at.written(language),
        ]
        .concat(),
        AmountSource::LastKnown(Some(at)) => [
            language.pick(
                "L’ufficio in questo momento non risponde: è l’ultimo importo che ha comunicato, ",
                "The office does not answer right now: this is the last amount it told, ",
            ),
            &at.written(language),
        ]
        .concat(),
        AmountSource::LastKnown(None) => language
            .pick(
                "L’ufficio in questo momento non risponde: è l’importo con cui l’avviso è stato emesso.",
                "The office does not answer right now: this is the amount the notice was issued with.",
            )
            .to_owned(),
    }
}

/// `entro lunedì 30 novembre 2026` without the first word.
fn by(day: Day, language: Language) -> String {
    match language {
        Language::Italian => [article(day), &day.written(language)].concat(),
        Language::English => day.written(language),
    }
}

/// `il 30 novembre 2026`, `on 30 November 2026`.
fn on(day: Day, language: Language) -> String {
    match language {
        Language::Italian => [article(day), &day.written(language)].concat(),
        Language::English => ["on ", &day.written(language)].concat(),
    }
}

/// The article before a day: `l’8`, `l’11`, `il` before the others.
const fn article(day: Day) -> &'static str {
    match day.2 {
        8 | 11 => "l’",
        _ => "il ",
    }
}

/// A way of paying, as a heading of its notices.
pub(crate) const fn option(kind: OptionKind, language: Language) -> &'static str {
    match kind {
        OptionKind::Whole => language.pick("Tutto in una volta", "All at once"),
        OptionKind::InstalmentPlan => language.pick("A rate", "By instalments"),
        OptionKind::Reduced => language.pick("Importo ridotto", "Reduced amount"),
    }
}

/// `Rata 2 di 3`.
pub(crate) fn instalment(place: u8, count: u8, language: Language) -> String {
    let (place, count) = (place.to_string(), count.to_string());
    [
        language.pick("Rata ", "Instalment "),
        &place,
        language.pick(" di ", " of "),
        &count,
    ]
    .concat()
}

/// `Paga 38,92 € con pagoPA`.
pub(crate) fn pay_amount(amount: Cents, language: Language) -> String {
    [
        language.pick("Paga ", "Pay "),
        &super::euro(amount, language),
        language.pick(" con pagoPA", " with pagoPA"),
    ]
    .concat()
}

/// That a payment was begun a while ago.
pub(crate) fn begun(minutes_ago: u16, language: Language) -> String {
    let ago = super::minutes(u32::from(minutes_ago), language);
    match language {
        Language::Italian => [
            "Qualcuno ha iniziato a pagare questo avviso ",
            &ago,
            " fa e l’esito non è ancora arrivato. Se sei stato tu e hai già pagato, aspetta la conferma prima di riprovare; se hai rinunciato, puoi pagare adesso.",
        ]
        .concat(),
        Language::English => [
            "Someone began paying this notice ",
            &ago,
            " ago and the outcome is not known yet. If it was you and you have paid, wait for the confirmation before trying again; if you gave up, you can pay now.",
        ]
        .concat(),
    }
}

/// That the printed amount differs from today's.
pub(crate) fn printed(printed: Cents, today: Cents, language: Language) -> String {
    let (printed, today) = (super::euro(printed, language), super::euro(today, language));
    match language {
        Language::Italian => [
            "Sul foglio c’è scritto ",
            &printed,
            ", oggi l’importo è ",
            &today,
            ".",
        ]
        .concat(),
        Language::English => ["The page says ", &printed, ", today the amount is ", &today, "."].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::NoticeNumber;

    fn every_standing() -> [Standing; 10] {
        let day = Day(2026, 11, 8);
        [
            Standing::Payable,
            Standing::Overdue,
            Standing::NotYetPayable { from: day },
            Standing::Paid { on: day },
            Standing::OtherOptionChosen,
            Standing::Cancelled,
            Standing::Replaced {
                by: NoticeNumber::parse("302012345678901234").unwrap(),
            },
            Standing::Expired,
            Standing::NothingDue,
            Standing::AmountUnknown,
        ]
    }

    #[test]
    fn every_standing_has_a_word_of_its_own_and_only_the_ordinary_one_needs_no_explanation() {
        for language in Language::ALL {
            let mut tags: Vec<_> = every_standing().iter().map(|s| tag(s, None, language)).collect();
            tags.sort();
            tags.dedup();
            assert_eq!(tags.len(), 10);
            for standing in every_standing() {
                let needs_none = standing == Standing::Payable;
                assert_eq!(
                    explanation(&standing, language).is_none(),
                    needs_none,
                    "{standing:?}"
                );
            }
        }
    }

    #[test]
    fn the_article_follows_how_the_day_is_read() {
        assert_eq!(
            tag(&Standing::Paid { on: Day(2026, 11, 8) }, None, Language::Italian),
            "Pagato l’8 novembre 2026"
        );
        assert_eq!(
            tag(&Standing::Payable, Some(Day(2026, 12, 16)), Language::Italian),
            "Da pagare entro il 16 dicembre 2026"
        );
        assert_eq!(
            tag(&Standing::Payable, Some(Day(2026, 12, 16)), Language::English),
            "To be paid by 16 December 2026"
        );
        assert_eq!(
            tag(
                &Standing::Paid {
                    on: Day(2026, 12, 16)
                },
                None,
                Language::English
            ),
            "Paid on 16 December 2026"
        );
    }

    #[test]
    fn an_amount_that_was_asked_for_says_when() {
        let at = crate::calendar::Moment(Day(2026, 11, 23), 10, 5);
        let said = |source, language| amount_source(source, language);
        assert_eq!(
            said(AmountSource::Asked(at), Language::Italian),
            "Importo di oggi, chiesto all’ufficio: 23 novembre 2026, ore 10:05"
        );
        assert_eq!(
            said(AmountSource::Asked(at), Language::English),
            "Today’s amount, asked of the office: 23 November 2026, 10:05"
        );
        for language in Language::ALL {
            let known = said(AmountSource::LastKnown(Some(at)), language);
            assert!(known.ends_with("10:05") && known != said(AmountSource::LastKnown(None), language));
        }
    }

    #[test]
    fn a_whole_phrase_says_which_instalment() {
        assert_eq!(instalment(2, 3, Language::Italian), "Rata 2 di 3");
        assert_eq!(instalment(2, 3, Language::English), "Instalment 2 of 3");
    }
}
