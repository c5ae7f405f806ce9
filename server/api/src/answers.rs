//! Groups of problems an operation can fail with, for its description: `responses((status = 200, …), Always, OfOne)`.

use crate::problem::ProblemBody;
use utoipa::IntoResponses;

macro_rules! group {
    ($(#[$attribute:meta])* $name:ident { $($status:literal $variant:ident $description:literal,)+ }) => {
        $(#[$attribute])*
        #[derive(IntoResponses)]
        pub enum $name {
            $(
                #[doc = $description]
                #[response(status = $status, description = $description, content_type = "application/problem+json")]
                $variant(#[to_schema] ProblemBody),
            )+
        }
    };
}

group! {
    /// What every protected operation can fail with.
    Always {
        400 Malformed "What was sent cannot be read: `malformed_path`, `malformed_query`, `malformed_body`, `malformed_idempotency_key`, `malformed_condition`.",
        401 Unauthenticated "Nobody was let in: `no_token`, `invalid_token`, `expired_token`, `certificate_needed`.",
        403 Forbidden "The application may not do this: `forbidden`.",
        429 TooMany "Too many requests: `too_many_requests`.",
        500 Internal "An error of ours: `internal`.",
        503 Unavailable "The archive does not answer (`unavailable`), too many documents are being drawn (`busy`), or the installation signs no webhooks (`webhooks_off`).",
        504 TookTooLong "The answer took too long: `took_too_long`.",
    }
}

group! {
    /// What an operation on one thing can fail with.
    OfOne {
        404 NotFound "The institution has nothing with this key (`not_found`), or no such service that is worked out by a tariff (`unknown_service`).",
    }
}

group! {
    /// What an operation with parameters can fail with.
    OfQuery {
        422 Refused "The parameters can be read and not be used so, or the cursor is none of this list: `refused_query`.",
    }
}

group! {
    /// What a change of a position can fail with.
    OfChange {
        404 NotFound "The institution has nothing with this key: `not_found`.",
        409 Conflict "It stands where that cannot be done (`already_paid`, `partly_paid`, `cancelled`, `replaced`, `unpublished`, `already_published`, `expired`), or the same request is under way (`in_progress`).",
        412 Failed "It is not what was thought: `precondition_failed`.",
        413 TooLarge "The body is too large: `body_too_large`.",
        415 OtherType "The body is of another type: `other_content_type`.",
        422 Invalid "Parts of the request are wrong, each with its place (`invalid`), or its key was used for another (`idempotency_key_reused`).",
        428 Needed "It must be said which version is changed: `precondition_required`.",
    }
}

group! {
    /// What an operation with a body can fail with.
    OfBody {
        409 Conflict "The same request is under way (`in_progress`), or the endpoints of outcomes stand where that cannot be done (`too_many_endpoints`, `endpoint_disabled`).",
        413 TooLarge "The body is too large: `body_too_large`, or the file: `file_too_large`.",
        415 OtherType "The body is of another type: `other_content_type`.",
        422 Invalid "Parts of the request are wrong, each with its place (`invalid`), its key was used for another (`idempotency_key_reused`), the file is none of debts (`file_refused`), or of outcomes the address, the number or the day cannot be taken (`address_refused`, `beyond_the_end`, `day_too_large`).",
    }
}
