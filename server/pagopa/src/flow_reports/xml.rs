//! The XML form (`FlussoRiversamento`), read row by row: a flow may have a hundred thousand.

use super::{TEXT_MAX, outcome_of};
use crate::writer::Writer;
use crate::xml::{self, Element, Fields, PAYMENTS, Space, leaf};
use crate::{Reason, encoding, values};
use domain::flow_report::{FlowKey, FlowOutcome, FlowParty, FlowReport, FlowRow, FlowTotals};
use domain::{Cents, CreditorFiscalCode, FlowId};
use std::cell::Cell;

/// The longest file read, in bytes.
pub const MAX_FILE_BYTES: usize = 64 * 1024 * 1024;

/// The most payments read of one flow.
pub const MAX_ROWS: usize = 500_000;

/// Elements of the head, more than the schema has.
const MAX_HEAD_ELEMENTS: usize = 64;
/// Elements of a payment, itself included.
const ELEMENTS_OF_ROW: usize = 7;

const ROW: &str = "datiSingoliPagamenti";

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFileError {
    /// Too long.
    #[error("the file is longer than {} MiB", MAX_FILE_BYTES / 1024 / 1024)]
    TooLarge,
    /// Too many payments.
    #[error("the flow has more than {MAX_ROWS} payments")]
    TooManyRows,
    /// Not a flow report.
    #[error("the file is not a flow report (FlussoRiversamento)")]
    NotAFlow,
    /// Something in it breaks the schema.
    #[error("{0}")]
    Broken(Reason),
    /// A payment breaks the schema.
    #[error("payment {place}: {reason}")]
    BrokenRow {
        /// Its place, from 1.
        place: usize,
        /// What is wrong.
        reason: Reason,
    },
}

/// Reads a file. It does not say its revision, which the caller does; the provider is known by the code it sends under.
pub fn read_xml(bytes: &[u8], revision: u32) -> Result<(FlowReport, Vec<FlowRow>), ReadFileError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(ReadFileError::TooLarge);
    }
    let text = encoding::decode(bytes).map_err(ReadFileError::Broken)?;
    let mut rows: Vec<FlowRow> = Vec::new();
    let in_row = Cell::new(false);
    let read = xml::read_through(
        &text,
        MAX_HEAD_ELEMENTS + MAX_ROWS * ELEMENTS_OF_ROW,
        |_, element| in_row.set(in_row.get() || element.is(Space::Payments, ROW)),
        |parent, element| {
            if !(element.is(Space::Payments, ROW) && is_flow(parent)) {
                return Ok(Some(element));
            }
            if rows.len() == MAX_ROWS {
                return Err(Reason::TooManyElements);
            }
            let row = row(&element, rows.len())?;
            in_row.set(false);
            // What follows the payments would be out of its place: the first one stays to mark it.
            let first = rows.is_empty();
            rows.push(row);
            Ok(first.then_some(element))
        },
    );
    let place = rows.len() + 1;
    match read {
        Ok(root) if !is_flow(&root) => Err(ReadFileError::NotAFlow),
        Ok(root) => {
            let report = head(&root, revision).map_err(ReadFileError::Broken)?;
            Ok((report, rows))
        }
        Err(Reason::TooManyElements) => Err(ReadFileError::TooManyRows),
        Err(reason) if in_row.get() => Err(ReadFileError::BrokenRow { place, reason }),
        Err(reason) => Err(ReadFileError::Broken(reason)),
    }
}

fn is_flow(element: &Element) -> bool {
    element.is(Space::Payments, "FlussoRiversamento")
}

