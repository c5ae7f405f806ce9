//! Working out a fee.

use super::euro;
use crate::Language;
use crate::api::fees::FeeProblem;
use domain::Cents;
use tariff::answers::AnswerProblem;
use tariff::model::{Input, InputKind, Range, Status};
use tariff::{Number, explain};

super::messages!(
    /// Working out a fee.
    Fees {
        Crumb => "Calcola l’importo", "Work out the fee";
        Questions => "Le tue risposte", "Your answers";
        Yes => "Sì", "Yes";
        No => "No", "No";
        Choose => "Scegli", "Choose";
        DateHint => "Per esempio 30/11/2026", "For example 30/11/2026";
        AmountHint => "In euro, per esempio 1.234,56", "In euros, for example 1,234.56";
        Submit => "Calcola", "Work it out";
        ErrorTitle => "Controlla le risposte", "Check your answers";
        Result => "Quanto si paga", "What is due";
        Total => "Totale", "Total";
        Waiting => "Rispondi alle domande: l’importo compare qui mentre scrivi.", "Answer the questions: the amount appears here as you type.";
        WaitingPlain => "Rispondi alle domande e premi «Calcola».", "Answer the questions and press “Work it out”.";
        More => "Manca ancora qualche risposta.", "Some answers are still missing.";
        Wrong => "Una risposta non va bene: la trovi segnata qui sopra.", "One answer cannot be used: it is marked above.";
        NotInForce => "Per la data che hai scelto non c’è una tariffa in vigore. Controlla la data o chiedi all’ufficio.", "No rates are in force on the date you chose. Check the date or ask the office.";
        RefusedTitle => "Così non si può calcolare", "This cannot be worked out";
        ExemptTitle => "Non devi pagare nulla", "You have nothing to pay";
        Zero => "Con queste risposte il totale è zero.", "With these answers the total is zero.";
        NotDueTitle => "È troppo poco per essere chiesto", "It is too little to be asked for";
        Unworkable => "Con queste risposte il calcolo non riesce: è un errore della tariffa, non tuo. Scrivi all’ufficio.", "With these answers the sum does not work: the rates are wrong, not you. Please write to the office.";
        LinesCaption => "Come si arriva al totale", "How the total comes about";
        Item => "Voce", "Item";
        Amount => "Importo", "Amount";
        Rounded => "arrotondato da ", "rounded from ";
        StepsTitle => "Passaggi intermedi", "Steps in between";
        SplitTitle => "A chi vanno i soldi", "Who gets the money";
        ChangesTitle => "Che cosa cambierebbe l’importo", "What would change the amount";
        Nothing => "niente da pagare", "nothing to pay";
        LawsTitle => "Le norme", "The rules";
        VersionTitle => "La tariffa", "The rates";
        ValidFrom => "In vigore dal ", "In force from ";
        ValidTo => " al ", " to ";
        RatesLink => "Vedi tutte le tariffe", "See all the rates";
        ShareTitle => "Condividi o tieni questo calcolo", "Share or keep this sum";
        ShareText => "Questo collegamento riapre il calcolo con le stesse risposte.", "This link opens the sum again with the same answers.";
        SharePersonal => "Questo collegamento riapre il calcolo. Le risposte personali non ci sono: chi lo apre le scrive di nuovo.", "This link opens the sum again. Personal answers are not in it: whoever opens it writes them again.";
        CopyLink => "Copia il collegamento", "Copy the link";
        LinkCopied => "Collegamento copiato.", "Link copied.";
        PersonTitle => "Paga o stampa l’avviso", "Pay or print the notice";
        PersonLead => "Ora servono i dati di chi deve pagare. Riceverai un avviso pagoPA con il suo codice: puoi pagarlo subito o stamparlo.", "Now we need the details of who owes the fee. You get a pagoPA notice with its code: you can pay it at once or print it.";
        PersonKind => "Chi deve pagare", "Who owes it";
        Natural => "Una persona", "A person";
        Legal => "Un’impresa o un ente", "A company or body";
        Name => "Nome e cognome, o denominazione", "Full name, or company name";
        Code => "Codice fiscale", "Tax code";
        CodeHint => "16 caratteri per una persona, 11 cifre per un’impresa", "16 characters for a person, 11 digits for a company";
        Email => "E-mail (facoltativa)", "E-mail (optional)";
        EmailHint => "La usiamo solo per questo avviso", "We use it for this notice only";
        Make => "Crea l’avviso da ", "Make the notice of ";
        Changed => "Nel frattempo la tariffa è cambiata. Qui sotto c’è il nuovo calcolo: controlla il totale e conferma di nuovo.", "The rates have changed meanwhile. The new sum is below: check the total and confirm again.";
    }
);

