//! A flow as XML (`FlussoRiversamento_1_0_5.xsd`), for whoever imports files.
//!
//! Code 3 is of the schema before, `1_0_4`: a flow with it is valid there and not here.

use super::Flow;
use chrono_tz::Europe::Rome;
use std::fmt::Write;

/// The bytes of `ctFlussoRiversamento`, without a signature.
pub(super) fn write(flow: &Flow) -> String {
    let mut lines = String::new();
    for line in &flow.lines {
        let date = line.paid_at.with_timezone(&Rome).date_naive();
        let _infallible = write!(
            lines,
            "<p:datiSingoliPagamenti>\
             <p:identificativoUnivocoVersamento>{iuv}</p:identificativoUnivocoVersamento>\
             <p:identificativoUnivocoRiscossione>{iur}</p:identificativoUnivocoRiscossione>\
             <p:indiceDatiSingoloPagamento>{transfer}</p:indiceDatiSingoloPagamento>\
             <p:singoloImportoPagato>{amount}</p:singoloImportoPagato>\
             <p:codiceEsitoSingoloPagamento>{code}</p:codiceEsitoSingoloPagamento>\
             <p:dataEsitoSingoloPagamento>{date}</p:dataEsitoSingoloPagamento>\
             </p:datiSingoliPagamenti>",
            iuv = escaped(&line.iuv),
            iur = escaped(&line.iur),
            transfer = line.transfer,
            amount = line.amount.to_wire(),
            code = line.outcome.code(),
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <p:FlussoRiversamento xmlns:p=\"http://www.digitpa.gov.it/schemas/2011/Pagamenti/\">\
         <p:versioneOggetto>1.1</p:versioneOggetto>\
         <p:identificativoFlusso>{id}</p:identificativoFlusso>\
         <p:dataOraFlusso>{at}</p:dataOraFlusso>\
         <p:identificativoUnivocoRegolamento>{regulation}</p:identificativoUnivocoRegolamento>\
         <p:dataRegolamento>{regulated_on}</p:dataRegolamento>\
         <p:istitutoMittente><p:identificativoUnivocoMittente>\
         <p:tipoIdentificativoUnivoco>B</p:tipoIdentificativoUnivoco>\
         <p:codiceIdentificativoUnivoco>{psp}</p:codiceIdentificativoUnivoco>\
         </p:identificativoUnivocoMittente>\
         <p:denominazioneMittente>{psp_name}</p:denominazioneMittente></p:istitutoMittente>\
         <p:istitutoRicevente><p:identificativoUnivocoRicevente>\
         <p:tipoIdentificativoUnivoco>G</p:tipoIdentificativoUnivoco>\
         <p:codiceIdentificativoUnivoco>{institution}</p:codiceIdentificativoUnivoco>\
         </p:identificativoUnivocoRicevente>\
         <p:denominazioneRicevente>{name}</p:denominazioneRicevente></p:istitutoRicevente>\
         <p:numeroTotalePagamenti>{count}</p:numeroTotalePagamenti>\
         <p:importoTotalePagamenti>{total}</p:importoTotalePagamenti>\
         {lines}</p:FlussoRiversamento>\n",
        id = escaped(&flow.id),
        at = flow.published_at.with_timezone(&Rome).format("%Y-%m-%dT%H:%M:%S"),
        regulation = escaped(&flow.regulation),
        regulated_on = flow.regulated_on,
        psp = escaped(&flow.psp.id),
        psp_name = escaped(&flow.psp.name),
        institution = flow.institution,
        name = escaped(&flow.institution_name),
        count = flow.lines.len(),
        total = flow.total.to_wire(),
    )
}

/// A text between two tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
