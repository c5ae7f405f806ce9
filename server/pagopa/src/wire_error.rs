//! Why a message cannot be read. Names elements and rules, never a value: the sentence goes to logs and answers.

use crate::fault::FaultCode;
use crate::pa_for_node::Operation;

/// A message that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct WireError {
    /// The operation it belongs to, when its root was recognised before the trouble: the answer then goes in that
    /// operation's response, else in a SOAP fault.
    pub operation: Option<Operation>,
    /// What is wrong.
    pub reason: Reason,
}

impl WireError {
    /// The code to refuse the message with.
    pub const fn fault_code(&self) -> FaultCode {
        match self.reason {
            Reason::ServiceData(_) => FaultCode::ServiceDataSyntax,
            Reason::Institution => FaultCode::WrongInstitution,
            Reason::NotPaid => FaultCode::Semantic,
            _ => FaultCode::Syntax,
        }
    }
}

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Longer than [`crate::MAX_MESSAGE_BYTES`].
    #[error("the message is longer than {} bytes", crate::MAX_MESSAGE_BYTES)]
    TooLarge,
    /// Its bytes are not of the encoding it declares, or that is unknown.
    #[error("the bytes are not text of the declared encoding")]
    Encoding,
    /// A character XML 1.0 does not allow.
    #[error("the text holds a character that XML does not allow")]
    Character,
    /// Not well-formed.
    #[error("not well-formed XML")]
    NotXml,
    /// It declares a document type.
    #[error("a document type declaration is not allowed")]
    Doctype,
    /// It uses an entity other than the five of XML.
    #[error("an entity other than amp, lt, gt, apos and quot is not allowed")]
    Entity,
    /// Elements in elements too deep.
    #[error("elements are nested deeper than {}", crate::xml::MAX_DEPTH)]
    TooDeep,
    /// Too many elements.
    #[error("there are more than {} elements", crate::xml::MAX_ELEMENTS)]
    TooManyElements,
    /// Too many attributes on an element.
    #[error("an element has more than {} attributes", crate::xml::MAX_ATTRIBUTES)]
    TooManyAttributes,
    /// The text of an element is too long.
    #[error("the text of an element is longer than {} bytes", crate::xml::MAX_TEXT_BYTES)]
    TextTooLong,
    /// Not a SOAP 1.1 envelope.
    #[error("not a SOAP 1.1 envelope with an optional Header and one Body")]
    NotSoap,
    /// A SOAP 1.2 envelope.
    #[error("the envelope is SOAP 1.2, this service speaks SOAP 1.1")]
    SoapVersion,
    /// The body holds no element or several.
    #[error("the body does not hold exactly one element")]
    Body,
    /// The body's element is none of the service's.
    #[error("the body's element is not a message of this service")]
    UnknownOperation,
    /// The document inside the request of a debt begun at a provider breaks its own schema.
    #[error("the service data cannot be read: {0}")]
    ServiceData(Box<Reason>),
    /// An element is not there.
    #[error("{element} is missing, or not in its place")]
    Missing {
        /// Its name.
        element: &'static str,
    },
    /// An element that does not belong there.
    #[error("{element} does not belong here, comes twice or is in a namespace")]
    Unexpected {
        /// Its name, cut.
        element: String,
    },
    /// An attribute that does not belong there.
    #[error("{element} has an attribute that does not belong there")]
    Attribute {
        /// The element that has it, cut.
        element: String,
    },
    /// Text between elements.
    #[error("{element} has text between its elements")]
    Text {
        /// The element that has it, cut.
        element: String,
    },
    /// A value that breaks its rule.
    #[error("{element} {rule}")]
    Value {
        /// The element's name.
        element: &'static str,
        /// The rule, to be read after the name.
        rule: &'static str,
    },
    /// `idPA` of a receipt is not an institution's fiscal code.
    #[error("idPA is not an institution's fiscal code")]
    Institution,
    /// A receipt whose outcome is not `OK`: nothing was paid.
    #[error("the receipt's outcome is KO: nothing was paid")]
    NotPaid,
}
