//! What changed between two versions, in people's words: amounts, questions, conditions, laws. Each version is a file of
//! its own; this is how an office sees that the new one changes what it should, and nothing else.

use crate::explain::WriteDay;
use crate::expression::Expression;
use crate::formula::{in_words, rounding_in_words, table_title, template_in_words};
use crate::model::{Input, InputKind, Line, Range, Rule, Shape, Step, Table, Tariff};
use crate::rates::{Writer, unit_for_people};
use crate::text::Tongue;

/// Something that is not the same in both versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it is.
    pub part: Part,
    /// What it is: a question, a row of a table, a line.
    pub item: String,
    /// What happened to it.
    pub change: Change,
}

/// What happened to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new: what it says.
    Added(String),
    /// It is gone: what it said.
    Removed(String),
    /// One side of it changed.
    Changed {
        /// Which side.
        aspect: String,
        /// As it was; empty when there was nothing.
        before: String,
        /// As it is; empty when there is nothing.
        after: String,
    },
}

/// A part of a tariff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What stands before the sections.
    Head,
    /// The acts.
    Laws,
    /// Whose money it is.
    Beneficiaries,
    /// The questions.
    Questions,
    /// The tables of rates.
    Tables,
    /// Intermediate results.
    Steps,
    /// Without which nothing is worked out.
    Requirements,
    /// When nothing is due.
    Exemptions,
    /// What the total is made of.
    Lines,
}

impl Part {
    /// Its heading.
    pub const fn heading(self, tongue: Tongue) -> &'static str {
        match (self, tongue) {
            (Self::Head, Tongue::Italian) => "Versione",
            (Self::Laws, Tongue::Italian) => "Atti",
            (Self::Beneficiaries, Tongue::Italian) => "Beneficiari",
            (Self::Questions, Tongue::Italian) => "Domande",
            (Self::Tables, Tongue::Italian) => "Tabelle",
            (Self::Steps, Tongue::Italian) => "Calcoli intermedi",
            (Self::Requirements, Tongue::Italian) => "Condizioni",
            (Self::Exemptions, Tongue::Italian) => "Esenzioni",
            (Self::Lines, Tongue::Italian) => "Voci del totale",
            (Self::Head, Tongue::English) => "Version",
            (Self::Laws, Tongue::English) => "Acts",
            (Self::Beneficiaries, Tongue::English) => "Beneficiaries",
            (Self::Questions, Tongue::English) => "Questions",
            (Self::Tables, Tongue::English) => "Tables",
            (Self::Steps, Tongue::English) => "Intermediate results",
            (Self::Requirements, Tongue::English) => "Conditions",
            (Self::Exemptions, Tongue::English) => "Exemptions",
            (Self::Lines, Tongue::English) => "Items of the total",
        }
    }
}

/// Something of a version, and what can be said of it.
struct Item {
    part: Part,
    /// The same in both versions.
    id: String,
    /// For people.
    name: String,
    aspects: Vec<(String, String)>,
}

impl Item {
    fn is(&self, other: &Self) -> bool {
        self.part == other.part && self.id == other.id
    }

    /// Everything it says, in one sentence.
    fn summary(&self) -> String {
        let said = self.aspects.iter().filter(|(_, value)| !value.is_empty());
        let written: Vec<String> = said.map(|(aspect, value)| format!("{aspect}: {value}")).collect();
        written.join("; ")
    }
}

/// What changed from `old` to `new`, in the order of the file.
pub fn changes(old: &Tariff, new: &Tariff, tongue: Tongue, day: WriteDay<'_>) -> Vec<Difference> {
    let items = |tariff| Reader(Writer { tariff, tongue, day }).items();
    let (before, after) = (items(old), items(new));
    let mut found = Vec::new();
    for item in &after {
        match before.iter().find(|old| old.is(item)) {
            Some(old) => found.extend(differing(old, item)),
            None => found.push(Difference {
                part: item.part,
                item: item.name.clone(),
                change: Change::Added(item.summary()),
            }),
        }
    }
    let gone = before.iter().filter(|old| !after.iter().any(|item| item.is(old)));
    found.extend(gone.map(|item| Difference {
        part: item.part,
        item: item.name.clone(),
        change: Change::Removed(item.summary()),
    }));
    found.sort_by_key(|difference| difference.part);
    found
}

fn differing(old: &Item, new: &Item) -> Vec<Difference> {
    let value = |item: &Item, aspect: &str| {
        let found = item.aspects.iter().find(|(name, _)| name == aspect);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let only_old = old
        .aspects
        .iter()
        .filter(|(name, _)| !new.aspects.iter().any(|(other, _)| other == name));
    new.aspects
        .iter()
        .chain(only_old)
        .map(|(aspect, _)| (aspect, value(old, aspect), value(new, aspect)))
        .filter(|(_, before, after)| before != after)
        .map(|(aspect, before, after)| Difference {
            part: new.part,
            item: new.name.clone(),
            change: Change::Changed {
                aspect: aspect.clone(),
                before,
                after,
            },
        })
        .collect()
}

/// Takes a version apart.
struct Reader<'a>(Writer<'a>);

