//! `lanterna tariff explain`

use super::files::{chosen, counting};
use super::quote::asked;
use super::{day_in, either, say};
use crate::cli::TariffQuote;
use ::tariff::answers::AnswerProblem;
use ::tariff::evaluate::quote;
use ::tariff::explain::{fill, key_label, number_for_people, rows, value_for_people};
use ::tariff::formula::{in_words, rounding_in_words, template_in_words};
use ::tariff::model::{Line, Rule, Shape};
use ::tariff::number::Number;
use ::tariff::outlook::{Change, Holds, changes, holds};
use ::tariff::rates::{status_in_words, unit_for_people, validity_in_words};
use ::tariff::{Outcome, Quote, Tariff, Tongue};
use anyhow::Result;
use chrono::NaiveDate;
use domain::Cents;
use domain::money::NumberStyle;

/// Prints how a fee comes about, for a person.
pub(super) fn explain(arguments: &TariffQuote, tongue: Tongue) -> Result<()> {
    let (answers, today) = asked(arguments)?;
    let files = chosen(&arguments.chosen)?;
    let versions = counting(&files);
    let quote = quote(&versions, &answers, today);
    let day = day_in(tongue);
    let teller = Teller {
        quote: &quote,
        tongue,
        day: &day,
    };
    teller.tell(today);
    let counted = matches!(quote.outcome, Outcome::Due | Outcome::NotDue | Outcome::Exempt(_));
    if counted && let Some(tariff) = quote.tariff {
        teller.outlook(
            tariff,
            holds(&versions, &answers, today),
            &changes(&versions, &answers, today),
        );
    }
    Ok(())
}

struct Teller<'a> {
    quote: &'a Quote<'a>,
    tongue: Tongue,
    day: &'a dyn Fn(NaiveDate) -> String,
}

