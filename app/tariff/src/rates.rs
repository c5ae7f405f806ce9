//! The rates of a version as a page people read: what is charged, how it is worked out, by which act. Pages and the
//! command line draw the same [`Sheet`].

use crate::explain::{WriteDay, key_label, number_for_people, value_for_people};
use crate::formula::{in_words, key_shape, name_as_words, rounding_in_words, table_title, template_in_words};
use crate::model::{Band, LookupRow, RowKey, Rows, Segment, Shape, Status, Table, Tariff, Value};
use crate::number::{Number, Rounding};
use crate::text::{Text, Tongue};
use std::collections::BTreeSet;

/// A page of rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What is worked out.
    pub title: String,
    /// A sentence under it.
    pub intro: Option<String>,
    /// What is known of the version, each with its label: in force, figures, source, version.
    pub facts: Vec<(String, String)>,
    /// The tables of rates, then how the total is made of them.
    pub parts: Vec<Part>,
}

/// A part of the page, under a heading of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its heading.
    pub heading: String,
    /// How its table is read.
    pub note: Option<String>,
    /// Headings of the columns. The first column names the row.
    pub columns: Vec<Column>,
    /// Rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// Whether it holds amounts or numbers, which stand at the right.
    pub numeric: bool,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub url: Option<String>,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, url: None }
    }
}

/// The page of a version.
pub fn sheet(tariff: &Tariff, tongue: Tongue, day: WriteDay<'_>) -> Sheet {
    let writer = Writer { tariff, tongue, day };
    let mut parts: Vec<Part> = tariff.tables.iter().map(|table| writer.table(table)).collect();
    parts.extend(
        [writer.steps(), writer.lines(), writer.rules(), writer.laws()]
            .into_iter()
            .filter(|part| !part.rows.is_empty()),
    );
    Sheet {
        title: writer.text(&tariff.title),
        intro: tariff.intro.as_ref().map(|intro| writer.text(intro)),
        facts: writer.facts(),
        parts,
    }
}

/// How sure the figures are, in words.
pub fn status_in_words(status: Status, tongue: Tongue) -> &'static str {
    match (status, tongue) {
        (Status::Real, Tongue::Italian) => "importi dell'atto",
        (Status::Partial, Tongue::Italian) => "importi in parte dell'atto, in parte da verificare",
        (Status::Illustrative, Tongue::Italian) => "importi inventati, solo dimostrativi",
        (Status::Draft, Tongue::Italian) => "bozza",
        (Status::Real, Tongue::English) => "amounts of the act",
        (Status::Partial, Tongue::English) => "some amounts are of the act, some to be checked",
        (Status::Illustrative, Tongue::English) => "invented amounts, to show how it works",
        (Status::Draft, Tongue::English) => "draft",
    }
}

/// When a version is in force, in words.
pub fn validity_in_words(tariff: &Tariff, tongue: Tongue, day: WriteDay<'_>) -> String {
    let from = day(tariff.valid_from);
    match (tariff.valid_to.map(day), tongue) {
        (None, Tongue::Italian) => format!("dal {from}"),
        (None, Tongue::English) => format!("from {from}"),
        (Some(to), Tongue::Italian) => format!("dal {from} al {to} compreso"),
        (Some(to), Tongue::English) => format!("from {from} until {to} included"),
    }
}

/// A unit as people write it: `EUR/m2/giorno` is `€/m²/giorno`.
pub fn unit_for_people(unit: &str) -> String {
    unit.replace("EUR", "€").replace("m2", "m²").replace("m3", "m³")
}

pub(crate) struct Writer<'a> {
    pub(crate) tariff: &'a Tariff,
    pub(crate) tongue: Tongue,
    pub(crate) day: WriteDay<'a>,
}