impl Reader<'_> {
    fn items(&self) -> Vec<Item> {
        let Writer { tariff, tongue, .. } = self.0;
        let mut items = vec![self.head()];
        items.extend(tariff.laws.iter().map(|law| Item {
            part: Part::Laws,
            id: law.id.clone(),
            name: law.text.in_tongue(tongue).to_owned(),
            aspects: vec![
                self.aspect("testo", "text", self.0.text(&law.text)),
                self.aspect("indirizzo", "address", law.url.clone().unwrap_or_default()),
                self.aspect(
                    "nota",
                    "note",
                    law.note.as_ref().map(|note| self.0.text(note)).unwrap_or_default(),
                ),
            ],
        }));
        items.extend(tariff.beneficiaries.iter().map(|one| Item {
            part: Part::Beneficiaries,
            id: one.id.clone(),
            name: one.name.in_tongue(tongue).to_owned(),
            aspects: vec![
                self.aspect("nome", "name", self.0.text(&one.name)),
                self.aspect("tassonomia", "taxonomy", one.taxonomy.clone()),
                self.aspect("conto", "account", one.account.clone()),
                self.aspect(
                    "versamento proprio",
                    "transfer of its own",
                    self.yes_or_no(one.transfer),
                ),
            ],
        }));
        items.extend(tariff.inputs.iter().map(|input| self.question(input)));
        items.extend(tariff.tables.iter().flat_map(|table| self.table(table)));
        items.extend(tariff.steps.iter().map(|step| self.step(step)));
        items.extend(
            tariff
                .requires
                .iter()
                .map(|rule| self.rule(Part::Requirements, rule)),
        );
        items.extend(
            tariff
                .exempts
                .iter()
                .map(|rule| self.rule(Part::Exemptions, rule)),
        );
        items.extend(tariff.lines.iter().map(|line| self.line(line)));
        items
    }

    fn aspect(&self, italian: &str, english: &str, value: String) -> (String, String) {
        (self.0.either(italian, english), value)
    }

    fn yes_or_no(&self, truth: bool) -> String {
        if truth {
            self.0.either("sì", "yes")
        } else {
            "no".to_owned()
        }
    }

    fn head(&self) -> Item {
        let tariff = self.0.tariff;
        let mut aspects = vec![
            self.aspect("titolo", "title", self.0.text(&tariff.title)),
            self.aspect(
                "introduzione",
                "introduction",
                tariff
                    .intro
                    .as_ref()
                    .map(|intro| self.0.text(intro))
                    .unwrap_or_default(),
            ),
        ];
        // That a version is another one is known.
        let version = self.0.either("Versione", "Version");
        let facts = self.0.facts().into_iter().filter(|(label, _)| *label != version);
        aspects.extend(facts.map(|(label, value)| (label.to_lowercase(), value)));
        aspects.push(self.aspect("calendario", "calendar", tariff.calendar.as_str().to_owned()));
        aspects.push(self.aspect(
            "scelta da",
            "picked by",
            tariff.selected_by.clone().unwrap_or_else(|| "today".to_owned()),
        ));
        Item {
            part: Part::Head,
            id: String::new(),
            name: tariff.title.in_tongue(self.0.tongue).to_owned(),
            aspects,
        }
    }

    fn question(&self, input: &Input) -> Item {
        let Writer { tariff, tongue, .. } = self.0;
        let words = |text: &Option<crate::text::Text>| {
            text.as_ref().map(|text| self.0.text(text)).unwrap_or_default()
        };
        let shape = match &input.kind {
            InputKind::Money(_) => Shape::Money,
            InputKind::Number(_) => Shape::Number,
            InputKind::Boolean => Shape::Boolean,
            InputKind::Date => Shape::Date,
            InputKind::Choice(_) => Shape::Choice(None),
        };
        let bound = |of: fn(&Range) -> Option<crate::number::Number>| {
            let number = input.kind.range().and_then(of);
            number
                .map(|number| self.0.number(number, shape))
                .unwrap_or_default()
        };
        let kind = match (&input.kind, tongue) {
            (InputKind::Number(_), Tongue::Italian) => "numero",
            (InputKind::Money(_), Tongue::Italian) => "importo",
            (InputKind::Boolean, Tongue::Italian) => "sì o no",
            (InputKind::Date, Tongue::Italian) => "data",
            (InputKind::Choice(_), Tongue::Italian) => "scelta",
            (InputKind::Number(_), Tongue::English) => "number",
            (InputKind::Money(_), Tongue::English) => "amount",
            (InputKind::Boolean, Tongue::English) => "yes or no",
            (InputKind::Date, Tongue::English) => "date",
            (InputKind::Choice(_), Tongue::English) => "choice",
        };
        let options = match &input.kind {
            InputKind::Choice(options) => options.iter().map(|option| self.0.text(&option.label)).collect(),
            InputKind::Number(_) | InputKind::Money(_) | InputKind::Boolean | InputKind::Date => Vec::new(),
        };
        let asked = input.ask_when.as_ref();
        let default = input.default.map(|value| self.0.value(value, shape));
        Item {
            part: Part::Questions,
            id: input.id.clone(),
            name: input.label.in_tongue(tongue).to_owned(),
            aspects: vec![
                self.aspect("domanda", "question", self.0.text(&input.label)),
                self.aspect("aiuto", "help", words(&input.help)),
                self.aspect("unità", "unit", words(&input.unit)),
                self.aspect("tipo", "kind", kind.to_owned()),
                self.aspect("minimo", "least", bound(|range| range.min)),
                self.aspect("massimo", "most", bound(|range| range.max)),
                self.aspect(
                    "decimali",
                    "decimals",
                    input
                        .kind
                        .range()
                        .map(|range| range.decimals.to_string())
                        .unwrap_or_default(),
                ),
                self.aspect("risposte", "answers", options.join(", ")),
                self.aspect(
                    "chiesta se",
                    "asked if",
                    asked
                        .map(|when| in_words(tariff, when, tongue))
                        .unwrap_or_default(),
                ),
                self.aspect("altrimenti vale", "otherwise worth", default.unwrap_or_default()),
            ],
        }
    }

    /// The table, and each of its rows.
    fn table(&self, table: &Table) -> Vec<Item> {
        let title = table_title(table, self.0.tongue);
        let unit = table.unit.as_deref().map(unit_for_people).unwrap_or_default();
        let mut items = vec![Item {
            part: Part::Tables,
            id: table.id.clone(),
            name: title.clone(),
            aspects: vec![
                self.aspect("unità", "unit", unit),
                self.aspect("chiavi", "keys", table.keys.join(", ")),
            ],
        }];
        items.extend(self.0.rows(table).into_iter().map(|(key, values)| {
            Item {
                part: Part::Tables,
                id: format!("{}/{key}", table.id),
                name: format!("{title}, {key}"),
                aspects: values
                    .into_iter()
                    .map(|(column, value)| (column.to_lowercase(), value))
                    .collect(),
            }
        }));
        items
    }

    fn step(&self, step: &Step) -> Item {
        let Writer { tariff, tongue, .. } = self.0;
        let round = step.round.map(|round| rounding_in_words(round, tongue));
        Item {
            part: Part::Steps,
            id: step.id.clone(),
            name: step.label.in_tongue(tongue).to_owned(),
            aspects: vec![
                self.aspect("nome", "name", self.0.text(&step.label)),
                self.aspect("calcolo", "formula", in_words(tariff, &step.value, tongue)),
                self.aspect("arrotondamento", "rounding", round.unwrap_or_default()),
            ],
        }
    }

    fn rule(&self, part: Part, rule: &Rule) -> Item {
        let Writer { tariff, tongue, .. } = self.0;
        // A requirement is kept the other way round.
        let condition = match &rule.when {
            Expression::Not(needed) if part == Part::Requirements => {
                self.aspect("serve che", "needs", in_words(tariff, needed, tongue))
            }
            when => self.aspect("vale se", "holds if", in_words(tariff, when, tongue)),
        };
        Item {
            part,
            id: rule.code.clone(),
            name: rule.code.clone(),
            aspects: vec![
                self.aspect(
                    "messaggio",
                    "message",
                    template_in_words(tariff, &rule.message, tongue),
                ),
                condition,
                self.aspect("atti", "acts", self.0.acts(&rule.laws)),
            ],
        }
    }

    fn line(&self, line: &Line) -> Item {
        let Writer { tariff, tongue, .. } = self.0;
        let label = template_in_words(tariff, &line.label, tongue);
        let to = tariff.beneficiaries.get(usize::from(line.to));
        let when = line.when.as_ref().map(|when| in_words(tariff, when, tongue));
        let explain = line
            .explain
            .as_ref()
            .map(|explain| template_in_words(tariff, explain, tongue));
        Item {
            part: Part::Lines,
            id: line.id.clone(),
            name: label.clone(),
            aspects: vec![
                self.aspect("nome", "name", label),
                self.aspect("quando", "when", when.unwrap_or_default()),
                self.aspect("calcolo", "formula", in_words(tariff, &line.value, tongue)),
                self.aspect(
                    "arrotondamento",
                    "rounding",
                    rounding_in_words(line.round, tongue),
                ),
                self.aspect(
                    "a favore di",
                    "paid to",
                    to.map(|to| self.0.text(&to.name)).unwrap_or_default(),
                ),
                self.aspect("spiegazione", "explanation", explain.unwrap_or_default()),
                self.aspect("atti", "acts", self.0.acts(&line.laws)),
            ],
        }
    }
}
