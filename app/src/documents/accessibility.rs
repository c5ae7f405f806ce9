//! How accessible this site is, beside the statement every public body publishes on the form of `AgID`.

use super::{Section, list, paragraph, section};
use crate::{Language, PortalSettings};
use leptos::prelude::*;

/// Title, lead and sections.
type Contents = (&'static str, String, Vec<Section>);

pub(super) fn page(settings: &PortalSettings, language: Language) -> Contents {
    match language {
        Language::Italian => italian(settings),
        Language::English => english(settings),
    }
}

/// The portal's address without its scheme, as the statement names it.
fn site(settings: &PortalSettings) -> String {
    settings
        .base_url
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .to_owned()
}

fn italian(settings: &PortalSettings) -> Contents {
    let name = &settings.municipality;
    let site = site(settings);
    let statement = settings.links.accessibility_statement.clone();
    let report = settings.links.report_inefficiency.clone();
    (
        "Accessibilità di questo sito",
        format!(
            "{name} vuole che chiunque possa usare questo servizio, in conformità alla legge 9 gennaio 2004, n. 4."
        ),
        vec![
            section(
                "La dichiarazione",
                view! {
                    <p>
                        "La dichiarazione di accessibilità del sito "{site}", compilata sul modello di AgID e rinnovata ogni anno entro il 23 settembre, è pubblicata qui: "
                        <a href=statement>"dichiarazione di accessibilità"</a>"."
                    </p>
                },
            ),
            section(
                "Stato di conformità",
                paragraph(
                    "Il portale è progettato e verificato sulle linee guida WCAG 2.2, livelli A e AA, e sulla norma EN 301 549. A ogni modifica ogni pagina, in ogni suo stato, passa un controllo automatico; le pagine sono poi provate con la sola tastiera, con ingrandimento al 200 per cento e su uno schermo di 320 pixel.",
                ),
            ),
            section(
                "Che cosa puoi aspettarti",
                list([
                    "Ogni passo funziona con la tastiera, con i lettori di schermo e anche senza JavaScript.",
                    "Gli errori dicono che cosa correggere, accanto al campo e in cima alla pagina.",
                    "Nessun limite di tempo e nessuna prova per dimostrare di non essere un robot.",
                    "Le informazioni non dipendono mai solo dal colore, e le animazioni rispettano le tue preferenze.",
                ]),
            ),
            section(
                "Contenuti che non dipendono da noi",
                paragraph(
                    "La pagina su cui si conclude il pagamento è di PagoPA S.p.A., che pubblica la propria dichiarazione di accessibilità.",
                ),
            ),
            section(
                "Segnalazioni",
                view! {
                    <p>
                        "Se trovi un ostacolo, scrivici: "<a href=report>"segnala un disservizio"</a>
                        ". Rispondiamo entro 30 giorni. Se la risposta non arriva o non ti soddisfa, puoi rivolgerti al "
                        <a href="https://www.agid.gov.it/it/design-servizi/accessibilita/difensore-civico-digitale">"difensore civico per il digitale"</a>"."
                    </p>
                },
            ),
        ],
    )
}

fn english(settings: &PortalSettings) -> Contents {
    let name = &settings.municipality;
    let site = site(settings);
    let statement = settings.links.accessibility_statement.clone();
    let report = settings.links.report_inefficiency.clone();
    (
        "Accessibility of this site",
        format!(
            "{name} wants everyone to be able to use this service, in accordance with Italian law no. 4 of 9 January 2004."
        ),
        vec![
            section(
                "The statement",
                view! {
                    <p>
                        "The accessibility statement of the site "{site}", filled in on AgID’s form and renewed every year by 23 September, is published here: "
                        <a href=statement>"accessibility statement (in Italian)"</a>"."
                    </p>
                },
            ),
            section(
                "Conformance",
                paragraph(
                    "The portal is designed for and checked against the WCAG 2.2 guidelines, levels A and AA, and the EN 301 549 standard. At every change each page, in each of its states, passes an automatic check; pages are then tried with the keyboard alone, at 200 per cent zoom and on a screen of 320 pixels.",
                ),
            ),
            section(
                "What you can expect",
                list([
                    "Every step works with the keyboard, with screen readers and without JavaScript too.",
                    "Errors say what to correct, beside the field and at the top of the page.",
                    "No time limits and no tests to prove that you are not a robot.",
                    "Information never depends on colour alone, and animations respect your preferences.",
                ]),
            ),
            section(
                "Contents that do not depend on us",
                paragraph(
                    "The page where the payment is completed belongs to PagoPA S.p.A., which publishes its own accessibility statement.",
                ),
            ),
            section(
                "Reports",
                view! {
                    <p>
                        "If you find an obstacle, write to us: "<a href=report>"report a problem"</a>
                        ". We answer within 30 days. If no answer comes or it does not satisfy you, you can turn to the "
                        <a href="https://www.agid.gov.it/it/design-servizi/accessibilita/difensore-civico-digitale">"digital ombudsman (in Italian)"</a>"."
                    </p>
                },
            ),
        ],
    )
}
