//! The codes an institution may refuse with (`ctFaultBean`; list and texts of the hub's error guide).

/// A refusal code. Legacy codes of the retired services are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// The message breaks the schema or a format rule.
    Syntax,
    /// The service data of a spontaneous payment break their schema.
    ServiceDataSyntax,
    /// The institution is not served here.
    WrongInstitution,
    /// The broker is not ours.
    WrongBroker,
    /// The station is not ours.
    WrongStation,
    /// No such notice, not published, not yet payable, or another option was chosen.
    UnknownPayment,
    /// Already paid.
    AlreadyPaid,
    /// Being paid elsewhere, out of the hub's sight.
    PaymentInProgress,
    /// No longer payable.
    Expired,
    /// Cancelled or replaced.
    Cancelled,
    /// The receipt was received already.
    DuplicateReceipt,
    /// Any other refusal on the content.
    Semantic,
    /// Trouble inside.
    SystemError,
}

impl FaultCode {
    /// Every code.
    pub const ALL: [Self; 13] = [
        Self::Syntax,
        Self::ServiceDataSyntax,
        Self::WrongInstitution,
        Self::WrongBroker,
        Self::WrongStation,
        Self::UnknownPayment,
        Self::AlreadyPaid,
        Self::PaymentInProgress,
        Self::Expired,
        Self::Cancelled,
        Self::DuplicateReceipt,
        Self::Semantic,
        Self::SystemError,
    ];

    /// The official spelling (`faultCode`).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "PAA_SINTASSI_EXTRAXSD",
            Self::ServiceDataSyntax => "PAA_SINTASSI_XSD",
            Self::WrongInstitution => "PAA_ID_DOMINIO_ERRATO",
            Self::WrongBroker => "PAA_ID_INTERMEDIARIO_ERRATO",
            Self::WrongStation => "PAA_STAZIONE_INT_ERRATA",
            Self::UnknownPayment => "PAA_PAGAMENTO_SCONOSCIUTO",
            Self::AlreadyPaid => "PAA_PAGAMENTO_DUPLICATO",
            Self::PaymentInProgress => "PAA_PAGAMENTO_IN_CORSO",
            Self::Expired => "PAA_PAGAMENTO_SCADUTO",
            Self::Cancelled => "PAA_PAGAMENTO_ANNULLATO",
            Self::DuplicateReceipt => "PAA_RECEIPT_DUPLICATA",
            Self::Semantic => "PAA_SEMANTICA",
            Self::SystemError => "PAA_SYSTEM_ERROR",
        }
    }

    /// The standard text (`faultString`), with the typographic apostrophe. The guide lists none for a duplicate
    /// receipt.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Syntax => "Errore di sintassi extra XSD",
            Self::ServiceDataSyntax => "Errore di sintassi XSD",
            Self::WrongInstitution => "La PAA non corrisponde al Dominio indicato",
            Self::WrongBroker => "Identificativo intermediario non corrispondente",
            Self::WrongStation => "Stazione intermediario non corrispondente",
            Self::UnknownPayment => "Pagamento in attesa risulta sconosciuto all’Ente Creditore",
            Self::AlreadyPaid => "Pagamento in attesa risulta concluso all’Ente Creditore",
            Self::PaymentInProgress => "Pagamento in attesa risulta in corso all’Ente Creditore",
            Self::Expired => "Pagamento in attesa risulta scaduto all’Ente Creditore",
            Self::Cancelled => "Pagamento in attesa risulta annullato all’Ente Creditore",
            Self::DuplicateReceipt => "Ricevuta già acquisita dall’Ente Creditore",
            Self::Semantic => "Errore semantico",
            Self::SystemError => "Errore generico",
        }
    }

    /// Reads the official spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}

impl std::fmt::Display for FaultCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal: code, who raises it, and a sentence for the person who looks into it (nothing personal).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The code.
    pub code: FaultCode,
    /// Fiscal code of the institution, or code of the broker, that raises it.
    pub id: String,
    /// What happened, in words.
    pub description: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back_and_spelled_apart() {
        for code in FaultCode::ALL {
            assert_eq!(FaultCode::parse(code.as_str()), Some(code));
            assert!(code.as_str().starts_with("PAA_"));
            assert!(!code.text().contains('\''), "typographic apostrophe in {code}");
        }
        assert_eq!(FaultCode::parse("PAA_pagamento_scaduto"), None);
    }
}
