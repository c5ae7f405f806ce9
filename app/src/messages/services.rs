//! The list of services.

use crate::Language;
use domain::service::LifeEvent;

super::messages!(
    /// The list of services.
    ServiceList {
        Title => "Servizi che puoi pagare", "Services you can pay for";
        Lead => "Dove c’è un calcolo puoi sapere quanto si paga e creare da te l’avviso. Per gli altri servizi aspetta l’avviso dell’ente.", "Where there is a sum you can see what is due and make the notice yourself. For the other services wait for the institution’s notice.";
        SearchLabel => "Cerca un servizio", "Look for a service";
        Search => "Cerca", "Search";
        EventLabel => "Argomento", "Topic";
        AnyEvent => "Tutti gli argomenti", "All topics";
        InstitutionLabel => "Ente", "Institution";
        AnyInstitution => "Tutti gli enti", "All institutions";
        Calculate => "Calcola e paga", "Work out and pay";
        OnlyNotice => "Si paga con l’avviso", "Paid with a notice";
        None => "Nessun servizio corrisponde. Prova con un’altra parola, o guarda tutti i servizi.", "No service fits. Try another word, or see all services.";
        Other => "Altri servizi", "Other services";
    }
);

/// The title of a life event.
pub(crate) const fn life_event(event: LifeEvent, language: Language) -> &'static str {
    use LifeEvent as E;
    match event {
        E::Home => language.pick("Casa e tributi", "Home and local taxes"),
        E::SchoolAndFamily => language.pick("Scuola e famiglia", "School and family"),
        E::Documents => language.pick("Documenti e certificati", "Documents and certificates"),
        E::Mobility => language.pick("Strada e sosta", "Roads and parking"),
        E::Business => language.pick("Imprese ed edilizia", "Business and building"),
        E::CultureAndTourism => language.pick("Cultura, sport e turismo", "Culture, sport and tourism"),
        E::Farewell => language.pick("Cimiteri e lutto", "Cemeteries and bereavement"),
    }
}