/// What the page of a service says that has no calculator: title and text.
#[cfg(feature = "ssr")]
pub(crate) const fn unknown(language: Language) -> (&'static str, &'static str) {
    language.pick(
        (
            "Questo servizio non si calcola qui",
            "Il servizio che cerchi non c’è o non si paga da qui.",
        ),
        (
            "This fee is not worked out here",
            "The service you look for does not exist or is not paid here.",
        ),
    )
}

/// What is wrong with an answer, and what to write.
pub(crate) fn answer_problem(input: &Input, problem: AnswerProblem, language: Language) -> String {
    let range = input.kind.range();
    let number = |number: Number| {
        let written = explain::number_for_people(number, shape(input), language.tongue());
        match &input.kind {
            InputKind::Money(_) => language
                .pick::<fn(&str) -> String>(|n| [n, "\u{a0}€"].concat(), |n| ["€", n].concat())(
                &written
            ),
            InputKind::Number(_) | InputKind::Boolean | InputKind::Date | InputKind::Choice(_) => written,
        }
    };
    let bound =
        |number: Option<Number>, write: &dyn Fn(Number) -> String| number.map(write).unwrap_or_default();
    match problem {
        AnswerProblem::Min => {
            let least = bound(range.and_then(|range| range.min), &number);
            [language.pick("Almeno ", "At least "), &least, "."].concat()
        }
        AnswerProblem::Max => {
            let most = bound(range.and_then(|range| range.max), &number);
            [language.pick("Al massimo ", "At most "), &most, "."].concat()
        }
        AnswerProblem::Decimals => decimals(range, language),
        AnswerProblem::Missing => match &input.kind {
            InputKind::Boolean | InputKind::Choice(_) => {
                language.pick("Scegli una risposta.", "Choose an answer.")
            }
            InputKind::Number(_) | InputKind::Money(_) | InputKind::Date => {
                language.pick("Scrivi una risposta.", "Write an answer.")
            }
        }
        .to_owned(),
        AnswerProblem::Type => match &input.kind {
            InputKind::Money(_) => language.pick(
                "Scrivi un importo con le sole cifre, per esempio 1.234,56.",
                "Write an amount in digits, for example 1,234.56.",
            ),
            InputKind::Number(range) if range.decimals == 0 => language.pick(
                "Scrivi un numero intero, in cifre.",
                "Write a whole number, in digits.",
            ),
            InputKind::Number(_) => language.pick(
                "Scrivi un numero in cifre, per esempio 12,5.",
                "Write a number in digits, for example 12.5.",
            ),
            InputKind::Date => language.pick(
                "Scrivi giorno, mese e anno, per esempio 30/11/2026.",
                "Write day, month and year, for example 30/11/2026.",
            ),
            InputKind::Boolean | InputKind::Choice(_) => {
                language.pick("Scegli una delle risposte.", "Choose one of the answers.")
            }
        }
        .to_owned(),
        AnswerProblem::Date => language
            .pick("Questo giorno non esiste.", "There is no such day.")
            .to_owned(),
        AnswerProblem::Option | AnswerProblem::Unknown | AnswerProblem::NotAsked => language
            .pick("Scegli una delle risposte.", "Choose one of the answers.")
            .to_owned(),
    }
}

fn decimals(range: Option<&Range>, language: Language) -> String {
    let count = range.map_or(0, |range| range.decimals);
    match count {
        0 => language
            .pick(
                "Scrivi un numero intero, senza decimali.",
                "Write a whole number, without decimals.",
            )
            .to_owned(),
        1 => language
            .pick("Al massimo un decimale.", "At most one decimal.")
            .to_owned(),
        count => {
            let count = count.to_string();
            match language {
                Language::Italian => ["Al massimo ", &count, " decimali."].concat(),
                Language::English => ["At most ", &count, " decimals."].concat(),
            }
        }
    }
}

