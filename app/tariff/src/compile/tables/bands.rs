//! Tables over one number: bands, slices and straight lines, without holes or overlaps.

use super::{Key, ROWS_MAX, Reader};
use crate::compile::check::Kind;
use crate::model::{Band, Rows, Segment, Table};
use crate::number::Number;

impl Reader<'_, '_, '_> {
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

    pub(super) fn bands(&self, rows: fn(Vec<Band>) -> Rows) -> Option<Table> {
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

    pub(super) fn interpolate(&self) -> Option<Table> {
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

fn key_max(key: &Key<'_>) -> Option<Number> {
    key.input?.kind.range()?.max
}
