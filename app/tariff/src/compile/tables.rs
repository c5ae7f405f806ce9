//! Tables of rates: every key has its row, bands and segments follow each other without hole or overlap.

use super::check::{Exactness, Kind, Scope, TableName, is_reserved};
use super::read::is_name;
use super::source::{Section, Source};
use crate::model::{Band, Input, InputKind, LookupRow, Range, RowKey, Rows, Segment, Shape, Table, Value};
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

/// Keys of a lookup, by name and place, and what each is.
type NamedKeys<'r> = (Vec<(&'r str, usize)>, Vec<&'r Key<'r>>);

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

    fn lookup(&self, scope: &mut Scope) -> Option<Table> {
        let section = &self.section;
        section.refuse_others(&["kind", "keys", "columns", "unit", "type", "rows"]);
        let (names, keys) = self.lookup_keys()?;
        let columns = self.columns(&names)?;
        let text = match section.text_if("type") {
            None => false,
            Some("text") => true,
            Some(other) => {
                section.source.wrong(
                    section.place("type"),
                    format!("\"{other}\" is not a type"),
                    "leave it out for numbers, or write type = \"text\"",
                );
                false
            }
        };
        let shape = if text {
            Shape::Choice(None)
        } else {
            self.numeric_shape()
        };
        let mut rows: Vec<LookupRow> = Vec::new();
        let mut all_read = true;
        for row in section.sections("rows", "a row", ROWS_MAX) {
            let mut known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
            known.extend(columns.iter().map(String::as_str));
            row.refuse_others(&known);
            let row_keys: Option<Vec<RowKey>> = names
                .iter()
                .zip(&keys)
                .map(|((name, _), key)| row_key(&row, name, key, scope))
                .collect();
            let values: Option<Vec<Value>> = columns
                .iter()
                .map(|column| {
                    if text {
                        row.text(column).map(|word| Value::Word(scope.word(word)))
                    } else {
                        row.number(column).map(Value::Number)
                    }
                })
                .collect();
            let (Some(row_keys), Some(values)) = (row_keys, values) else {
                all_read = false;
                continue;
            };
            if rows.iter().any(|other| overlap(&other.keys, &row_keys)) {
                all_read = false;
                section.source.wrong(
                    row.at,
                    "this row is there twice",
                    "each set of keys has one row; an open row like \"6+\" comes after the last number",
                );
            }
            rows.push(LookupRow {
                keys: row_keys,
                values,
            });
        }
        // A row with a mistake may be the one that is missing.
        if all_read {
            self.missing_rows(&names, &keys, &rows, scope);
        }
        let names = names.iter().map(|(name, _)| (*name).to_owned()).collect();
        Some(self.table(names, columns, shape, Rows::Lookup(rows)))
    }

    /// The keys of a lookup: their names with their places, and what they are.
    fn lookup_keys(&self) -> Option<NamedKeys<'_>> {
        let section = &self.section;
        if section.find("keys").is_none() {
            section.wrong("a lookup has no keys", "add `keys = [\"…\"]`");
        }
        let names = section.texts("keys");
        if names.is_empty() || names.len() > KEYS_MAX {
            section.source.wrong(
                section.place("keys"),
                format!("there are {} keys", names.len()),
                format!("a lookup has one to {KEYS_MAX}"),
            );
            return None;
        }
        for (place, (name, at)) in names.iter().enumerate() {
            if names[..place].iter().any(|(other, _)| other == name) {
                section
                    .source
                    .wrong(*at, format!("`{name}` is a key twice"), "name each key once");
                return None;
            }
        }
        let keys: Vec<&Key<'_>> = names
            .iter()
            .filter_map(|(name, at)| self.key(name, *at))
            .collect();
        if keys.len() < names.len() {
            return None;
        }
        for (key, (name, at)) in keys.iter().zip(&names) {
            let fractional = match key.input.map(|input| &input.kind) {
                Some(InputKind::Number(range)) => range.decimals > 0,
                Some(InputKind::Money(_) | InputKind::Date) => true,
                Some(InputKind::Boolean | InputKind::Choice(_)) | None => key.kind == Kind::Money,
            };
            if fractional {
                section.source.wrong(*at, format!("`{name}` has no rows of its own"), "look amounts and numbers with decimals up in `bands`; only words, yes or no and whole numbers have a row each");
                return None;
            }
        }
        Some((names, keys))
    }

    fn columns(&self, keys: &[(&str, usize)]) -> Option<Vec<String>> {
        let section = &self.section;
        if section.find("columns").is_none() {
            return Some(vec!["value".to_owned()]);
        }
        let columns = section.texts("columns");
        if columns.is_empty() || columns.len() > COLUMNS_MAX {
            section.source.wrong(
                section.place("columns"),
                format!("there are {} columns", columns.len()),
                format!("one to {COLUMNS_MAX}; leave `columns` out for one called `value`"),
            );
            return None;
        }
        let mut names: Vec<String> = Vec::new();
        for (name, at) in columns {
            if names.iter().any(|other| other == name) || keys.iter().any(|(key, _)| *key == name) {
                section.source.wrong(
                    at,
                    format!("there are two columns `{name}`"),
                    "give each column and key its own name",
                );
            }
            if !is_name(name) {
                section.source.wrong(
                    at,
                    format!("\"{name}\" is not a name"),
                    "use small letters, digits and _, beginning with a letter",
                );
            }
            names.push(name.to_owned());
        }
        Some(names)
    }

    /// Every option, yes and no, every whole number between the bounds has its row.
    fn missing_rows(&self, names: &[(&str, usize)], keys: &[&Key<'_>], rows: &[LookupRow], scope: &Scope) {
        let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
        for (key, (name, at)) in keys.iter().zip(names) {
            let Some(values) = self.all_values(key, name, *at, rows) else {
                return;
            };
            if combinations.len().saturating_mul(values.len()) > 4 * ROWS_MAX {
                self.section.source.wrong(
                    *at,
                    "there are too many combinations of keys",
                    "split the table in two",
                );
                return;
            }
            combinations = combinations
                .into_iter()
                .flat_map(|before| {
                    values
                        .iter()
                        .map(move |value| [before.clone(), vec![*value]].concat())
                })
                .collect();
        }
        let has_row = |combination: &&Vec<Value>| {
            !rows.iter().any(|row| {
                row.keys
                    .iter()
                    .zip(*combination)
                    .all(|(key, value)| key.is_for(*value))
            })
        };
        let missing: Vec<&Vec<Value>> = combinations.iter().filter(has_row).collect();
        if missing.is_empty() {
            return;
        }
        let written: Vec<String> = missing
            .iter()
            .take(MISSING_TOLD)
            .map(|values| {
                let parts: Vec<String> = names
                    .iter()
                    .zip(*values)
                    .map(|((name, _), value)| format!("{name} = \"{}\"", written(*value, scope)))
                    .collect();
                parts.join(", ")
            })
            .collect();
        let more = if missing.len() > MISSING_TOLD {
            format!(" and {} more", missing.len() - MISSING_TOLD)
        } else {
            String::new()
        };
        self.section.source.wrong(
            self.section.place("rows"),
            format!("`{}` has no row for {}{more}", self.id, written.join("; ")),
            "add a row: nothing is ever taken from the nearest one",
        );
    }

    /// Every value a key can have. Of a step's whole numbers only those the rows begin and end with are known.
    fn all_values(&self, key: &Key<'_>, name: &str, at: usize, rows: &[LookupRow]) -> Option<Vec<Value>> {
        let source = self.section.source;
        match (&key.kind, key.input.map(|input| &input.kind)) {
            (Kind::Choice(words), _) => Some(words.iter().map(|word| Value::Word(*word)).collect()),
            (Kind::Boolean, _) => Some(vec![Value::Boolean(false), Value::Boolean(true)]),
            (_, Some(InputKind::Number(Range { min, max, .. }))) => {
                let bounds = min.and_then(Number::to_i64).zip(max.and_then(Number::to_i64));
                let Some((least, most)) = bounds else {
                    source.wrong(
                        at,
                        format!("`{name}` has no `min` and `max`"),
                        "a number that is looked up says from where to where it goes",
                    );
                    return None;
                };
                // Above the first open row nothing can be missing.
                let open = rows.iter().flat_map(|row| &row.keys).filter_map(|key| match key {
                    RowKey::AtLeast(whole) => Some(*whole),
                    RowKey::Exactly(_) | RowKey::Word(_) | RowKey::Boolean(_) => None,
                });
                let most = open.min().map_or(most, |open| most.min(open.saturating_add(1)));
                if most.saturating_sub(least) >= WHOLE_KEYS_MAX {
                    source.wrong(
                        at,
                        format!("`{name}` can have too many values"),
                        "look it up in `bands`, or end with an open row like \"6+\"",
                    );
                    return None;
                }
                Some(
                    (least..=most)
                        .map(|whole| Value::Number(Number::from_i64(whole)))
                        .collect(),
                )
            }
            (Kind::Number | Kind::Money | Kind::Date, _) => {
                let wholes: Vec<i64> = rows
                    .iter()
                    .flat_map(|row| &row.keys)
                    .filter_map(|key| match key {
                        RowKey::Exactly(whole) | RowKey::AtLeast(whole) => Some(*whole),
                        RowKey::Word(_) | RowKey::Boolean(_) => None,
                    })
                    .collect();
                let (Some(least), Some(most)) = (wholes.iter().min(), wholes.iter().max()) else {
                    return Some(Vec::new());
                };
                if most.saturating_sub(*least) >= WHOLE_KEYS_MAX {
                    source.wrong(
                        at,
                        format!("`{name}` can have too many values"),
                        "look it up in `bands`",
                    );
                    return None;
                }
                Some(
                    (*least..=*most)
                        .map(|whole| Value::Number(Number::from_i64(whole)))
                        .collect(),
                )
            }
        }
    }

    fn single_key(&self) -> Option<(String, &Key<'_>)> {
        let name = self.section.text("key")?;
        let at = self.section.place("key");
        let key = self.key(name, at)?;
        if !matches!(key.kind, Kind::Money | Kind::Number) {
            self.section.source.wrong(
                at,
                format!("`{name}` is not a number or an amount"),
                "bands and segments are of numbers; words have a `lookup`",
            );
            return None;
        }
        Some((name.to_owned(), key))
    }

    fn bands(&self, rows: fn(Vec<Band>) -> Rows) -> Option<Table> {
        let section = &self.section;
        section.refuse_others(&["kind", "key", "unit", "rows"]);
        let (name, key) = self.single_key()?;
        let quantum = key.quantum;
        let mut bands: Vec<Band> = Vec::new();
        let sections = section.sections("rows", "a row", ROWS_MAX);
        let last = sections.len();
        if last == 0 {
            section.wrong("the table has no rows", "add `rows = [ … ]`");
        }
        for (place, row) in sections.into_iter().enumerate() {
            row.refuse_others(&["from", "up_to", "value"]);
            let (from, up_to, value) = (row.number_if("from"), row.number_if("up_to"), row.number("value"));
            let before = bands.last().and_then(|band| band.up_to);
            match (from, before) {
                (Some(from), Some(before)) => self.follows(row.place("from"), before, from, quantum),
                (Some(from), None) if place == 0 => self.begins(row.place("from"), from, key),
                (Some(_), None) | (None, _) => {}
            }
            if let (Some(up_to), Some(before)) = (up_to, before)
                && up_to <= before
            {
                section.source.wrong(
                    row.place("up_to"),
                    format!("{up_to} is not above {before}: the bands overlap"),
                    "bands go upwards",
                );
            }
            if row.find("up_to").is_none() && place + 1 < last {
                section.source.wrong(
                    row.at,
                    "a band in the middle has no `up_to`",
                    "only the last one may be open",
                );
            }
            bands.push(Band { up_to, value: value? });
        }
        if let (Some(bound), Some(max)) = (bands.last().and_then(|band| band.up_to), key_max(key))
            && bound < max
        {
            section.source.wrong(
                section.place("rows"),
                format!("nothing holds from {bound} to {max}"),
                "add a last row without `up_to`, or lower the `max` of the question",
            );
        }
        if let (Some(bound), true) = (bands.last().and_then(|band| band.up_to), key_max(key).is_none()) {
            section.source.wrong(
                section.place("rows"),
                format!("nothing holds above {bound}"),
                "add a last row without `up_to`",
            );
        }
        Some(self.table(
            vec![name],
            vec!["value".to_owned()],
            self.numeric_shape(),
            rows(bands),
        ))
    }

    fn interpolate(&self) -> Option<Table> {
        let section = &self.section;
        section.refuse_others(&["kind", "key", "unit", "segments", "beyond"]);
        let (name, key) = self.single_key()?;
        let quantum = key.quantum;
        let mut segments: Vec<Segment> = Vec::new();
        let rows = section.sections("segments", "a segment", ROWS_MAX);
        if rows.is_empty() {
            section.wrong("the table has no segments", "add `segments = [ … ]`");
            return None;
        }
        for row in rows {
            row.refuse_others(&["from", "to", "start", "end"]);
            let segment = (
                row.number("from"),
                row.number("to"),
                row.number("start"),
                row.number("end"),
            );
            let (Some(from), Some(to), Some(start), Some(end)) = segment else {
                continue;
            };
            if to < from {
                section.source.wrong(
                    row.place("to"),
                    format!("{to} is below {from}"),
                    "a segment goes upwards",
                );
            }
            match segments.last() {
                Some(before) => self.follows(row.place("from"), before.to, from, quantum),
                None => self.begins(row.place("from"), from, key),
            }
            segments.push(Segment { from, to, start, end });
        }
        if quantum.is_none() && segments.len() > 1 {
            section.source.wrong(
                section.place("key"),
                format!("`{name}` may fall between two segments"),
                "give the step a `round`, so that one segment begins where the one before ends",
            );
        }
        let beyond = section.number_if("beyond");
        let last = segments.last()?.to;
        if !section.is_meant("beyond") && key_max(key).is_none_or(|max| last < max) {
            section.wrong(
                format!("nothing holds above {last}"),
                "add `beyond = \"…\"`, or lower the `max` of the question",
            );
        }
        Some(self.table(
            vec![name],
            vec!["value".to_owned()],
            self.numeric_shape(),
            Rows::Interpolate(segments, beyond),
        ))
    }

    /// The first row begins at the least the key can be.
    fn begins(&self, at: usize, from: Number, key: &Key<'_>) {
        // How small a step can be is tried, not known.
        let Some(input) = key.input else { return };
        match input.kind.range().and_then(|range| range.min) {
            Some(least) if least >= from => {}
            Some(least) => self.section.source.wrong(
                at,
                format!("nothing holds from {least} to {from}"),
                "begin at the `min` of the question",
            ),
            None => self.section.source.wrong(
                at,
                format!("nothing holds below {from}"),
                "give the question a `min`",
            ),
        }
    }

    /// What begins here begins one quantum above where the one before ends.
    fn follows(&self, at: usize, before: Number, from: Number, quantum: Option<Number>) {
        let source = self.section.source;
        if from <= before {
            source.wrong(
                at,
                format!("{from} is there twice: the one before goes up to {before}"),
                "begin just above where the one before ends",
            );
            return;
        }
        // Where the smallest difference is not known it is one of the last decimal that is written.
        let written = Number::from_parts(1, before.decimals().max(from.decimals()));
        let next = quantum
            .or(written)
            .and_then(|quantum| before.checked_add(quantum));
        if let Some(next) = next
            && from != next
        {
            source.wrong(
                at,
                format!("nothing holds between {before} and {from}"),
                format!("begin at {next}"),
            );
        }
    }
}

