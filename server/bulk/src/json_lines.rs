//! One JSON object a line: a draft as the REST interface takes it, with what to do beside its fields.

use crate::debt::Instruction;
use crate::trouble::{RowError, RowProblem};
use chrono::NaiveDate;
use domain::Subject;
use domain::draft::{OptionDraft, PositionDraft, Problem};
use serde::Deserialize;

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    operation: Operation,
    #[serde(default)]
    replaces: Option<String>,
    key: String,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    debtor: Option<Subject>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    valid_from: Option<NaiveDate>,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    options: Option<Vec<OptionDraft>>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Operation {
    #[default]
    Insert,
    Update,
    Put,
    Cancel,
    Replace,
}

/// What a line says, with its key as far as it can be read.
pub(crate) fn read(row: u64, text: &str) -> (Option<String>, Result<Instruction, Vec<RowError>>) {
    match serde_json::from_str::<Line>(text) {
        Ok(line) => {
            let key = line.key.clone();
            let said = instruction(line).map_err(|path| vec![RowError::field(row, path, &Problem::Required)]);
            (Some(key), said)
        }
        Err(error) => (None, Err(vec![error_of(row, &error)])),
    }
}

/// The instruction of a line, or the name of what it lacks.
fn instruction(line: Line) -> Result<Instruction, &'static str> {
    let Line {
        operation,
        replaces,
        key,
        service,
        debtor,
        description,
        valid_from,
        draft,
        options,
    } = line;
    if operation == Operation::Cancel {
        return Ok(Instruction::Cancel { key });
    }
    let position = PositionDraft {
        key,
        service: service.ok_or("service")?,
        debtor: debtor.ok_or("debtor")?,
        description: description.ok_or("description")?,
        valid_from,
        draft,
        options: options.ok_or("options")?,
    };
    Ok(match operation {
        Operation::Insert | Operation::Cancel => Instruction::Insert(position),
        Operation::Update => Instruction::Update(position),
        Operation::Put => Instruction::Put(position),
        Operation::Replace => Instruction::Replace {
            replaces: replaces.ok_or("replaces")?,
            with: position,
        },
    })
}

/// What `serde_json` says, as one of our errors: its own text may repeat what the line holds.
fn error_of(row: u64, error: &serde_json::Error) -> RowError {
    let column = error.column();
    if !error.is_data() {
        return RowError::row(row, "", RowProblem::Json { column });
    }
    let text = error.to_string();
    let named = text.split('`').nth(1).unwrap_or_default().to_owned();
    if text.starts_with("missing field") {
        RowError::field(row, named, &Problem::Required)
    } else if text.starts_with("unknown field") {
        let named: String = named.chars().take(60).collect();
        RowError::field(row, named, &Problem::Unknown)
    } else {
        RowError::row(row, "", RowProblem::Json { column })
    }
}
