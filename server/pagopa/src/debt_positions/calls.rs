//! What is asked of the archives.

use super::bulk::File;
use super::position::Position;
use crate::gateway::{Body, Call, Product};
use domain::feed::{Archive, Step};
use domain::{BrokerId, CreditorFiscalCode};
use reqwest::Method;

/// Positions on a page of the list: the most the archive gives.
pub const PAGE_SIZE: u32 = 50;

/// The products of an archive: one position at a time, and many at once.
pub const fn products(archive: Archive) -> [Product; 2] {
    match archive {
        Archive::Aca => [Product::Aca, Product::AcaBulk],
        Archive::Gpd => [Product::Gpd, Product::GpdBulk],
    }
}

/// Creates a position, payable at once or from its first day.
pub fn create(institution: &CreditorFiscalCode, position: &Position) -> Call {
    Call::new(
        "createPosition",
        Method::POST,
        ["organizations", institution.as_str(), "debtpositions"],
    )
    .with("toPublish", true)
    .json(position)
}

/// Replaces a position.
pub fn update(institution: &CreditorFiscalCode, position: &Position) -> Call {
    of_one("updatePosition", Method::PUT, institution, position.iupd())
        .with("toPublish", true)
        .json(position)
}

/// Takes a position out. Not `invalidate`, after which its key could never be used again.
pub fn delete(institution: &CreditorFiscalCode, iupd: &str) -> Call {
    of_one("deletePosition", Method::DELETE, institution, iupd)
}

/// Asks for a position.
pub fn find(institution: &CreditorFiscalCode, iupd: &str) -> Call {
    of_one(
        "getOrganizationDebtPositionByIUPD",
        Method::GET,
        institution,
        iupd,
    )
}

fn of_one(operation: &'static str, method: Method, institution: &CreditorFiscalCode, iupd: &str) -> Call {
    Call::new(
        operation,
        method,
        ["organizations", institution.as_str(), "debtpositions", iupd],
    )
}

/// Asks for a page of every position, from 0, oldest first: what is added meanwhile comes at the end.
pub fn list(institution: &CreditorFiscalCode, page: u32) -> Call {
    Call::get(
        "getOrganizationDebtPositions",
        ["organizations", institution.as_str(), "debtpositions"],
    )
    .with("limit", PAGE_SIZE)
    .with("page", page)
    .with("orderby", "INSERTED_DATE")
    .with("ordering", "ASC")
    .keeping_digest()
}

/// Sends a file.
pub fn upload(broker: &BrokerId, institution: &CreditorFiscalCode, step: Step, file: File) -> Call {
    let (operation, method) = match step {
        Step::Create => ("create-debt-positions-by-file-upload", Method::POST),
        Step::Update => ("update-debt-positions-by-file-upload", Method::PUT),
        Step::Delete => ("delete-debt-positions-by-file-upload", Method::DELETE),
    };
    Call {
        body: Body::File {
            name: "positions.zip".to_owned(),
            media_type: "application/zip",
            content: file.zip,
        },
        ..Call::new(
            operation,
            method,
            [
                "brokers",
                broker.as_str(),
                "organizations",
                institution.as_str(),
                "debtpositions",
                "file",
            ],
        )
    }
}

/// Asks what was done with a file. While it is being worked on the answer is 425, so its status need not be asked first.
pub fn report(broker: &BrokerId, institution: &CreditorFiscalCode, file: &str) -> Call {
    Call::get(
        "get-debt-positions-upload-report",
        [
            "brokers",
            broker.as_str(),
            "organizations",
            institution.as_str(),
            "debtpositions",
            "file",
            file,
            "report",
        ],
    )
}