impl Writer<'_> {
    pub(crate) fn either(&self, italian: &str, english: &str) -> String {
        match self.tongue {
            Tongue::Italian => italian.to_owned(),
            Tongue::English => english.to_owned(),
        }
    }

    pub(crate) fn text(&self, text: &Text) -> String {
        text.in_tongue(self.tongue).to_owned()
    }

    fn column(&self, italian: &str, english: &str) -> Column {
        Column {
            heading: self.either(italian, english),
            numeric: false,
        }
    }

    pub(crate) fn facts(&self) -> Vec<(String, String)> {
        let tariff = self.tariff;
        let mut facts = vec![
            (
                self.either("In vigore", "In force"),
                validity_in_words(tariff, self.tongue, self.day),
            ),
            (
                self.either("Importi", "Figures"),
                status_in_words(tariff.status, self.tongue).to_owned(),
            ),
            (self.either("Fonte", "Source"), tariff.source.clone()),
            (self.either("Versione", "Version"), tariff.version.clone()),
        ];
        if let Some(least) = tariff.not_due_below {
            facts.push((
                self.either("Non dovuto sotto", "Not due below"),
                self.amount(least),
            ));
        }
        let receivers: Vec<String> = tariff
            .beneficiaries
            .iter()
            .map(|beneficiary| self.text(&beneficiary.name))
            .collect();
        facts.push((self.either("A favore di", "Paid to"), receivers.join(", ")));
        facts
    }

    pub(crate) fn amount(&self, amount: Number) -> String {
        let written = self.number(amount, Shape::Money);
        match self.tongue {
            Tongue::Italian => format!("{written} €"),
            Tongue::English => format!("€{written}"),
        }
    }

    pub(crate) fn number(&self, number: Number, shape: Shape) -> String {
        number_for_people(number, shape, self.tongue)
    }

    pub(crate) fn value(&self, value: Value, shape: Shape) -> String {
        value_for_people(self.tariff, value, shape, self.tongue, self.day)
    }

    fn table(&self, table: &Table) -> Part {
        let title = table_title(table, self.tongue);
        let heading = match &table.unit {
            Some(unit) => format!("{title} ({})", unit_for_people(unit)),
            None => title,
        };
        let (columns, rows) = match &table.rows {
            Rows::Lookup(rows) => match (&table.keys[..], &table.columns[..]) {
                ([first, second], [_]) => self.crossed(table, first, second, rows),
                _ => self.listed(table, rows),
            },
            Rows::Bands(_) | Rows::Slices(_) | Rows::Interpolate(..) => {
                let rows = self.rows(table);
                let cells = rows.into_iter().map(|(key, values)| {
                    let values = values.into_iter().map(|(_, value)| value);
                    std::iter::once(key).chain(values).map(Cell::from).collect()
                });
                (self.headings(table), cells.collect())
            }
        };
        Part {
            heading,
            note: self.reading(&table.rows),
            columns,
            rows,
        }
    }

    /// How a table that is not looked up row by row is read.
    fn reading(&self, rows: &Rows) -> Option<String> {
        match rows {
            Rows::Lookup(_) => None,
            Rows::Bands(_) => Some(self.either(
                "Vale la riga in cui cade l'intero valore.",
                "The row the whole value falls into holds.",
            )),
            Rows::Slices(_) => Some(self.either(
                "A scaglioni: ogni parte del valore conta secondo la sua riga, e le parti si sommano.",
                "By slices: each part of the value counts by its own row, and the parts are summed.",
            )),
            Rows::Interpolate(..) => Some(self.either(
                "In proporzione fra i due estremi di ogni riga.",
                "In proportion between the two ends of each row.",
            )),
        }
    }

    fn key_heading(&self, key: &str) -> String {
        key_label(self.tariff, key, self.tongue)
            .map_or_else(|| name_as_words(key), |(label, _)| label.to_owned())
    }

    fn headings(&self, table: &Table) -> Vec<Column> {
        let keys = table.keys.iter().map(|key| Column {
            heading: self.key_heading(key),
            numeric: false,
        });
        let values = table.columns.iter().map(|column| Column {
            heading: self.column_heading(table, column),
            numeric: is_numeric(table.shape),
        });
        keys.chain(values).collect()
    }

    fn column_heading(&self, table: &Table, column: &str) -> String {
        if table.columns.len() == 1 {
            self.either("Valore", "Value")
        } else {
            name_as_words(column)
        }
    }

    /// A row for each set of keys, a column for each value.
    fn listed(&self, table: &Table, rows: &[LookupRow]) -> (Vec<Column>, Vec<Vec<Cell>>) {
        let cells = rows.iter().map(|row| {
            let keys = row
                .keys
                .iter()
                .zip(&table.keys)
                .map(|(key, name)| self.key(*key, name));
            let values = row.values.iter().map(|value| self.value(*value, table.shape));
            keys.chain(values).map(Cell::from).collect()
        });
        (self.headings(table), cells.collect())
    }

    /// Two keys and one value: the first key goes down, the second across.
    fn crossed(
        &self,
        table: &Table,
        first: &str,
        second: &str,
        rows: &[LookupRow],
    ) -> (Vec<Column>, Vec<Vec<Cell>>) {
        let (mut down, mut across): (Vec<RowKey>, Vec<RowKey>) = (Vec::new(), Vec::new());
        for row in rows {
            if let [one, other] = row.keys[..] {
                if !down.contains(&one) {
                    down.push(one);
                }
                if !across.contains(&other) {
                    across.push(other);
                }
            }
        }
        let mut columns = vec![Column {
            heading: self.key_heading(first),
            numeric: false,
        }];
        columns.extend(across.iter().map(|key| Column {
            heading: format!("{}: {}", self.key_heading(second), self.key(*key, second)),
            numeric: is_numeric(table.shape),
        }));
        let cells = down.iter().map(|one| {
            let values = across.iter().map(|other| {
                let row = rows.iter().find(|row| row.keys == [*one, *other]);
                let value = row.and_then(|row| row.values.first());
                value.map_or_else(String::new, |value| self.value(*value, table.shape))
            });
            std::iter::once(self.key(*one, first))
                .chain(values)
                .map(Cell::from)
                .collect()
        });
        (columns, cells.collect())
    }

    /// The rows of a table: what each is for, and its value in each column.
    pub(crate) fn rows(&self, table: &Table) -> Vec<(String, Vec<(String, String)>)> {
        let single = |value: String| vec![(self.either("Valore", "Value"), value)];
        let shape = table
            .keys
            .first()
            .map_or(Shape::Number, |key| key_shape(self.tariff, key, self.tongue));
        match &table.rows {
            Rows::Lookup(rows) => rows
                .iter()
                .map(|row| {
                    let keys = row
                        .keys
                        .iter()
                        .zip(&table.keys)
                        .map(|(key, name)| self.key(*key, name));
                    let values = table.columns.iter().zip(&row.values).map(|(column, value)| {
                        (
                            self.column_heading(table, column),
                            self.value(*value, table.shape),
                        )
                    });
                    (keys.collect::<Vec<_>>().join(", "), values.collect())
                })
                .collect(),
            Rows::Bands(bands) | Rows::Slices(bands) => bands
                .iter()
                .enumerate()
                .map(|(place, band)| {
                    let before = place.checked_sub(1).and_then(|before| bands.get(before)?.up_to);
                    (
                        self.band(before, band, shape),
                        single(self.number(band.value, table.shape)),
                    )
                })
                .collect(),
            Rows::Interpolate(segments, beyond) => {
                let mut rows: Vec<_> = segments
                    .iter()
                    .map(|segment| self.segment(segment, shape, table.shape))
                    .map(|(key, value)| (key, single(value)))
                    .collect();
                if let (Some(last), Some(beyond)) = (segments.last(), beyond) {
                    let key = self.number(last.to, shape);
                    rows.push((
                        format!("{} {key}", self.either("oltre", "above")),
                        single(self.number(*beyond, table.shape)),
                    ));
                }
                rows
            }
        }
    }

    fn key(&self, key: RowKey, name: &str) -> String {
        let shape = key_shape(self.tariff, name, self.tongue);
        match key {
            RowKey::Word(word) => self.value(Value::Word(word), shape),
            RowKey::Boolean(truth) => self.value(Value::Boolean(truth), shape),
            RowKey::Exactly(whole) => self.number(Number::from_i64(whole), Shape::Number),
            RowKey::AtLeast(whole) => {
                let least = self.number(Number::from_i64(whole), Shape::Number);
                format!("{least} {}", self.either("o più", "or more"))
            }
        }
    }

    fn band(&self, before: Option<Number>, band: &Band, shape: Shape) -> String {
        let written = |number| self.number(number, shape);
        match (before.map(written), band.up_to.map(written), self.tongue) {
            (None, None, Tongue::Italian) => "qualunque".to_owned(),
            (None, None, Tongue::English) => "any".to_owned(),
            (None, Some(to), Tongue::Italian) => format!("fino a {to}"),
            (None, Some(to), Tongue::English) => format!("up to {to}"),
            (Some(from), None, Tongue::Italian) => format!("oltre {from}"),
            (Some(from), None, Tongue::English) => format!("above {from}"),
            (Some(from), Some(to), Tongue::Italian) => format!("oltre {from} fino a {to}"),
            (Some(from), Some(to), Tongue::English) => format!("above {from} up to {to}"),
        }
    }

    fn segment(&self, segment: &Segment, key: Shape, value: Shape) -> (String, String) {
        let span = |from: Number, to: Number, shape| {
            let (first, last) = (self.number(from, shape), self.number(to, shape));
            match self.tongue {
                Tongue::Italian => format!("da {first} a {last}"),
                Tongue::English => format!("from {first} to {last}"),
            }
        };
        let values = if segment.start == segment.end {
            self.number(segment.start, value)
        } else {
            span(segment.start, segment.end, value)
        };
        (span(segment.from, segment.to, key), values)
    }

    fn steps(&self) -> Part {
        let rows = self.tariff.steps.iter().map(|step| {
            let formula = in_words(self.tariff, &step.value, self.tongue);
            let formula = match step.round {
                Some(rounding) => format!("{formula}; {}", self.rounded(rounding)),
                None => formula,
            };
            let label = self.text(&step.label);
            let label = match &step.unit {
                Some(unit) => format!("{label} ({})", unit_for_people(unit.in_tongue(self.tongue))),
                None => label,
            };
            vec![label.into(), formula.into()]
        });
        Part {
            heading: self.either("Calcoli intermedi", "Intermediate results"),
            note: None,
            columns: vec![
                self.column("Che cosa", "What"),
                self.column("Come si calcola", "How it is worked out"),
            ],
            rows: rows.collect(),
        }
    }

    fn rounded(&self, rounding: Rounding) -> String {
        let how = rounding_in_words(rounding, self.tongue);
        format!("{} {how}", self.either("arrotondato", "rounded"))
    }

    fn lines(&self) -> Part {
        let tariff = self.tariff;
        let several = tariff.beneficiaries.len() > 1;
        let conditional = tariff.lines.iter().any(|line| line.when.is_some());
        let mut columns = vec![
            self.column("Voce", "Item"),
            self.column("Come si calcola", "How it is worked out"),
        ];
        if conditional {
            columns.push(self.column("Quando", "When"));
        }
        if several {
            columns.push(self.column("A favore di", "Paid to"));
        }
        columns.push(self.column("Atti", "Acts"));
        let rows = tariff.lines.iter().map(|line| {
            let mut cells: Vec<Cell> = vec![
                template_in_words(tariff, &line.label, self.tongue).into(),
                in_words(tariff, &line.value, self.tongue).into(),
            ];
            if conditional {
                let when = line.when.as_ref();
                let written = when.map(|when| in_words(tariff, when, self.tongue));
                cells.push(written.unwrap_or_else(|| self.either("sempre", "always")).into());
            }
            if several {
                let to = tariff.beneficiaries.get(usize::from(line.to));
                cells.push(to.map(|to| self.text(&to.name)).unwrap_or_default().into());
            }
            cells.push(self.acts(&line.laws).into());
            cells
        });
        let ways: BTreeSet<String> = tariff
            .lines
            .iter()
            .map(|line| rounding_in_words(line.round, self.tongue))
            .collect();
        let ways = ways.into_iter().collect::<Vec<_>>().join("; ");
        Part {
            heading: self.either("Di che cosa è fatto il totale", "What the total is made of"),
            note: Some(match self.tongue {
                Tongue::Italian => format!(
                    "Ogni voce è calcolata esattamente e poi arrotondata ({ways}); il totale è la somma delle voci."
                ),
                Tongue::English => format!(
                    "Each item is worked out exactly and then rounded ({ways}); the total is the sum of the items."
                ),
            }),
            columns,
            rows: rows.collect(),
        }
    }

    pub(crate) fn acts(&self, laws: &[u16]) -> String {
        let texts = laws
            .iter()
            .filter_map(|law| self.tariff.laws.get(usize::from(*law)))
            .map(|law| self.text(&law.text));
        texts.collect::<Vec<_>>().join("; ")
    }

    fn rules(&self) -> Part {
        let row = |kind: String, rule: &crate::model::Rule| -> Vec<Cell> {
            vec![
                template_in_words(self.tariff, &rule.message, self.tongue).into(),
                kind.into(),
                self.acts(&rule.laws).into(),
            ]
        };
        let exempts = self.tariff.exempts.iter();
        let requires = self.tariff.requires.iter();
        let rows = exempts
            .map(|rule| row(self.either("non si paga", "nothing is due"), rule))
            .chain(requires.map(|rule| row(self.either("non si calcola", "not worked out"), rule)));
        Part {
            heading: self.either("Esenzioni e condizioni", "Exemptions and conditions"),
            note: None,
            columns: vec![
                self.column("Regola", "Rule"),
                self.column("Effetto", "Effect"),
                self.column("Atti", "Acts"),
            ],
            rows: rows.collect(),
        }
    }

    fn laws(&self) -> Part {
        let explained = self.tariff.laws.iter().any(|law| law.note.is_some());
        let mut columns = vec![self.column("Atto", "Act")];
        if explained {
            columns.push(self.column("Che cosa dice", "What it says"));
        }
        let rows = self.tariff.laws.iter().map(|law| {
            let mut cells = vec![Cell {
                text: self.text(&law.text),
                url: law.url.clone(),
            }];
            if explained {
                let note = law.note.as_ref().map(|note| self.text(note));
                cells.push(note.unwrap_or_default().into());
            }
            cells
        });
        Part {
            heading: self.either("Atti", "Acts"),
            note: None,
            columns,
            rows: rows.collect(),
        }
    }
}

fn is_numeric(shape: Shape) -> bool {
    match shape {
        Shape::Money | Shape::Number => true,
        Shape::Boolean | Shape::Date | Shape::Choice(_) => false,
    }
}
