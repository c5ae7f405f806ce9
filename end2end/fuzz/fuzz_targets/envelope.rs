//! Any bytes as a message of the hub: they are read or refused for a reason that fits an answer, whichever they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pagopa::pa_for_node::{read_request, write_refusal};
use pagopa::{Fault, MAX_MESSAGE_BYTES};

fuzz_target!(|bytes: &[u8]| {
    match read_request(bytes) {
        Ok(_) => assert!(bytes.len() <= MAX_MESSAGE_BYTES),
        Err(error) => {
            let said = error.to_string();
            assert!(said.len() < 400, "{said}");
            assert!(!said.contains(char::is_control), "{said:?}");
            if let Some(operation) = error.operation {
                let fault = Fault {
                    code: error.fault_code(),
                    id: "00856930102".to_owned(),
                    description: Some(said),
                };
                write_refusal(operation, &fault);
            }
        }
    }
});
