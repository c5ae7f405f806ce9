//! The stable codes of problems. A refusal that has none yet gets a line here; a line is never taken away or renamed.

use crate::language::Language;
use axum::http::StatusCode;

macro_rules! codes {
    ($($name:ident = $status:ident $code:literal,
        it: $it:literal / $it_detail:literal,
        en: $en:literal / $en_detail:literal;)+) => {
        /// The stable code of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $en] $name,)+
        }

        impl Code {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code as it is written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// The code in Italian words.
            pub const fn italian(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($it, $it_detail),)+ }
            }

            /// The code in English words.
            pub const fn english(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($en, $en_detail),)+ }
            }
        }
    };
}

codes! {
    // Getting in.
    NoToken = UNAUTHORIZED "no_token",
        it: "Manca il token" / "Chiedere un token a POST /api/v1/token e mandarlo come Authorization: Bearer.",
        en: "The token is missing" / "Ask POST /api/v1/token for a token and send it as Authorization: Bearer.";
    InvalidToken = UNAUTHORIZED "invalid_token",
        it: "Il token non è valido" / "Non è un token di questa installazione, o l'applicazione non può più entrare: chiederne uno nuovo.",
        en: "The token is not valid" / "It is not a token of this installation, or the application may no longer come in: ask for a new one.";
    ExpiredToken = UNAUTHORIZED "expired_token",
        it: "Il token è scaduto" / "Un token vale 15 minuti: chiederne uno nuovo.",
        en: "The token has expired" / "A token lasts 15 minutes: ask for a new one.";
    CertificateNeeded = UNAUTHORIZED "certificate_needed",
        it: "Serve il certificato" / "L'applicazione entra solo con il proprio certificato, dall'indirizzo riservato ai programmi.",
        en: "The certificate is needed" / "The application comes in with its own certificate only, by the address reserved for programs.";
    Forbidden = FORBIDDEN "forbidden",
        it: "L'applicazione non è abilitata" / "Chiedere a chi gestisce l'installazione l'abilitazione che manca.",
        en: "The application may not do this" / "Ask whoever runs the installation for the scope that is missing.";
    TooManyRequests = TOO_MANY_REQUESTS "too_many_requests",
        it: "Troppe richieste" / "Aspettare i secondi indicati da Retry-After.",
        en: "Too many requests" / "Wait the seconds of Retry-After.";

    // What was asked for.
    UnknownAddress = NOT_FOUND "unknown_address",
        it: "Indirizzo sconosciuto" / "Non c'è nulla a questo indirizzo: controllare il documento OpenAPI.",
        en: "Unknown address" / "There is nothing at this address: check the OpenAPI document.";
    UnknownService = NOT_FOUND "unknown_service",
        it: "Servizio sconosciuto" / "L'ente non ha questo servizio, o non è calcolato con una tariffa: controllare l'elenco dei servizi.",
        en: "Unknown service" / "The institution has no such service, or it is not worked out by a tariff: check the list of services.";
    NotFound = NOT_FOUND "not_found",
        it: "Non trovato" / "L'ente dell'applicazione non ha nulla con questa chiave.",
        en: "Not found" / "The application's institution has nothing with this key.";
    OtherMethod = METHOD_NOT_ALLOWED "other_method",
        it: "Metodo non previsto" / "L'intestazione Allow dice quali metodi ha questo indirizzo.",
        en: "Another method is needed" / "The header Allow says which methods this address has.";
    MalformedPath = BAD_REQUEST "malformed_path",
        it: "Indirizzo illeggibile" / "Una parte dell'indirizzo non si legge come dice il documento OpenAPI.",
        en: "The address cannot be read" / "A part of the address is not as the OpenAPI document says.";
    MalformedQuery = BAD_REQUEST "malformed_query",
        it: "Parametri sbagliati" / "I parametri dell'indirizzo non sono quelli del documento OpenAPI.",
        en: "Wrong parameters" / "The parameters of the address are not those of the OpenAPI document.";
    RefusedQuery = UNPROCESSABLE_ENTITY "refused_query",
        it: "Parametri che insieme non vanno" / "Ognuno si legge, ma non si possono usare così: il documento OpenAPI dice quali vanno insieme.",
        en: "Parameters that do not go together" / "Each can be read, but they cannot be used so: the OpenAPI document says which go together.";
    MalformedBody = BAD_REQUEST "malformed_body",
        it: "Il corpo non è JSON accettabile" / "Serve JSON in UTF-8, con non più di 16 livelli e nessun nome ripetuto nello stesso oggetto.",
        en: "The body is no acceptable JSON" / "JSON in UTF-8 is needed, of at most 16 levels and no name twice in one object.";
    BodyTooLarge = PAYLOAD_TOO_LARGE "body_too_large",
        it: "Il corpo è troppo grande" / "Dividere la richiesta, o usare il caricamento di file.",
        en: "The body is too large" / "Split the request, or load a file.";
    OtherContentType = UNSUPPORTED_MEDIA_TYPE "other_content_type",
        it: "Il corpo è di un altro tipo" / "Mandare Content-Type: application/json.",
        en: "The body is of another type" / "Send Content-Type: application/json.";
    Invalid = UNPROCESSABLE_ENTITY "invalid",
        it: "La richiesta ha campi sbagliati" / "Ogni errore dice dove e che cosa fare.",
        en: "Parts of the request are wrong" / "Each error says where and what to do.";

    // Positions.
    AlreadyPaid = CONFLICT "already_paid",
        it: "È già pagata" / "Una posizione pagata non si cambia, non si annulla e non si sostituisce.",
        en: "It is already paid" / "A position that is paid is neither changed, nor withdrawn, nor replaced.";
    PartlyPaid = CONFLICT "partly_paid",
        it: "È pagata in parte" / "Con una rata pagata la posizione non si cambia, non si annulla e non si sostituisce.",
        en: "Part of it is paid" / "With an instalment paid the position is neither changed, nor withdrawn, nor replaced.";
    Cancelled = CONFLICT "cancelled",
        it: "È annullata" / "Una posizione annullata resta tale: crearne una nuova con un'altra chiave.",
        en: "It was withdrawn" / "A position that was withdrawn stays so: make a new one under another key.";
    Replaced = CONFLICT "replaced",
        it: "È già sostituita" / "Un'altra posizione ha preso il suo posto: agire su quella.",
        en: "It was replaced already" / "Another position has taken its place: act on that one.";
    Unpublished = CONFLICT "unpublished",
        it: "È in preparazione" / "Prima va pubblicata; una bozza non ne sostituisce un'altra e non si sostituisce.",
        en: "It is being prepared" / "It must be published first; a draft replaces nothing and is not replaced.";
    AlreadyPublished = CONFLICT "already_published",
        it: "È già pubblicata" / "Una posizione pubblicata non torna in preparazione: annullarla o sostituirla.",
        en: "It is published already" / "What is published is no draft any more: withdraw or replace it.";
    Expired = CONFLICT "expired",
        it: "È scaduta" / "Il termine per pagarla è passato: cambiarla con date nuove, o annullarla.",
        en: "It has expired" / "The time to pay it is over: change it with new days, or withdraw it.";
    ConditionNeeded = PRECONDITION_REQUIRED "precondition_required",
        it: "Manca If-Match" / "Per cambiare una posizione mandare in If-Match l'ETag letto, o * per cambiarla comunque.",
        en: "If-Match is missing" / "To change a position send the ETag that was read as If-Match, or * to change it whatever it is.";
    ConditionFailed = PRECONDITION_FAILED "precondition_failed",
        it: "La posizione non è quella attesa" / "È cambiata, c'è già o non c'è: leggerla di nuovo e decidere di nuovo.",
        en: "The position is not what was thought" / "It changed, is there already or is not there: read it again and decide again.";
    MalformedCondition = BAD_REQUEST "malformed_condition",
        it: "Condizione illeggibile" / "If-Match vuole un ETag di questa interfaccia o *; If-None-Match, per creare, vuole *.",
        en: "The condition cannot be read" / "If-Match takes an ETag of this interface or *; If-None-Match, to create, takes *.";
    NotPrintable = CONFLICT "not_printable",
        it: "L'avviso non si può stampare" / "Manca qualcosa che la legge vuole sull'avviso, o non c'è più nulla da pagare.",
        en: "The notice cannot be printed" / "Something the law wants on it is missing, or nothing is left to pay.";
    Busy = SERVICE_UNAVAILABLE "busy",
        it: "Troppi documenti insieme" / "Riprovare dopo i secondi indicati da Retry-After.",
        en: "Too many documents at once" / "Try again after the seconds of Retry-After.";

    // Files.
    FileRefused = UNPROCESSABLE_ENTITY "file_refused",
        it: "Il file non è di debiti" / "Il file non si legge come nessuno dei tracciati noti.",
        en: "The file is none of debts" / "The file cannot be read as any of the known formats.";
    FileTooLarge = PAYLOAD_TOO_LARGE "file_too_large",
        it: "Il file è troppo grande" / "Dividere il file in più caricamenti.",
        en: "The file is too large" / "Split the file into several imports.";
    ImportState = CONFLICT "import_state",
        it: "Il caricamento è in un altro stato" / "Nello stato indicato non si può fare: leggere il caricamento.",
        en: "The import stands elsewhere" / "That cannot be done in the state named: read the import.";

    // Asking again.
    MalformedKey = BAD_REQUEST "malformed_idempotency_key",
        it: "Idempotency-Key illeggibile" / "Una chiave ha da 1 a 255 caratteri ASCII stampabili, senza spazi, ed è una sola.",
        en: "The Idempotency-Key cannot be read" / "A key has 1 to 255 printable ASCII characters without blanks, and there is one.";
    KeyReused = UNPROCESSABLE_ENTITY "idempotency_key_reused",
        it: "Idempotency-Key già usata" / "Con questa chiave è stata fatta un'altra richiesta: usare una chiave nuova.",
        en: "The Idempotency-Key was used before" / "Another request was made under this key: use a new one.";
    InProgress = CONFLICT "in_progress",
        it: "La stessa richiesta è in corso" / "Riprovare fra poco con la stessa chiave: si avrà la stessa risposta.",
        en: "The same request is under way" / "Try again soon with the same key: the answer will be the same.";

    // Outcomes.
    AddressRefused = UNPROCESSABLE_ENTITY "address_refused",
        it: "L'indirizzo non si può chiamare" / "Serve un indirizzo https pubblico; chi gestisce l'installazione può ammettere altre reti.",
        en: "The address must not be called" / "A public https address is needed; whoever runs the installation can allow other networks.";
    TooManyEndpoints = CONFLICT "too_many_endpoints",
        it: "Troppi indirizzi" / "Un'applicazione ha al più 5 indirizzi attivi: disattivarne uno.",
        en: "Too many endpoints" / "An application has at most 5 active endpoints: disable one.";
    EndpointDisabled = CONFLICT "endpoint_disabled",
        it: "L'indirizzo è disattivato" / "Riattivarlo, poi chiedere di nuovo.",
        en: "The endpoint is disabled" / "Enable it, then ask again.";
    WebhooksOff = SERVICE_UNAVAILABLE "webhooks_off",
        it: "L'installazione non firma webhook" / "Chi gestisce l'installazione deve indicare outcomes.key_file.",
        en: "The installation signs no webhooks" / "Whoever runs the installation must name outcomes.key_file.";
    BeyondTheEnd = UNPROCESSABLE_ENTITY "beyond_the_end",
        it: "Il numero non c'è ancora" / "Si confermano solo numeri che il flusso degli esiti ha già.",
        en: "The number is not there yet" / "Only numbers the feed has already can be acknowledged.";
    DayTooLarge = UNPROCESSABLE_ENTITY "day_too_large",
        it: "Troppi esiti in un giorno per una risposta" / "Usare il file giornaliero, o GET /api/v1/outcomes.",
        en: "Too many outcomes in a day for one answer" / "Take the daily file, or GET /api/v1/outcomes.";

    // Us.
    Internal = INTERNAL_SERVER_ERROR "internal",
        it: "Errore nostro" / "Qualcosa qui non va ed è nel registro: riprovare, poi avvisare chi gestisce l'installazione.",
        en: "An error of ours" / "Something is wrong here and is in the log: try again, then tell whoever runs the installation.";
    Unavailable = SERVICE_UNAVAILABLE "unavailable",
        it: "L'archivio non risponde" / "Nulla è andato perso: riprovare dopo i secondi indicati da Retry-After.",
        en: "The archive does not answer" / "Nothing is lost: try again after the seconds of Retry-After.";
    TookTooLong = GATEWAY_TIMEOUT "took_too_long",
        it: "La risposta ha richiesto troppo tempo" / "Riprovare; con una Idempotency-Key nulla è fatto due volte.",
        en: "The answer took too long" / "Try again; with an Idempotency-Key nothing is done twice.";
}

