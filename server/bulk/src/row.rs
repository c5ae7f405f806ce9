//! What one row says, whatever its format, and how the rows of a position become one instruction.

use crate::debt::Instruction;
use crate::trouble::{RowError, RowProblem};
use chrono::NaiveDate;
use domain::draft::{InstalmentDraft, OptionDraft, PositionDraft};
use domain::subject::Address;
use domain::{Cents, OptionKind, Subject, SubjectKind};

/// Rows of a position at most.
pub(crate) const ROWS_MAX: usize = 20 * 99;

/// What to do, as a row names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Insert,
    Update,
    Put,
    Cancel,
    Replace,
}

impl Verb {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Put => "put",
            Self::Cancel => "cancel",
            Self::Replace => "replace",
        }
    }
}

/// What a row says of the whole position. An empty part says what the first row says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) replaces: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) kind: Option<SubjectKind>,
    pub(crate) code: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) address: Address,
    pub(crate) email: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) valid_from: Option<NaiveDate>,
    pub(crate) draft: Option<bool>,
}

/// What one row says.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) verb: Option<Verb>,
    pub(crate) head: Head,
    /// The number of its option, from 1.
    pub(crate) option: u32,
    pub(crate) kind: Option<OptionKind>,
    pub(crate) instalment: InstalmentDraft,
}

impl Row {
    /// A row that says no more than this yet.
    pub(crate) fn empty(verb: Option<Verb>, option: u32, kind: Option<OptionKind>) -> Self {
        Self {
            verb,
            head: Head::default(),
            option,
            kind,
            instalment: InstalmentDraft {
                notice_number: None,
                iuv: None,
                amount: Cents::ZERO,
                due_on: None,
                payable_until: None,
                description: None,
                transfers: Vec::new(),
            },
        }
    }
}

/// A row of a position: its number, and what it says or what is wrong with it.
pub(crate) struct NumberedRow {
    pub(crate) row: u64,
    pub(crate) said: Result<Row, Vec<RowError>>,
}

/// The names of the columns a contradiction is told by.
pub(crate) struct HeadNames {
    pub(crate) operation: &'static str,
    pub(crate) replaces: &'static str,
    pub(crate) service: &'static str,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) valid_from: &'static str,
    pub(crate) option: &'static str,
}

/// Eleven digits are a company's or an institution's code, anything else a person's.
fn kind_of(code: &str) -> SubjectKind {
    if code.len() == 11 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        SubjectKind::Legal
    } else {
        SubjectKind::Natural
    }
}

/// The instruction the rows of a position are.
pub(crate) fn assemble(
    key: &str,
    rows: Vec<NumberedRow>,
    names: &HeadNames,
) -> Result<Instruction, Vec<RowError>> {
    let first = rows.first().map_or(0, |row| row.row);
    if rows.len() > ROWS_MAX {
        return Err(vec![RowError::row(first, "", RowProblem::TooManyRows)]);
    }
    let mut errors = Vec::new();
    let mut right = Vec::with_capacity(rows.len());
    for NumberedRow { row, said } in rows {
        match said {
            Ok(said) => right.push((row, said)),
            Err(wrong) => errors.extend(wrong),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut rows = right.into_iter();
    let Some((first, leading)) = rows.next() else {
        return Err(vec![RowError::row(first, "", RowProblem::Truncated)]);
    };
    let verb = leading.verb.unwrap_or(Verb::Insert);
    let mut head = leading.head;
    let mut options = vec![OptionDraft {
        kind: leading.kind.unwrap_or(OptionKind::Whole),
        instalments: vec![leading.instalment],
    }];
    let mut kinds = vec![leading.kind];
    if leading.option != 1 && verb != Verb::Cancel {
        errors.push(RowError::row(first, names.option, RowProblem::OptionOrder));
    }
    let mut option = 1;
    for (row, said) in rows {
        if said.verb.is_some_and(|own| own != verb) {
            errors.push(RowError::row(row, names.operation, RowProblem::MixedOperations));
        }
        let mut differs =
            |column: &str| errors.push(RowError::row(row, column, RowProblem::Differs { first }));
        head.join(said.head, names, &mut differs);
        match said.option {
            same if same == option => {
                if said.kind.is_some() && said.kind != kinds[kinds.len() - 1] {
                    differs(names.option);
                }
                if let Some(open) = options.last_mut() {
                    open.instalments.push(said.instalment);
                }
            }
            next if next == option + 1 => {
                option = next;
                kinds.push(said.kind);
                options.push(OptionDraft {
                    kind: said.kind.unwrap_or(OptionKind::Whole),
                    instalments: vec![said.instalment],
                });
            }
            _ => errors.push(RowError::row(row, names.option, RowProblem::OptionOrder)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for (option, kind) in options.iter_mut().zip(kinds) {
        if kind.is_none() && option.instalments.len() > 1 {
            option.kind = OptionKind::InstalmentPlan;
        }
    }
    let key = key.to_owned();
    if verb == Verb::Cancel {
        return Ok(Instruction::Cancel { key });
    }
    let replaces = head.replaces.take();
    let draft = head.draft(key, options);
    Ok(match (verb, replaces) {
        (Verb::Replace, Some(replaces)) => Instruction::Replace {
            replaces,
            with: draft,
        },
        (Verb::Replace, None) => {
            let problem = domain::draft::Problem::Required;
            return Err(vec![RowError::field(first, names.replaces, &problem)]);
        }
        (Verb::Insert | Verb::Cancel, _) => Instruction::Insert(draft),
        (Verb::Update, _) => Instruction::Update(draft),
        (Verb::Put, _) => Instruction::Put(draft),
    })
}

impl Head {
    /// Takes what a further row says, which is nothing else than what is said already.
    fn join(&mut self, other: Self, names: &HeadNames, differs: &mut impl FnMut(&str)) {
        fn both<T: PartialEq>(
            own: &mut Option<T>,
            other: Option<T>,
            column: &str,
            differs: &mut impl FnMut(&str),
        ) {
            match (&own, other) {
                (_, None) => {}
                (Some(said), Some(other)) if *said == other => {}
                (Some(_) | None, Some(_)) => differs(column),
            }
        }
        both(&mut self.replaces, other.replaces, names.replaces, differs);
        both(&mut self.service, other.service, names.service, differs);
        both(&mut self.kind, other.kind, names.code, differs);
        both(&mut self.code, other.code, names.code, differs);
        both(&mut self.name, other.name, names.name, differs);
        both(&mut self.email, other.email, names.name, differs);
        both(
            &mut self.description,
            other.description,
            names.description,
            differs,
        );
        both(&mut self.valid_from, other.valid_from, names.valid_from, differs);
        both(&mut self.draft, other.draft, names.operation, differs);
        if other.address != Address::default() && other.address != self.address {
            differs(names.name);
        }
    }

    fn draft(self, key: String, options: Vec<OptionDraft>) -> PositionDraft {
        let code = self.code.unwrap_or_default();
        PositionDraft {
            key,
            service: self.service.unwrap_or_default(),
            debtor: Subject {
                kind: self.kind.unwrap_or_else(|| kind_of(&code)),
                code,
                full_name: self.name.unwrap_or_default(),
                address: self.address,
                email: self.email,
            },
            description: self.description.unwrap_or_default(),
            valid_from: self.valid_from,
            draft: self.draft.unwrap_or(false),
            options,
        }
    }
}
