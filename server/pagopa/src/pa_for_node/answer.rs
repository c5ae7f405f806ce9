//! What every response has in common (`ctResponse`): an outcome, and a fault when it is `KO`.

use super::Operation;
use super::refusal::Refusal;
use crate::writer::Writer;
use crate::xml::{Element, Fields, leaf};
use crate::{Fault, FaultCode, Reason, WireError, envelope};

/// An answer to the hub: the operation's data, or a refusal. Both travel with HTTP status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// `OK` with its data.
    Ok(T),
    /// `KO` with its fault.
    Ko(Fault),
}

/// Writes a refusal in the response of any operation, of which nothing else may be known.
pub fn write_refusal(operation: Operation, fault: &Fault) -> String {
    write(operation, &Answer::<()>::Ko(fault.clone()), |_, ()| ())
}

pub(super) fn write<T>(
    operation: Operation,
    answer: &Answer<T>,
    data: impl FnOnce(&mut Writer, &T),
) -> String {
    envelope::write(operation.response_root(), |w| match answer {
        Answer::Ok(content) => {
            w.leaf("outcome", "OK");
            data(w, content);
        }
        Answer::Ko(fault) => {
            w.leaf("outcome", "KO");
            w.element("fault", |w| {
                w.leaf("faultCode", fault.code.as_str());
                w.leaf("faultString", fault.code.text());
                w.text("id", &fault.id, 35);
                w.optional_text("description", fault.description.as_deref(), 140);
            });
        }
    })
}

/// Reads a response as the hub does. `data` reads what follows the outcome, up to the end, and lists what the hub
/// refuses beyond the schema; it returns nothing when something mandatory is missing.
pub(super) fn read<T>(
    operation: Operation,
    bytes: &[u8],
    data: impl FnOnce(Fields<'_>, &mut Vec<Refusal>) -> Result<Option<T>, Reason>,
) -> Result<Answer<T>, Vec<Refusal>> {
    let wire = |reason| {
        vec![Refusal::Wire(WireError {
            operation: Some(operation),
            reason,
        })]
    };
    let root = envelope::read(bytes).map_err(|broken| wire(broken.reason))?;
    if root.name != operation.response_root() {
        return Err(wire(Reason::UnknownOperation));
    }
    let mut refusals = Vec::new();
    let answer = read_root(&root, &mut refusals, data).map_err(wire)?;
    match answer {
        Some(answer) if refusals.is_empty() => Ok(answer),
        Some(_) | None => Err(refusals),
    }
}

fn read_root<T>(
    root: &Element,
    refusals: &mut Vec<Refusal>,
    data: impl FnOnce(Fields<'_>, &mut Vec<Refusal>) -> Result<Option<T>, Reason>,
) -> Result<Option<Answer<T>>, Reason> {
    let mut fields = Fields::of(root)?;
    let outcome = leaf(fields.required("outcome")?)?;
    let fault = fields.optional("fault");
    match outcome {
        "OK" => {
            if fault.is_some() {
                refusals.push(Refusal::OkWithFault);
            }
            Ok(data(fields, refusals)?.map(Answer::Ok))
        }
        "KO" => {
            fields.end()?;
            let Some(fault) = fault else {
                refusals.push(Refusal::KoWithoutFault);
                return Ok(None);
            };
            let fault = read_fault(fault)?;
            if fault.is_none() {
                refusals.push(Refusal::FaultCode);
            }
            Ok(fault.map(Answer::Ko))
        }
        _ => Err(Reason::Value {
            element: "outcome",
            rule: "is not OK or KO",
        }),
    }
}

/// `ctFaultBean`; `None` for a code that is not an institution's. The hub does not look at `faultString`.
fn read_fault(element: &Element) -> Result<Option<Fault>, Reason> {
    let mut fields = Fields::of(element)?;
    let code = leaf(fields.required("faultCode")?)?;
    leaf(fields.required("faultString")?)?;
    let id = leaf(fields.required("id")?)?.to_owned();
    let description = fields
        .optional("description")
        .map(leaf)
        .transpose()?
        .map(str::to_owned);
    if let Some(serial) = fields.optional("serial") {
        let number = leaf(serial)?.trim_ascii().parse::<i32>();
        number.map_err(|_| Reason::Value {
            element: "serial",
            rule: "is not a whole number",
        })?;
    }
    for name in ["originalFaultCode", "originalFaultString", "originalDescription"] {
        fields.optional(name).map(leaf).transpose()?;
    }
    fields.end()?;
    Ok(FaultCode::parse(code).map(|code| Fault {
        code,
        id,
        description,
    }))
}
