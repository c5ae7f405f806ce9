//! Texts with holes: `{particelle}` for a name, `{tari.fissa}` for the row of a table the line looks up.

use super::check::{Kind, Scope, Typed};
use super::source::Section;
use crate::expression::Expression;
use crate::model::Shape;
use crate::text::{Piece, Template};

/// Pieces of a template at most.
const PIECES_MAX: usize = 64;

/// Reads a template in both languages. `line` is the amount it explains, whose tables it may name.
pub(crate) fn read(
    section: &Section<'_, '_>,
    key: &str,
    scope: &Scope,
    line: Option<&Typed>,
) -> Option<Template> {
    let text = section.words(key)?;
    let it = pieces(section, key, "it", &text.it, scope, line);
    let en = pieces(section, key, "en", &text.en, scope, line);
    Some(Template { it: it?, en: en? })
}

fn pieces(
    section: &Section<'_, '_>,
    key: &str,
    language: &str,
    text: &str,
    scope: &Scope,
    line: Option<&Typed>,
) -> Option<Vec<Piece>> {
    let span = section.language_place(key, language);
    let wrong = |offset: usize, what: String, how: String| {
        section
            .source
            .wrong(section.source.inside(&span, offset), what, how);
    };
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() && pieces.len() < PIECES_MAX {
        let rest = &text[at..];
        let Some(open) = rest.find(['{', '}']) else {
            pieces.push(Piece::Words(rest.to_owned()));
            break;
        };
        if open > 0 {
            pieces.push(Piece::Words(rest[..open].to_owned()));
        }
        let end = rest[open..].find('}').filter(|_| rest[open..].starts_with('{'));
        let Some(end) = end else {
            wrong(
                at + open,
                "a brace stands alone".to_owned(),
                "a hole is a name in braces: {giorni}".to_owned(),
            );
            return None;
        };
        let name = &rest[open + 1..open + end];
        let Some(piece) = hole(name, scope, line) else {
            let named = name.split('.').next().unwrap_or(name);
            if scope.refused.contains(named) || (scope.tables.contains_key(named) && line.is_none()) {
                return None;
            }
            wrong(
                at + open + 1,
                format!("there is nothing to put into {{{name}}}"),
                "a hole names an input, a step or a line above, or a table its own line looks up, like {tari.fissa}".to_owned(),
            );
            return None;
        };
        pieces.push(piece);
        at += open + end + 1;
    }
    Some(pieces)
}

fn hole(name: &str, scope: &Scope, line: Option<&Typed>) -> Option<Piece> {
    if let Some(found) = scope.names.get(name) {
        return Some(Piece::Value(
            Expression::Name(found.slot),
            shape(&found.kind, found.input),
        ));
    }
    let (table_name, column) = name
        .split_once('.')
        .map_or((name, None), |(table, column)| (table, Some(column)));
    let table = scope.tables.get(table_name)?;
    let column = match column {
        Some(column) => table.columns.iter().position(|known| known == column)?,
        None => (table.columns.len() == 1).then_some(0)?,
    };
    let call = look_up_in(&line?.expression, table.index, u16::try_from(column).ok()?)?;
    Some(Piece::Value(call.clone(), shape(&table.kind, None)))
}

fn shape(kind: &Kind, input: Option<u16>) -> Shape {
    match kind {
        Kind::Money => Shape::Money,
        Kind::Number => Shape::Number,
        Kind::Boolean => Shape::Boolean,
        Kind::Date => Shape::Date,
        Kind::Choice(_) => Shape::Choice(input),
    }
}

/// Where an expression looks up this column of this table.
fn look_up_in(expression: &Expression, table: u16, column: u16) -> Option<&Expression> {
    if let Expression::Table(this, of, _) = expression
        && (*this, *of) == (table, column)
    {
        return Some(expression);
    }
    expression
        .parts()
        .into_iter()
        .find_map(|part| look_up_in(part, table, column))
}
