//! Legal notes, with the licence of contents in the words criterion C.SI.3.4 asks for.

use super::{Section, paragraph, section};
use crate::{Language, PortalSettings};
use leptos::prelude::*;

/// Title of the section on the licence: the validator of public sites looks for it.
pub(super) const LICENCE_TITLE: (&str, &str) = ("Licenza dei contenuti", "Licence of the contents");

/// The official words, in Italian on purpose in both languages: the Italian text is the one with legal value.
const LICENCE_BEFORE: &str = "In applicazione del principio open by default ai sensi dell’articolo 52 del decreto legislativo 7 marzo 2005, n. 82 (CAD) e salvo dove diversamente specificato (compresi i contenuti incorporati di terzi), i dati, i documenti e le informazioni pubblicati sul sito sono rilasciati con licenza ";
const LICENCE_AFTER: &str = ". Gli utenti sono quindi liberi di condividere (riprodurre, distribuire, comunicare al pubblico, esporre in pubblico), rappresentare, eseguire e recitare questo materiale con qualsiasi mezzo e formato e modificare (trasformare il materiale e utilizzarlo per opere derivate) per qualsiasi fine, anche commerciale con il solo onere di attribuzione, senza apporre restrizioni aggiuntive.";

fn licence(language: Language) -> AnyView {
    let english = (language == Language::English).then(|| paragraph(
        "In short: unless stated otherwise, the data, documents and information published on this site may be shared and adapted for any purpose, commercial ones included, provided that their source is named.",
    ));
    view! {
        {english}
        <p lang="it" data-element="legal-notes-body">
            {LICENCE_BEFORE}<a href="https://creativecommons.org/licenses/by/4.0/legalcode.it">"licenza CC-BY 4.0"</a>{LICENCE_AFTER}
        </p>
    }
    .into_any()
}

pub(super) fn page(settings: &PortalSettings, language: Language) -> (&'static str, String, Vec<Section>) {
    let name = &settings.municipality;
    match language {
        Language::Italian => (
            "Note legali",
            format!("Condizioni d’uso del portale dei pagamenti di {name}."),
            vec![
                section(LICENCE_TITLE.0, licence(language)),
                section(
                    "Il servizio",
                    view! {
                        {paragraph(format!("Il portale permette di vedere e pagare gli avvisi pagoPA di {name} e degli enti che lo usano. L’importo mostrato è quello comunicato dall’ente creditore al momento della ricerca."))}
                        {paragraph("Il pagamento si conclude sulla piattaforma di PagoPA S.p.A., con il gestore scelto da chi paga. Il debito è estinto dalla data e ora indicate sulla ricevuta. Il ritorno a questo sito dopo il pagamento non è una prova di pagamento: lo è solo la ricevuta.")}
                    },
                ),
                section(
                    "Uso corretto",
                    paragraph(
                        "Il codice avviso va usato per vedere e pagare avvisi propri o di chi ha affidato il pagamento. Le ricerche automatiche sono limitate per proteggere il servizio. Chi ha il collegamento di una ricevuta la può vedere: va custodito.",
                    ),
                ),
                section(
                    "Collegamenti ad altri siti",
                    paragraph(format!(
                        "{name} non risponde dei contenuti dei siti esterni raggiungibili da qui."
                    )),
                ),
                section(
                    "Il software",
                    paragraph(
                        "Il portale è realizzato con Lanterna, software libero rilasciato con licenza EUPL 1.2. Usa parti di Bootstrap Italia (licenza BSD a 3 clausole) e il carattere Titillium Web (licenza SIL OFL 1.1). pagoPA è un marchio di PagoPA S.p.A.",
                    ),
                ),
            ],
        ),
        Language::English => (
            "Legal notes",
            format!("Terms of use of the payment portal of {name}."),
            vec![
                section(LICENCE_TITLE.1, licence(language)),
                section(
                    "The service",
                    view! {
                        {paragraph(format!("The portal lets you see and pay the pagoPA notices of {name} and of the institutions that use it. The amount shown is the one given by the creditor at the time of the search."))}
                        {paragraph("The payment is completed on the platform of PagoPA S.p.A., with the provider chosen by the payer. The debt is settled from the date and time stated on the receipt. Returning to this site after paying is no proof of payment: only the receipt is.")}
                    },
                ),
                section(
                    "Proper use",
                    paragraph(
                        "The notice code is for seeing and paying your own notices, or those of someone who asked you to. Automatic searches are limited to protect the service. Whoever has the link to a receipt can see it: keep it safe.",
                    ),
                ),
                section(
                    "Links to other sites",
                    paragraph(format!(
                        "{name} does not answer for the contents of external sites that can be reached from here."
                    )),
                ),
                section(
                    "The software",
                    paragraph(
                        "The portal is built with Lanterna, free software released under the EUPL 1.2 licence. It uses parts of Bootstrap Italia (BSD 3-clause licence) and the Titillium Web typeface (SIL OFL 1.1 licence). pagoPA is a trademark of PagoPA S.p.A.",
                    ),
                ),
            ],
        ),
    }
}
