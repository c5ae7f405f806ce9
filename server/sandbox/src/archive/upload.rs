//! What became of each file: how far it is, and what was answered to each position.

use crate::clock;
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// The most files remembered.
const MAX_UPLOADS: usize = 2_000;
/// The most bytes of all reports together: the oldest files are forgotten beyond it.
const MAX_REPORT_BYTES: usize = 256 * 1024 * 1024;

/// The files that came, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    files: VecDeque<Upload>,
}

/// A file.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) institution: CreditorFiscalCode,
    pub(super) submitted: usize,
    pub(super) processed: usize,
    pub(super) started_at: DateTime<Utc>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    /// The keys answered alike, each followed by a line break: one allocation for many.
    answers: BTreeMap<(u16, String), String>,
    good: usize,
}

impl Uploads {
    /// A file arrives; its number.
    pub(super) fn begin(
        &mut self,
        institution: CreditorFiscalCode,
        submitted: usize,
        now: DateTime<Utc>,
    ) -> String {
        while self.files.len() >= MAX_UPLOADS || self.report_bytes() > MAX_REPORT_BYTES {
            self.files.pop_front();
        }
        let id = clock::random_id();
        self.files.push_back(Upload {
            id: id.clone(),
            institution,
            submitted,
            processed: 0,
            started_at: now,
            ended_at: None,
            answers: BTreeMap::new(),
            good: 0,
        });
        id
    }

    /// How many are not done.
    pub(super) fn pending(&self) -> usize {
        self.files.iter().filter(|file| file.ended_at.is_none()).count()
    }

    pub(super) fn find(&self, institution: &CreditorFiscalCode, id: &str) -> Option<&Upload> {
        self.files
            .iter()
            .rev()
            .find(|file| file.id == id && file.institution == *institution)
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut Upload> {
        self.files.iter_mut().rev().find(|file| file.id == id)
    }

    /// The files of an institution that arrived in an interval, oldest first.
    pub(super) fn between<'u>(
        &'u self,
        institution: &'u CreditorFiscalCode,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = &'u Upload> {
        self.files
            .iter()
            .filter(move |file| file.institution == *institution && (from..to).contains(&file.started_at))
    }

    fn report_bytes(&self) -> usize {
        self.files
            .iter()
            .flat_map(|file| file.answers.values())
            .map(String::len)
            .sum()
    }
}

impl Upload {
    /// A position was answered.
    pub(super) fn answer(&mut self, status: u16, message: String, iupd: &str) {
        self.processed += 1;
        self.good += usize::from(status < 300);
        let iupds = self.answers.entry((status, message)).or_default();
        iupds.push_str(iupd);
        iupds.push('\n');
    }

    /// `UploadStatusDTO`
    pub(super) fn status(&self) -> Value {
        let operation_status = if self.ended_at.is_none() {
            "IN_PROGRESS"
        } else if self.good == self.submitted {
            "COMPLETED"
        } else if self.good == 0 {
            "COMPLETED_UNSUCCESSFULLY"
        } else {
            "COMPLETED_WITH_WARNINGS"
        };
        json!({
            "fileId": self.id,
            "processedItem": self.processed,
            "submittedItem": self.submitted,
            "startTime": self.started_at,
            "operationStatus": operation_status,
        })
    }

    /// `UploadReportDTO`, when the file is done.
    pub(super) fn report(&self) -> Option<Value> {
        let ended_at = self.ended_at?;
        let responses: Vec<Value> = self
            .answers
            .iter()
            .map(|((status, message), iupds)| {
                let iupds: Vec<&str> = iupds.lines().collect();
                json!({ "statusCode": status, "statusMessage": message, "iupds": iupds })
            })
            .collect();
        Some(json!({
            "fileId": self.id,
            "processedItem": self.processed,
            "submittedItem": self.submitted,
            "responses": responses,
            "startTime": self.started_at,
            "endTime": ended_at,
        }))
    }
}