/// How the values of a question are written.
pub(crate) fn shape(input: &Input) -> tariff::model::Shape {
    use tariff::model::Shape;
    match &input.kind {
        InputKind::Number(_) => Shape::Number,
        InputKind::Money(_) => Shape::Money,
        InputKind::Boolean => Shape::Boolean,
        InputKind::Date => Shape::Date,
        InputKind::Choice(_) => Shape::Choice(None),
    }
}

/// Whether the figures can be relied upon; nothing to say when they are the act's own.
pub(crate) const fn status(status: Status, language: Language) -> Option<&'static str> {
    match status {
        Status::Real => None,
        Status::Partial => Some(language.pick(
            "Una parte degli importi viene dagli atti, il resto è d’esempio.",
            "Some of the amounts are from the acts, the others are examples.",
        )),
        Status::Illustrative | Status::Draft => Some(language.pick(
            "Importi d’esempio: non sono quelli di un ente vero.",
            "Example amounts: they are not those of a real institution.",
        )),
    }
}

/// Until when an amount holds, and what comes after.
pub(crate) fn holds(until: &str, then: Option<Cents>, language: Language) -> String {
    match (then, language) {
        (Some(then), Language::Italian) => {
            ["Vale fino al ", until, ", poi ", &euro(then, language), "."].concat()
        }
        (Some(then), Language::English) => {
            ["It holds until ", until, ", then ", &euro(then, language), "."].concat()
        }
        (None, Language::Italian) => [
            "Vale fino al ",
            until,
            ". Per i giorni dopo la tariffa non è ancora stabilita.",
        ]
        .concat(),
        (None, Language::English) => [
            "It holds until ",
            until,
            ". For the days after, the rates are not set yet.",
        ]
        .concat(),
    }
}

/// Below what nothing is asked for.
pub(crate) fn not_due(total: Cents, bound: Cents, language: Language) -> String {
    let (total, bound) = (euro(total, language), euro(bound, language));
    match language {
        Language::Italian => [
            "Il calcolo dà ",
            &total,
            ": sotto ",
            &bound,
            " l’importo non si chiede.",
        ]
        .concat(),
        Language::English => [
            "The sum gives ",
            &total,
            ": below ",
            &bound,
            " it is not asked for.",
        ]
        .concat(),
    }
}

/// Why no notice was made.
pub(crate) const fn problem(problem: FeeProblem, language: Language) -> &'static str {
    match problem {
        FeeProblem::Changed => Fees::Changed.text(language),
        FeeProblem::Name => language.pick("Scrivi nome e cognome, o la denominazione.", "Write the full name, or the company name."),
        FeeProblem::Code => language.pick(
            "Il codice fiscale non è giusto: controlla lettera per lettera.",
            "The tax code is not right: check it letter by letter.",
        ),
        FeeProblem::Email => language.pick("L’indirizzo e-mail non è completo.", "The e-mail address is not complete."),
        FeeProblem::NotDue => language.pick(
            "Con queste risposte non c’è niente da pagare, quindi non serve un avviso.",
            "With these answers there is nothing to pay, so no notice is needed.",
        ),
        FeeProblem::TooManyParts => language.pick(
            "È troppo per un solo avviso: dividi la richiesta, per esempio con meno copie.",
            "This is too much for one notice: split the request, for example into fewer copies.",
        ),
        FeeProblem::Old => language.pick(
            "Questa pagina era aperta da troppo tempo. Controlla i dati e premi di nuovo.",
            "This page was open for too long. Check the details and press again.",
        ),
        FeeProblem::TooMany => language.pick(
            "Da qui sono stati creati molti avvisi in poco tempo: riprova più tardi.",
            "Many notices were made from here in a short time: try again later.",
        ),
        FeeProblem::Unavailable => language.pick(
            "In questo momento non possiamo creare l’avviso. Riprova fra qualche minuto: le tue risposte restano qui.",
            "We cannot make the notice right now. Try again in a few minutes: your answers stay here.",
        ),
    }
}
