//! Tables with a row for each set of keys: every combination once, none missing.

use super::{COLUMNS_MAX, KEYS_MAX, Key, MISSING_TOLD, ROWS_MAX, Reader, WHOLE_KEYS_MAX};
use crate::compile::check::{Kind, Scope};
use crate::compile::mistake;
use crate::compile::read::is_name;
use crate::compile::source::Section;
use crate::model::{InputKind, LookupRow, Range, RowKey, Rows, Shape, Table, Value};
use crate::number::Number;

/// Keys of a lookup, by name and place, and what each is.
type NamedKeys<'r> = (Vec<(&'r str, usize)>, Vec<&'r Key<'r>>);

impl Reader<'_, '_, '_> {
    pub(super) fn lookup(&self, scope: &mut Scope) -> Option<Table> {
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
}

fn written(value: Value, scope: &Scope) -> String {
    match value {
        Value::Number(number) => number.plain(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Word(word) => scope.words.get(usize::from(word)).cloned().unwrap_or_default(),
    }
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
            let how = match mistake::nearest(text, known.iter().map(String::as_str)) {
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