impl Code {
    /// The title in a language.
    pub(crate) const fn title(self, language: Language) -> &'static str {
        match language {
            Language::Italian => self.italian().0,
            Language::English => self.english().0,
        }
    }

    /// What to do, in a language.
    pub(crate) const fn detail(self, language: Language) -> &'static str {
        match language {
            Language::Italian => self.italian().1,
            Language::English => self.english().1,
        }
    }

    /// Address of what it means.
    pub(crate) fn uri(self) -> String {
        format!("/api/v1/#error-{}", self.as_str())
    }

    /// What is asked for when nobody was let in (RFC 6750, 3).
    pub(crate) const fn challenge(self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("Bearer realm=\"lanterna\""),
            Self::InvalidToken | Self::ExpiredToken | Self::CertificateNeeded => {
                Some("Bearer realm=\"lanterna\", error=\"invalid_token\"")
            }
            Self::Forbidden => Some("Bearer realm=\"lanterna\", error=\"insufficient_scope\""),
            _ => None,
        }
    }

    /// What a refusal of the framework itself is.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::BodyTooLarge),
            StatusCode::GATEWAY_TIMEOUT => Some(Self::TookTooLong),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::OtherMethod),
            StatusCode::NOT_FOUND => Some(Self::UnknownAddress),
            StatusCode::BAD_REQUEST => Some(Self::MalformedBody),
            status if status.is_server_error() => Some(Self::Internal),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_problems_share_a_code() {
        let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
    }
}
