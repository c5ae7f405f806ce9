//! What is written in our columns is read back as it was; and whatever the bytes, reading ends, in bounds.

use bulk::{DebtReader, Instruction, header, write_debt};
use domain::draft::{InstalmentDraft, OptionDraft, PositionDraft, StampDraft, TransferDraft};
use domain::subject::Address;
use domain::{Cents, OptionKind, Subject, SubjectKind};
use proptest::prelude::*;
use std::io::Cursor;

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9àè=+@\";,'\\n.-]{1,12}"
        .prop_map(|text| format!("x{}x", text.trim()))
        .prop_filter("no byte order mark", |text| !text.contains('\u{feff}'))
}

fn key() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9;,\"=-]{1,20}"
}

fn day() -> impl Strategy<Value = chrono::NaiveDate> {
    (0..20_000_u64).prop_map(|days| chrono::NaiveDate::default() + chrono::Days::new(days))
}

fn transfer() -> impl Strategy<Value = TransferDraft> {
    (
        1..99_999_999_999_i64,
        proptest::option::of(text()),
        proptest::option::of(text()),
        proptest::option::of(text()),
        proptest::option::of((text(), text())),
        proptest::collection::btree_map(text(), text(), 0..3),
    )
        .prop_map(
            |(amount, account, iban, beneficiary, stamp, metadata)| TransferDraft {
                amount: Cents::new(amount),
                beneficiary: beneficiary.clone(),
                beneficiary_name: beneficiary,
                account: account.clone(),
                iban,
                stamp: stamp.map(|(document_digest, province)| StampDraft {
                    document_digest,
                    province,
                }),
                remittance_information: account.clone(),
                category: account,
                metadata,
            },
        )
}

fn instalment() -> impl Strategy<Value = InstalmentDraft> {
    (
        proptest::option::of(text()),
        1..99_999_999_999_i64,
        proptest::option::of(day()),
        proptest::option::of(day()),
        proptest::option::of(text()),
        proptest::collection::vec(transfer(), 0..=5),
    )
        .prop_map(
            |(number, amount, due_on, payable_until, description, transfers)| InstalmentDraft {
                notice_number: number.clone(),
                iuv: number,
                amount: Cents::new(amount),
                due_on,
                payable_until,
                description,
                transfers,
            },
        )
}

fn option() -> impl Strategy<Value = OptionDraft> {
    let kind = prop_oneof![
        Just(OptionKind::Whole),
        Just(OptionKind::InstalmentPlan),
        Just(OptionKind::Reduced)
    ];
    (kind, proptest::collection::vec(instalment(), 1..4))
        .prop_map(|(kind, instalments)| OptionDraft { kind, instalments })
}

fn position() -> impl Strategy<Value = PositionDraft> {
    let debtor = (text(), text(), proptest::option::of(text()), any::<bool>());
    (
        key(),
        text(),
        debtor,
        proptest::option::of(day()),
        any::<bool>(),
        proptest::collection::vec(option(), 1..4),
    )
        .prop_map(
            |(key, service, (code, name, street, is_legal), valid_from, draft, options)| PositionDraft {
                key,
                service,
                debtor: Subject {
                    kind: if is_legal {
                        SubjectKind::Legal
                    } else {
                        SubjectKind::Natural
                    },
                    code,
                    full_name: name.clone(),
                    address: Address {
                        street,
                        ..Address::default()
                    },
                    email: Some(name.clone()),
                },
                description: name,
                valid_from,
                draft,
                options,
            },
        )
}

fn instruction() -> impl Strategy<Value = Instruction> {
    (position(), 0..5_u8, key()).prop_map(|(draft, which, other)| match which {
        0 => Instruction::Insert(draft),
        1 => Instruction::Update(draft),
        2 => Instruction::Put(draft),
        3 => Instruction::Replace {
            replaces: other,
            with: draft,
        },
        _ => Instruction::Cancel { key: draft.key },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_as_it_was(instructions in proptest::collection::vec(instruction(), 1..6)) {
        let mut file = header();
        let mut expected = Vec::new();
        for (number, instruction) in instructions.into_iter().enumerate() {
            // Rows of two positions with one key would be one position's.
            let own = |key: &str| format!("{number}-{key}");
            let instruction = match instruction {
                Instruction::Insert(draft) => Instruction::Insert(PositionDraft { key: own(&draft.key), ..draft }),
                Instruction::Update(draft) => Instruction::Update(PositionDraft { key: own(&draft.key), ..draft }),
                Instruction::Put(draft) => Instruction::Put(PositionDraft { key: own(&draft.key), ..draft }),
                Instruction::Replace { replaces, with } => Instruction::Replace {
                    replaces,
                    with: PositionDraft { key: own(&with.key), ..with },
                },
                Instruction::Cancel { key } => Instruction::Cancel { key: own(&key) },
            };
            write_debt(&mut file, &instruction);
            expected.push(instruction);
        }
        let city = "00856930102".parse().unwrap();
        let mut reader = DebtReader::open(Cursor::new(file.into_bytes()), &city).unwrap();
        let mut read = Vec::new();
        while let Some(debt) = reader.next_debt().unwrap() {
            read.push(debt.said.unwrap());
        }
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn whatever_the_bytes_reading_ends_and_goes_forward(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), plain in any::<bool>()) {
        let mut file = if plain { b"key;service;amount;description\n".to_vec() } else { Vec::new() };
        file.extend(bytes);
        let city = "00856930102".parse().unwrap();
        if let Ok(mut reader) = DebtReader::open(Cursor::new(file.clone()), &city) {
            let mut before = reader.place();
            while let Some(debt) = reader.next_debt().unwrap() {
                prop_assert!(debt.until.byte > before.byte && debt.until.byte <= file.len() as u64);
                prop_assert!(debt.until.row > before.row);
                if let Err(errors) = &debt.said {
                    prop_assert!(!errors.is_empty());
                    prop_assert_eq!(debt.errors_by_row(errors).len(), debt.rows.len());
                }
                before = debt.until;
            }
        }
    }
}
