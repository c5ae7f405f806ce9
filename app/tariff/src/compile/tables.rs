//! Tables of rates: every key has its row, bands and segments follow each other without hole or overlap.

mod bands;
mod lookup;

use super::check::{Exactness, Kind, Scope, TableName, is_reserved};
use super::read::is_name;
use super::source::{Section, Source};
use crate::model::{Input, InputKind, Rows, Shape, Table, Value};
use crate::number::Number;
use std::collections::{BTreeMap, BTreeSet};

const TABLES_MAX: usize = 64;
const ROWS_MAX: usize = 2_000;
const KEYS_MAX: usize = 3;
const COLUMNS_MAX: usize = 12;
/// Whole numbers from min to max that are looked up one by one.
const WHOLE_KEYS_MAX: i64 = 2_000;
/// Missing combinations that are named.
const MISSING_TOLD: usize = 3;

/// What a key of a table can be.
struct Key<'a> {
    kind: Kind,
    /// The input it is; else it is a step.
    input: Option<&'a Input>,
    /// The smallest difference of two values, where it is known.
    quantum: Option<Number>,
}

/// Reads the tables, and makes them known to expressions.
pub(crate) fn read(top: &Section<'_, '_>, inputs: &[Input], scope: &mut Scope) -> Vec<Table> {
    let Some(section) = top.section_if("table", "[table]") else {
        return Vec::new();
    };
    let (keys, mut refused) = keys(top, inputs);
    refused.extend(scope.refused.iter().cloned());
    let mut tables = Vec::new();
    let entries = section.entries();
    if entries.len() > TABLES_MAX {
        section.wrong("there are too many tables", format!("at most {TABLES_MAX}"));
    }
    for (id, at, value) in entries.into_iter().take(TABLES_MAX) {
        let Some(content) = value.get_ref().as_table() else {
            section.wrong_kind(id, value, "a section: [table.name]");
            scope.refused.insert(id.to_owned());
            continue;
        };
        check_id(top.source, id, at, scope);
        let reader = Reader {
            section: Section::new(top.source, "[table]", content, at),
            id,
            keys: &keys,
            refused: &refused,
        };
        let Some(kind) =
            reader
                .section
                .one_of("kind", &["lookup", "bands", "slices", "interpolate"], |kind| kind)
        else {
            scope.refused.insert(id.to_owned());
            continue;
        };
        let table = match kind {
            "lookup" => reader.lookup(scope),
            "bands" => reader.bands(Rows::Bands),
            "slices" => reader.bands(Rows::Slices),
            _ => reader.interpolate(),
        };
        match table {
            Some(table) => {
                note(&table, tables.len(), &keys, scope);
                tables.push(table);
            }
            None => {
                scope.refused.insert(id.to_owned());
            }
        }
    }
    tables
}

/// Inputs, and steps as they are declared: steps are read later, since they may look tables up. With the names of steps
/// whose kind will be refused.
fn keys<'a>(top: &Section<'_, '_>, inputs: &'a [Input]) -> (BTreeMap<String, Key<'a>>, BTreeSet<String>) {
    let (mut keys, mut refused) = (BTreeMap::new(), BTreeSet::new());
    for value in top
        .find("step")
        .and_then(|steps| steps.get_ref().as_array())
        .into_iter()
        .flatten()
    {
        let text = |key| {
            value
                .get_ref()
                .get(key)
                .and_then(|value| value.get_ref().as_str())
        };
        let kind = match text("kind") {
            Some("money") => Kind::Money,
            Some("number") => Kind::Number,
            Some("boolean") => Kind::Boolean,
            Some("date") => continue,
            Some(_) | None => {
                refused.extend(text("id").map(str::to_owned));
                continue;
            }
        };
        let rounded = text("round").and_then(|round| Number::parse(round.split(' ').next()?));
        if let Some(id) = text("id") {
            let key = Key {
                kind,
                input: None,
                quantum: rounded,
            };
            keys.insert(id.to_owned(), key);
        }
    }
    for input in inputs {
        let kind = match &input.kind {
            InputKind::Number(_) => Kind::Number,
            InputKind::Money(_) => Kind::Money,
            InputKind::Boolean => Kind::Boolean,
            InputKind::Date => Kind::Date,
            InputKind::Choice(options) => Kind::Choice(options.iter().map(|option| option.word).collect()),
        };
        keys.insert(
            input.id.clone(),
            Key {
                kind,
                input: Some(input),
                quantum: input
                    .kind
                    .range()
                    .and_then(|range| Number::from_parts(1, range.decimals)),
            },
        );
    }
    (keys, refused)
}