fn written(value: Value, scope: &Scope) -> String {
    match value {
        Value::Number(number) => number.plain(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Word(word) => scope.words.get(usize::from(word)).cloned().unwrap_or_default(),
    }
}

fn key_max(key: &Key<'_>) -> Option<Number> {
    key.input?.kind.range()?.max
}

fn row_key(row: &Section<'_, '_>, name: &str, key: &Key<'_>, scope: &mut Scope) -> Option<RowKey> {
    let text = row.text(name)?;
    let at = row.place(name);
    match &key.kind {
        Kind::Choice(words) => {
            let word = scope.word(text);
            if words.contains(&word) {
                return Some(RowKey::Word(word));
            }
            let known: Vec<String> = words
                .iter()
                .filter_map(|word| scope.words.get(usize::from(*word)))
                .cloned()
                .collect();
            let how = match super::mistake::nearest(text, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("the options are {}", known.join(", ")),
            };
            row.source
                .wrong(at, format!("`{name}` has no option \"{text}\""), how);
            None
        }
        Kind::Boolean => match text {
            "true" => Some(RowKey::Boolean(true)),
            "false" => Some(RowKey::Boolean(false)),
            _ => {
                row.source.wrong(
                    at,
                    format!("\"{text}\" is neither yes nor no"),
                    "write \"true\" or \"false\"",
                );
                None
            }
        },
        Kind::Number | Kind::Money | Kind::Date => {
            let (digits, open) = text
                .strip_suffix('+')
                .map_or((text, false), |digits| (digits, true));
            let whole = Number::parse(digits).and_then(Number::to_i64);
            if whole.is_none() {
                row.source.wrong(
                    at,
                    format!("\"{text}\" is not a whole number"),
                    "write \"3\", or \"3+\" for it and all above",
                );
            }
            whole.map(|whole| {
                if open {
                    RowKey::AtLeast(whole)
                } else {
                    RowKey::Exactly(whole)
                }
            })
        }
    }
}

/// Whether two rows are for the same keys.
fn overlap(a: &[RowKey], b: &[RowKey]) -> bool {
    a.iter().zip(b).all(|(a, b)| match (a, b) {
        (RowKey::AtLeast(from), RowKey::Exactly(whole)) | (RowKey::Exactly(whole), RowKey::AtLeast(from)) => {
            whole >= from
        }
        (RowKey::AtLeast(_), RowKey::AtLeast(_)) => true,
        (RowKey::Word(_) | RowKey::Boolean(_) | RowKey::Exactly(_) | RowKey::AtLeast(_), _) => a == b,
    })
}