fn head(root: &Element, revision: u32) -> Result<FlowReport, Reason> {
    let mut fields = Fields::within(Space::Payments, root)?;
    if !["1.0", "1.1"].contains(&leaf(fields.required("versioneOggetto")?)?) {
        return Err(value("versioneOggetto", "is not 1.0 or 1.1"));
    }
    let id = FlowId::parse(leaf(fields.required("identificativoFlusso")?)?).map_err(|_| {
        value(
            "identificativoFlusso",
            "is not 1 to 35 letters, digits, hyphens and underscores",
        )
    })?;
    let made_at = values::date_time(fields.required("dataOraFlusso")?, "dataOraFlusso")?;
    let regulation = text(
        fields.required("identificativoUnivocoRegolamento")?,
        "identificativoUnivocoRegolamento",
    )?;
    let regulated_on = values::date(fields.required("dataRegolamento")?, "dataRegolamento")?;
    let sender = party(fields.required("istitutoMittente")?, &SENDER)?;
    let bank = fields
        .optional("codiceBicBancaDiRiversamento")
        .map(|element| text(element, "codiceBicBancaDiRiversamento"))
        .transpose()?;
    let receiver = party(fields.required("istitutoRicevente")?, &RECEIVER)?;
    let count = leaf(fields.required("numeroTotalePagamenti")?)?.trim_ascii();
    let count = count
        .split('.')
        .next()
        .and_then(|whole| whole.parse().ok())
        .ok_or(value("numeroTotalePagamenti", "is not a number"))?;
    let sum = values::amount(
        fields.required("importoTotalePagamenti")?,
        "importoTotalePagamenti",
    )?;
    fields.required(ROW)?;
    fields.end()?;
    Ok(FlowReport {
        key: FlowKey {
            institution: CreditorFiscalCode::parse(&receiver.code)
                .map_err(|_| value("identificativoUnivocoRicevente", "is not 11 digits"))?,
            psp: sender.code.clone(),
            id,
            revision,
        },
        made_at,
        regulation,
        regulated_on,
        bank,
        sender,
        receiver,
        declared: FlowTotals { count, sum },
        computed: None,
    })
}

/// The names around a subject.
struct PartyNames {
    identifier: &'static str,
    name: &'static str,
    name_max: usize,
}

const SENDER: PartyNames = PartyNames {
    identifier: "identificativoUnivocoMittente",
    name: "denominazioneMittente",
    name_max: 70,
};
const RECEIVER: PartyNames = PartyNames {
    identifier: "identificativoUnivocoRicevente",
    name: "denominazioneRicevente",
    name_max: 140,
};

fn party(element: &Element, names: &PartyNames) -> Result<FlowParty, Reason> {
    let mut fields = Fields::within(Space::Payments, element)?;
    let mut identifier = Fields::within(Space::Payments, fields.required(names.identifier)?)?;
    if !["G", "A", "B"].contains(&leaf(identifier.required("tipoIdentificativoUnivoco")?)?) {
        return Err(value("tipoIdentificativoUnivoco", "is not G, A or B"));
    }
    let code = text(
        identifier.required("codiceIdentificativoUnivoco")?,
        "codiceIdentificativoUnivoco",
    )?;
    identifier.end()?;
    let name = fields
        .optional(names.name)
        .map(|element| values::text(element, names.name, names.name_max))
        .transpose()?;
    fields.end()?;
    Ok(FlowParty { code, name })
}

fn row(element: &Element, before: usize) -> Result<FlowRow, Reason> {
    let mut fields = Fields::within(Space::Payments, element)?;
    let iuv = text(
        fields.required("identificativoUnivocoVersamento")?,
        "identificativoUnivocoVersamento",
    )?;
    let iur = text(
        fields.required("identificativoUnivocoRiscossione")?,
        "identificativoUnivocoRiscossione",
    )?;
    let transfer_id = fields
        .optional("indiceDatiSingoloPagamento")
        .map(|element| values::index(element, "indiceDatiSingoloPagamento"))
        .transpose()?;
    let amount = signed_amount(fields.required("singoloImportoPagato")?)?;
    let outcome = outcome_of(
        leaf(fields.required("codiceEsitoSingoloPagamento")?)?,
        FlowOutcome::code,
    )
    .ok_or(value("codiceEsitoSingoloPagamento", "is not 0, 3, 4, 8 or 9"))?;
    let paid_on = values::date(
        fields.required("dataEsitoSingoloPagamento")?,
        "dataEsitoSingoloPagamento",
    )?;
    fields.end()?;
    Ok(FlowRow {
        index: u32::try_from(before + 1).map_err(|_| Reason::TooManyElements)?,
        iuv,
        iur,
        transfer_id,
        amount,
        outcome,
        paid_on,
    })
}