fn check_id(source: &Source<'_>, id: &str, at: usize, scope: &Scope) {
    if is_reserved(id) || scope.names.contains_key(id) || scope.later.contains_key(id) {
        source.wrong(
            at,
            format!("there is already something called `{id}`"),
            "inputs, tables, steps, lines and functions share their names: choose another",
        );
    }
    if !is_name(id) {
        source.wrong(
            at,
            format!("\"{id}\" is not a name"),
            "use small letters, digits and _, beginning with a letter",
        );
    }
}

/// Makes a table known to expressions.
fn note(table: &Table, place: usize, keys: &BTreeMap<String, Key<'_>>, scope: &mut Scope) {
    let kinds = table
        .keys
        .iter()
        .filter_map(|key| keys.get(key))
        .map(|key| key.kind.clone());
    let kind = match table.shape {
        Shape::Money => Kind::Money,
        Shape::Number | Shape::Boolean | Shape::Date => Kind::Number,
        Shape::Choice(_) => Kind::Choice(words_in(table)),
    };
    let endless = match &table.rows {
        Rows::Interpolate(segments, _) => segments.iter().any(|segment| {
            let width = segment.to.checked_sub(segment.from);
            segment.start != segment.end && !width.is_some_and(Number::divides_evenly)
        }),
        Rows::Lookup(_) | Rows::Bands(_) | Rows::Slices(_) => false,
    };
    let known = TableName {
        index: u16::try_from(place).unwrap_or(u16::MAX),
        columns: table.columns.clone(),
        keys: kinds.collect(),
        kind,
        exactness: if endless {
            Exactness::Quotient
        } else {
            Exactness::Exact
        },
    };
    scope.tables.insert(table.id.clone(), known);
}

fn words_in(table: &Table) -> Vec<u16> {
    let mut words = Vec::new();
    if let Rows::Lookup(rows) = &table.rows {
        for value in rows.iter().flat_map(|row| &row.values) {
            if let Value::Word(word) = value
                && !words.contains(word)
            {
                words.push(*word);
            }
        }
    }
    words
}

/// One table being read.
struct Reader<'r, 's, 't> {
    section: Section<'s, 't>,
    id: &'r str,
    keys: &'r BTreeMap<String, Key<'r>>,
    /// Names that cannot be keys because their own section is refused.
    refused: &'r BTreeSet<String>,
}

impl Reader<'_, '_, '_> {
    fn table(&self, keys: Vec<String>, columns: Vec<String>, shape: Shape, rows: Rows) -> Table {
        Table {
            id: self.id.to_owned(),
            label: self.section.words_if("x_label"),
            keys,
            columns,
            shape,
            unit: self.section.text_if("unit").map(str::to_owned),
            rows,
        }
    }

    /// Money when the unit begins with EUR.
    fn numeric_shape(&self) -> Shape {
        let money = self
            .section
            .text_if("unit")
            .is_some_and(|unit| unit.starts_with("EUR"));
        if money { Shape::Money } else { Shape::Number }
    }

    fn key(&self, name: &str, at: usize) -> Option<&Key<'_>> {
        let key = self.keys.get(name);
        if key.is_none() && !self.refused.contains(name) {
            let how = super::mistake::nearest(name, self.keys.keys().map(String::as_str)).map_or_else(
                || "a key is the name of an input or of a step".to_owned(),
                |meant| format!("did you mean `{meant}`?"),
            );
            self.section.source.wrong(
                at,
                format!("nothing that can be looked up is called `{name}`"),
                how,
            );
        }
        key
    }
}