impl Teller<'_> {
    fn either<'a>(&self, italian: &'a str, english: &'a str) -> &'a str {
        either(self.tongue, italian, english)
    }

    fn euro(&self, cents: Cents) -> String {
        match self.tongue {
            Tongue::Italian => format!("{} €", cents.to_people(NumberStyle::Italian)),
            Tongue::English => format!("€{}", cents.to_people(NumberStyle::English)),
        }
    }

    fn number(&self, number: Number, shape: Shape) -> String {
        number_for_people(number, shape, self.tongue)
    }

    fn tell(&self, today: NaiveDate) {
        let Some(tariff) = self.quote.tariff else {
            say(&self.verdict());
            return;
        };
        say(tariff.title.in_tongue(self.tongue));
        say(&format!(
            "{} {}, {} {}, {}",
            self.either("versione", "version"),
            tariff.version,
            self.either("in vigore", "in force"),
            validity_in_words(tariff, self.tongue, self.day),
            status_in_words(tariff.status, self.tongue)
        ));
        say(&format!("{}: {}", self.either("fonte", "source"), tariff.source));
        say(&format!(
            "{} {}",
            self.either("calcolata per il", "worked out for"),
            (self.day)(today)
        ));
        self.answers(tariff);
        self.steps(tariff);
        self.rules(tariff);
        self.lines(tariff);
        say(&format!("\n{}", self.verdict()));
        self.split(tariff);
    }

    fn answers(&self, tariff: &Tariff) {
        if tariff.inputs.is_empty() {
            return;
        }
        say(&format!("\n{}", self.either("Risposte", "Answers")));
        for (place, input) in tariff.inputs.iter().enumerate() {
            let slot = usize::from(tariff.input_slot(place));
            let Some(value) = self.quote.values.get(slot).copied().flatten() else {
                continue;
            };
            let shape = key_label(tariff, &input.id, self.tongue).map_or(Shape::Number, |(_, shape)| shape);
            let written = value_for_people(tariff, value, shape, self.tongue, self.day);
            say(&format!("  {}: {written}", input.label.in_tongue(self.tongue)));
        }
    }

    fn steps(&self, tariff: &Tariff) {
        if tariff.steps.is_empty() {
            return;
        }
        say(&format!(
            "\n{}",
            self.either("Calcoli intermedi", "Intermediate results")
        ));
        for (place, step) in tariff.steps.iter().enumerate() {
            let slot = tariff.step_slot(place);
            let Some(value) = self.quote.values.get(usize::from(slot)).copied().flatten() else {
                continue;
            };
            let written = value_for_people(tariff, value, step.shape, self.tongue, self.day);
            let unit = step.unit.as_ref().map_or_else(String::new, |unit| {
                format!(" {}", unit_for_people(unit.in_tongue(self.tongue)))
            });
            say(&format!(
                "  {}: {written}{unit}",
                step.label.in_tongue(self.tongue)
            ));
            say(&format!("      = {}", in_words(tariff, &step.value, self.tongue)));
            if let Some(rounding) = step.round {
                say(&format!(
                    "      {} {}",
                    self.either("arrotondato", "rounded"),
                    rounding_in_words(rounding, self.tongue)
                ));
            }
            for row in rows(self.quote, slot, self.tongue) {
                say(&format!("      {row}"));
            }
        }
    }

    /// What was asked of the answers: the rule that decided, and those that did not.
    fn rules(&self, tariff: &Tariff) {
        let decided = |rule: &Rule| self.quote.code() == Some(&rule.code);
        let others: Vec<&Rule> = tariff
            .requires
            .iter()
            .chain(&tariff.exempts)
            .filter(|rule| !decided(rule))
            .collect();
        if others.is_empty() {
            return;
        }
        say(&format!("\n{}", self.either("Non è il caso", "Does not apply")));
        for rule in others {
            let message = template_in_words(tariff, &rule.message, self.tongue);
            say(&format!("  {message}{}", self.in_acts(tariff, &rule.laws)));
        }
    }

    fn lines(&self, tariff: &Tariff) {
        let worked_out = matches!(
            self.quote.outcome,
            Outcome::Due | Outcome::NotDue | Outcome::Exempt(None)
        );
        if !worked_out {
            return;
        }
        say(&format!("\n{}", self.either("Voci", "Items")));
        for line in &self.quote.lines {
            let Some(of) = tariff.lines.get(usize::from(line.line)) else {
                continue;
            };
            let label = fill(self.quote, &of.label, self.tongue, self.day);
            say(&format!("  {label}: {}", self.euro(line.amount)));
            if let Some(explain) = &of.explain {
                say(&format!(
                    "      {}",
                    fill(self.quote, explain, self.tongue, self.day)
                ));
            }
            say(&format!("      = {}", in_words(tariff, &of.value, self.tongue)));
            for row in rows(self.quote, tariff.line_slot(usize::from(line.line)), self.tongue) {
                say(&format!("      {row}"));
            }
            say(&format!(
                "      {} {}, {} {}",
                self.either("esatto", "exact"),
                self.number(line.exact, Shape::Money),
                self.either("arrotondato", "rounded"),
                rounding_in_words(of.round, self.tongue)
            ));
            if let Some(to) = tariff.beneficiaries.get(usize::from(of.to)) {
                let name = to.name.in_tongue(self.tongue);
                say(&format!("      {} {name}", self.either("a favore di", "paid to")));
            }
            for act in self.acts(tariff, &of.laws) {
                say(&format!("      {act}"));
            }
        }
        let absent = |place: usize| {
            !self
                .quote
                .lines
                .iter()
                .any(|line| usize::from(line.line) == place)
        };
        let absent: Vec<&Line> = tariff
            .lines
            .iter()
            .enumerate()
            .filter(|(place, _)| absent(*place))
            .map(|(_, line)| line)
            .collect();
        if !absent.is_empty() {
            say(&format!(
                "\n{}",
                self.either("Voci che non si applicano", "Items that do not apply")
            ));
        }
        for line in absent {
            let label = template_in_words(tariff, &line.label, self.tongue);
            let when = line.when.as_ref().map(|when| in_words(tariff, when, self.tongue));
            say(&format!(
                "  {label} ({} {})",
                self.either("solo se", "only if"),
                when.unwrap_or_default()
            ));
        }
    }

    fn acts(&self, tariff: &Tariff, laws: &[u16]) -> Vec<String> {
        laws.iter()
            .filter_map(|law| tariff.laws.get(usize::from(*law)))
            .map(|law| law.text.in_tongue(self.tongue).to_owned())
            .collect()
    }

    fn in_acts(&self, tariff: &Tariff, laws: &[u16]) -> String {
        let acts = self.acts(tariff, laws);
        if acts.is_empty() {
            String::new()
        } else {
            format!(" ({})", acts.join("; "))
        }
    }

    fn split(&self, tariff: &Tariff) {
        if self.quote.split.len() < 2 {
            return;
        }
        for (to, share) in &self.quote.split {
            if let Some(to) = tariff.beneficiaries.get(usize::from(*to)) {
                say(&format!(
                    "  {}: {}",
                    to.name.in_tongue(self.tongue),
                    self.euro(*share)
                ));
            }
        }
    }

    /// What came out, in a sentence.
    fn verdict(&self) -> String {
        let quote = self.quote;
        let rule = |rules: fn(&Tariff) -> &Vec<Rule>, place: u16| {
            let found = quote.tariff.and_then(|tariff| {
                let rule = rules(tariff).get(usize::from(place))?;
                let message = fill(quote, &rule.message, self.tongue, self.day);
                Some(format!("{message}{}", self.in_acts(tariff, &rule.laws)))
            });
            found.unwrap_or_default()
        };
        match &quote.outcome {
            Outcome::Due => format!("{}: {}", self.either("Totale", "Total"), self.euro(quote.total)),
            Outcome::NotDue => format!(
                "{}: {}. {}",
                self.either("Totale", "Total"),
                self.euro(quote.total),
                self.either(
                    "È sotto l'importo minimo: non si paga.",
                    "It is below the least amount: nothing is due."
                )
            ),
            Outcome::Exempt(None) => self
                .either(
                    "Le voci danno zero: non si paga.",
                    "The items make zero: nothing is due.",
                )
                .to_owned(),
            Outcome::Exempt(Some(place)) => format!(
                "{}: {}",
                self.either("Esente", "Exempt"),
                rule(|tariff| &tariff.exempts, *place)
            ),
            Outcome::Refused(place) => format!(
                "{}: {}",
                self.either("Non si calcola", "Not worked out"),
                rule(|tariff| &tariff.requires, *place)
            ),
            Outcome::Invalid { field, problem } => format!(
                "{} «{}»: {}",
                self.either("Risposta", "Answer"),
                self.question(field),
                self.problem(field, *problem)
            ),
            Outcome::NotInForce => self
                .either(
                    "In questo giorno nessuna versione è in vigore.",
                    "No version is in force on this day.",
                )
                .to_owned(),
            Outcome::Unworkable { at, fault } => format!(
                "{} {at} ({}): {}",
                self.either("La tariffa non funziona in", "The tariff does not work in"),
                fault.code(),
                self.either(
                    "va corretta con una nuova versione.",
                    "it is to be corrected by a new version."
                )
            ),
        }
    }

    fn question(&self, field: &str) -> String {
        let label = self
            .quote
            .tariff
            .and_then(|tariff| key_label(tariff, field, self.tongue));
        label.map_or_else(|| field.to_owned(), |(label, _)| label.to_owned())
    }

    fn problem(&self, field: &str, problem: AnswerProblem) -> String {
        let input = self
            .quote
            .tariff
            .and_then(|tariff| tariff.inputs.iter().find(|input| input.id == field));
        let range = input.and_then(|input| input.kind.range());
        let bound = |number: Option<Number>| {
            number.map_or_else(String::new, |number| self.number(number, Shape::Number))
        };
        match problem {
            AnswerProblem::Unknown => self
                .either("non è fra le domande", "is not among the questions")
                .to_owned(),
            AnswerProblem::NotAsked => self
                .either(
                    "con le altre risposte non si chiede",
                    "is not asked with the other answers",
                )
                .to_owned(),
            AnswerProblem::Missing => self.either("manca", "is missing").to_owned(),
            AnswerProblem::Type => self
                .either("non è del tipo giusto", "is not of the right kind")
                .to_owned(),
            AnswerProblem::Decimals => format!(
                "{} {}",
                self.either("decimali, al massimo", "decimals, at most"),
                range.map_or(0, |range| range.decimals)
            ),
            AnswerProblem::Min => format!(
                "{} {}",
                self.either("almeno", "at least"),
                bound(range.and_then(|range| range.min))
            ),
            AnswerProblem::Max => format!(
                "{} {}",
                self.either("al massimo", "at most"),
                bound(range.and_then(|range| range.max))
            ),
            AnswerProblem::Option => self
                .either("non è fra le scelte", "is none of the options")
                .to_owned(),
            AnswerProblem::Date => self
                .either("il giorno non esiste", "there is no such day")
                .to_owned(),
        }
    }

    /// Until when it holds, and what would change it.
    fn outlook(&self, tariff: &Tariff, holds: Option<Holds<'_>>, changes: &[Change]) {
        if let Some(Holds { until, then }) = holds {
            let after = Teller {
                quote: &then,
                tongue: self.tongue,
                day: self.day,
            };
            say(&format!(
                "\n{} {}. {}: {}",
                self.either("Vale fino al", "Holds until"),
                (self.day)(until),
                self.either("Poi", "Then"),
                after.verdict()
            ));
        }
        if changes.is_empty() {
            return;
        }
        say(&format!(
            "\n{}",
            self.either("Che cosa lo cambierebbe", "What would change it")
        ));
        for change in changes {
            let Some(input) = tariff.inputs.get(usize::from(change.input)) else {
                continue;
            };
            let shape = key_label(tariff, &input.id, self.tongue).map_or(Shape::Number, |(_, shape)| shape);
            say(&format!(
                "  {}: {} → {}",
                input.label.in_tongue(self.tongue),
                value_for_people(tariff, change.value, shape, self.tongue, self.day),
                self.euro(change.total)
            ));
        }
    }
}