/// An amount, negative where the rules ask what the schema forbids.
fn signed_amount(element: &Element) -> Result<Cents, Reason> {
    let text = leaf(element)?.trim_ascii();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    Cents::from_wire(digits)
        .map(|amount| Cents::new(sign * amount.as_i64()))
        .map_err(|_| {
            value(
                "singoloImportoPagato",
                "is not an amount with a point and two decimals up to 999999999.99",
            )
        })
}

fn text(element: &Element, name: &'static str) -> Result<String, Reason> {
    values::text(element, name, TEXT_MAX)
}

fn value(element: &'static str, rule: &'static str) -> Reason {
    Reason::Value { element, rule }
}

/// Writes a file, as a provider does.
pub fn write_xml(report: &FlowReport, rows: &[FlowRow]) -> String {
    let mut writer = Writer::new(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<FlussoRiversamento xmlns=\"{PAYMENTS}\">"
    ));
    let w = &mut writer;
    w.leaf("versioneOggetto", "1.0");
    w.leaf("identificativoFlusso", report.key.id.as_str());
    w.leaf(
        "dataOraFlusso",
        &format!("{}T{}", report.made_at.date(), report.made_at.time()),
    );
    w.text("identificativoUnivocoRegolamento", &report.regulation, TEXT_MAX);
    w.leaf("dataRegolamento", &report.regulated_on.to_string());
    w.element("istitutoMittente", |w| {
        write_party(w, &report.sender, &SENDER, sender_kind(&report.sender));
    });
    w.optional_text("codiceBicBancaDiRiversamento", report.bank.as_deref(), TEXT_MAX);
    w.element("istitutoRicevente", |w| {
        write_party(w, &report.receiver, &RECEIVER, "G");
    });
    w.leaf("numeroTotalePagamenti", &report.declared.count.to_string());
    w.leaf("importoTotalePagamenti", &report.declared.sum.to_wire());
    for row in rows {
        w.element(ROW, |w| write_row(w, row));
    }
    writer.finish("</FlussoRiversamento>")
}

/// A BIC has letters, an ABI five digits, a fiscal code eleven.
fn sender_kind(sender: &FlowParty) -> &'static str {
    let digits = sender.code.bytes().all(|b| b.is_ascii_digit());
    match sender.code.len() {
        _ if !digits => "B",
        5 => "A",
        _ => "G",
    }
}

fn write_party(w: &mut Writer, party: &FlowParty, names: &PartyNames, kind: &str) {
    w.element(names.identifier, |w| {
        w.leaf("tipoIdentificativoUnivoco", kind);
        w.text("codiceIdentificativoUnivoco", &party.code, TEXT_MAX);
    });
    w.optional_text(names.name, party.name.as_deref(), names.name_max);
}

fn write_row(w: &mut Writer, row: &FlowRow) {
    w.text("identificativoUnivocoVersamento", &row.iuv, TEXT_MAX);
    w.text("identificativoUnivocoRiscossione", &row.iur, TEXT_MAX);
    if let Some(id) = row.transfer_id {
        w.leaf("indiceDatiSingoloPagamento", &id.to_string());
    }
    w.leaf("singoloImportoPagato", &row.amount.to_wire());
    w.leaf("codiceEsitoSingoloPagamento", row.outcome.code());
    w.leaf("dataEsitoSingoloPagamento", &row.paid_on.to_string());
}
