//! Files as offices write them: what is read, what is refused, and where a reader goes on.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use bulk::{
    Debt, DebtReader, Format, HEAD_BYTES, Instruction, OpenError, Place, ROW_BYTES_MAX, RefusedFile,
    RowError, RowProblem, recognise,
};
use domain::draft::PositionDraft;
use domain::{Cents, CreditorFiscalCode, OptionKind, SubjectKind};
use std::collections::BTreeSet;
use std::io::Cursor;

fn city() -> CreditorFiscalCode {
    "00856930102".parse().unwrap()
}

fn reader(text: &str) -> DebtReader<Cursor<Vec<u8>>> {
    DebtReader::open(Cursor::new(text.as_bytes().to_vec()), &city()).unwrap()
}

fn debts(text: &str) -> Vec<Debt> {
    let mut reader = reader(text);
    std::iter::from_fn(|| reader.next_debt().unwrap()).collect()
}

fn draft(debt: &Debt) -> &PositionDraft {
    debt.said.as_ref().unwrap().draft().unwrap()
}

/// Row, column and code of everything that is wrong.
fn wrong(debt: &Debt) -> Vec<(u64, &str, &str)> {
    let errors: &[RowError] = debt.said.as_ref().unwrap_err();
    errors
        .iter()
        .map(|error| (error.row, error.column.as_str(), error.code))
        .collect()
}

const HEAD: &str = "key;service;debtor_code;debtor_name;description;amount;due_on";
const RIGHT: &str = "T1;tari;RSSMRA85T10A562S;Mario Rossi;TARI 2026;12,50;31/12/2026";

#[test]
fn a_row_is_a_debt() {
    let debts = debts(&format!("{HEAD}\n{RIGHT}\n"));
    assert_eq!(debts.len(), 1);
    let draft = draft(&debts[0]);
    assert_eq!((draft.key.as_str(), draft.service.as_str()), ("T1", "tari"));
    assert_eq!(draft.debtor.kind, SubjectKind::Natural);
    assert_eq!(draft.options[0].kind, OptionKind::Whole);
    assert_eq!(draft.options[0].instalments[0].amount, Cents::new(1250));
    assert_eq!(debts[0].rows, [2]);
    assert!(matches!(debts[0].said, Ok(Instruction::Insert(_))));
}

#[test]
fn marks_line_ends_and_separators_do_not_matter() {
    let plain = debts(&format!("{HEAD}\n{RIGHT}\n"));
    let commas = "key,service,debtor_code,debtor_name,description,amount,due_on\r\n\
                  T1,tari,RSSMRA85T10A562S,Mario Rossi,TARI 2026,\"12,50\",2026-12-31\r\n";
    for text in [
        format!("\u{feff}{HEAD}\r\n{RIGHT}\r\n"),
        format!("{HEAD}\r{RIGHT}"),
        format!("{HEAD}\r\n{RIGHT}"),
        format!("{}\n{RIGHT}", HEAD.to_uppercase()),
        commas.to_owned(),
    ] {
        let read = debts(&text);
        assert_eq!(read.len(), 1, "{text}");
        assert_eq!(draft(&read[0]), draft(&plain[0]), "{text}");
    }
}

#[test]
fn line_ends_may_be_mixed_and_rows_are_numbered_as_in_a_spreadsheet() {
    let row = |key: &str| RIGHT.replace("T1", key);
    let text = format!("{HEAD}\r\n{}\n\r\n{}\r{}\n", row("A"), row("B"), row("C"));
    let read = debts(&text);
    let rows: Vec<(&str, u64)> = read
        .iter()
        .map(|debt| (debt.key.as_deref().unwrap(), debt.rows[0]))
        .collect();
    assert_eq!(rows, [("A", 2), ("B", 4), ("C", 5)]);
}

#[test]
fn a_line_break_within_quotes_is_text() {
    let text = format!(
        "{HEAD}\nT1;tari;RSSMRA85T10A562S;\"Mario\nRossi\";\"say \"\"no\"\"; twice\";1;\n{}\n",
        RIGHT.replace("T1", "T2")
    );
    let read = debts(&text);
    assert_eq!(draft(&read[0]).debtor.full_name, "Mario\nRossi");
    assert_eq!(draft(&read[0]).description, "say \"no\"; twice");
    assert_eq!(read[1].rows, [3]);
}

#[test]
fn rows_of_one_key_are_the_instalments_of_one_position() {
    let text = "key;service;debtor_code;debtor_name;description;option;option_kind;amount;due_on\n\
                T1;tari;RSSMRA85T10A562S;Mario Rossi;TARI;1;whole;30;2026-12-31\n\
                T1;;;;;2;;10;2026-12-31\n\
                T1;tari;RSSMRA85T10A562S;Mario Rossi;TARI;2;;20;2027-01-31\n\
                T2;tari;RSSMRA85T10A562S;Mario Rossi;TARI;1;;5;2026-12-31\n";
    let read = debts(text);
    assert_eq!(read.len(), 2);
    let draft = draft(&read[0]);
    let shape: Vec<(OptionKind, usize)> = draft
        .options
        .iter()
        .map(|option| (option.kind, option.instalments.len()))
        .collect();
    assert_eq!(shape, [(OptionKind::Whole, 1), (OptionKind::InstalmentPlan, 2)]);
    assert_eq!(read[0].rows, [2, 3, 4]);
}

#[test]
fn rows_of_a_position_that_contradict_one_another_are_refused_together() {
    let text = format!(
        "{HEAD}\n{RIGHT}\n{}\n{}\n",
        RIGHT.replace("Mario", "Ugo"),
        RIGHT.replace("T1", "T2")
    );
    let read = debts(&text);
    assert_eq!(wrong(&read[0]), [(3, "debtor_name", "differs")]);
    assert!(read[1].said.is_ok());
    let by_row = read[0].errors_by_row(read[0].said.as_ref().unwrap_err());
    assert_eq!(by_row[0].1[0].code, "companion_row");
    assert_eq!(by_row[1].1[0].code, "differs");
}

#[test]
fn everything_wrong_in_a_row_is_told_with_its_column() {
    let text = format!("{HEAD}\nT1;tari;RSSMRA85T10A562S;Mario;TARI;1.234;31/02/2026\n");
    let read = debts(&text);
    assert_eq!(
        wrong(&read[0]),
        [(2, "amount", "ambiguous_amount"), (2, "due_on", "unreadable")]
    );
    for error in read[0].said.as_ref().unwrap_err() {
        assert!(!error.italian.is_empty() && !error.english.is_empty());
    }
}

#[test]
fn one_bad_row_never_blocks_the_others() {
    let good = |key: &str| RIGHT.replace("T1", key);
    let text = format!(
        "{HEAD}\n{}\nT2;tari\n;tari;RSSMRA85T10A562S;Mario;TARI;1;\nT4;tari;X;\"open quote;TARI;1;\n{}\n{}\n",
        good("A"),
        good("B"),
        good("C"),
    );
    let read = debts(&text);
    let keys: Vec<Option<&str>> = read
        .iter()
        .filter(|debt| debt.said.is_ok())
        .map(|debt| debt.key.as_deref())
        .collect();
    assert_eq!(keys, [Some("A"), Some("B"), Some("C")]);
    let codes: Vec<&str> = read
        .iter()
        .filter(|debt| debt.said.is_err())
        .map(|debt| wrong(debt)[0].2)
        .collect();
    assert_eq!(codes, ["columns", "required", "quote"]);
}

#[test]
fn a_wrong_row_of_a_position_takes_the_whole_position_with_it() {
    let text = format!("{HEAD}\n{RIGHT}\nT1;tari;broken\n{RIGHT}\n");
    let read = debts(&text);
    assert_eq!(read.len(), 1);
    assert_eq!(wrong(&read[0]), [(3, "", "columns")]);
}

#[test]
fn a_truncated_last_row_is_an_error_of_that_row() {
    let whole = format!("{HEAD}\n{RIGHT}\n{}", RIGHT.replace("T1", "T2"));
    let read = debts(&whole[..whole.len() - 20]);
    assert!(read[0].said.is_ok());
    assert_eq!(wrong(&read[1]), [(3, "", "truncated")]);
    let read = debts(&format!(
        "{HEAD}\n{RIGHT}\nT2;tari;RSSMRA85T10A562S;Mario;TARI;1;\"2026"
    ));
    assert_eq!(wrong(&read[1]), [(3, "", "truncated")]);
}

#[test]
fn a_row_that_is_too_long_is_refused_and_the_next_is_read() {
    let long = "x".repeat(ROW_BYTES_MAX + 10);
    let row = RIGHT.replace("TARI 2026", &long).replace("T1", "T0");
    let read = debts(&format!("{HEAD}\n{row}\n{RIGHT}\n"));
    assert_eq!(wrong(&read[0])[0].2, "row_too_long");
    assert!(read.last().unwrap().said.is_ok());
    let many = ";".repeat(1000);
    let read = debts(&format!("{HEAD}\n{RIGHT}{many}\n{}\n", RIGHT.replace("T1", "T2")));
    assert_eq!(wrong(&read[0])[0].2, "too_many_columns");
    assert!(read[1].said.is_ok());
}

#[test]
fn a_row_in_another_encoding_is_an_error_of_that_row() {
    let mut bytes = format!("{HEAD}\n").into_bytes();
    for number in 0..2_000 {
        bytes.extend_from_slice(RIGHT.replace("T1", &format!("N{number}")).as_bytes());
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(b"T2;tari;RSSMRA85T10A562S;Nicol\xf2;TARI;1;\n");
    let mut reader = DebtReader::open(Cursor::new(bytes), &city()).unwrap();
    let read: Vec<Debt> = std::iter::from_fn(|| reader.next_debt().unwrap()).collect();
    assert_eq!(read.len(), 2_001);
    assert_eq!(wrong(&read[2_000]), [(2_002, "", "encoding")]);
}

/// Where the codes are told to whoever writes files.
const DOCUMENTED: &str = include_str!("../../docs/imports.md");

/// Every case of an enum with its code and what provokes it. One that nothing provokes does not compile.
macro_rules! every {
    ($enum:ty, $kind:ty: $($case:pat_param, $code:literal => $provocation:expr;)+) => {{
        let _: fn(&$enum) = |case| match case { $($case)|+ => () };
        let provocations: Vec<(&str, $kind)> = vec![$(($code, $provocation)),+];
        let codes: BTreeSet<&str> = provocations.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes.len(), provocations.len(), "each has a code of its own");
        for code in codes {
            assert!(DOCUMENTED.contains(&format!("`{code}`")), "{code} is not documented");
        }
        provocations
    }};
}

#[test]
fn files_of_another_kind_are_refused_by_name() {
    use RefusedFile as R;
    const LONG: &[u8] = &[b'x'; HEAD_BYTES];
    let provocations = every! { R, &[&[u8]]:
        R::Empty, "file_empty" => &[b"", b"\xef\xbb\xbf \n"];
        R::Compressed, "file_compressed" => &[b"PK\x03\x04\x14\0\0\0debts.csv", b"\x1f\x8b\x08\0"];
        R::Workbook, "file_workbook" => &[
            b"PK\x03\x04\x14\0\0\0[Content_Types].xml",
            b"\xd0\xcf\x11\xe0\xa1\xb1",
        ];
        R::Pdf, "file_pdf" => &[b"%PDF-1.7\n"];
        R::Utf16, "file_utf16" => &[b"\xff\xfek\0e\0y\0", b"k\0e\0y\0;\0s\0e\0r\0"];
        R::NotUtf8 { .. }, "file_not_utf8" => &[b"key;service\nT1;citt\xe0\n"];
        R::Binary, "file_binary" => &[b"\x7fELF\x02\x01\x01\0\0\0"];
        R::Markup, "file_markup" => &[b"<?xml version=\"1.0\"?>"];
        R::JsonDocument, "file_json_document" => &[b"[{\"key\":\"T1\"}]", b"{\n  \"key\": \"T1\"\n}"];
        R::UnknownHeader, "file_unknown_header" => &[b"nome;cognome\nMario;Rossi\n"];
        R::HeaderTooLong, "file_header_too_long" => &[LONG];
        R::UnknownColumns(_), "file_unknown_columns" => &[b"key;service;ammount\n"];
        R::RepeatedColumn(_), "file_repeated_column" => &[b"key;service;KEY\n"];
        R::MissingColumn(_), "file_missing_column" => &[b"idPendenza;importo;idDominio\n"];
    };
    for (code, files) in provocations {
        for file in files {
            let refused = recognise(file).unwrap_err();
            assert_eq!(refused.code(), code);
            for sentence in [refused.italian(), refused.english()] {
                assert!(sentence.ends_with('.'), "{sentence}");
            }
        }
    }
    assert_eq!(
        recognise(b"key;service;ammount\n").unwrap_err(),
        R::UnknownColumns(vec!["ammount".to_owned()])
    );
    let opened = DebtReader::open(Cursor::new(b"%PDF".to_vec()), &city());
    assert!(matches!(opened.err(), Some(OpenError::Refused(R::Pdf))));
}

#[test]
fn json_lines_are_drafts_with_an_operation() {
    let line = r#"{"operation":"update","key":"T1","service":"tari","debtor":{"kind":"natural","code":"RSSMRA85T10A562S","full_name":"Mario Rossi"},"description":"TARI","options":[{"kind":"whole","instalments":[{"amount":1250}]}]}"#;
    let text = format!(
        "{line}\n{{\"operation\":\"cancel\",\"key\":\"T2\"}}\n\n{{\"key\":\"T3\"}}\n{{\"key\":\"T4\",\"amout\":1}}\n{{nonsense\n{}\n",
        "[".repeat(100_000)
    );
    assert_eq!(recognise(text.as_bytes()), Ok(Format::JsonLines));
    let read = debts(&text);
    assert!(matches!(read[0].said, Ok(Instruction::Update(_))));
    assert!(matches!(&read[1].said, Ok(Instruction::Cancel { key }) if key == "T2"));
    assert_eq!(wrong(&read[2]), [(4, "service", "required")]);
    assert_eq!(wrong(&read[3]), [(5, "amout", "unknown_field")]);
    assert_eq!(wrong(&read[4]), [(6, "", "json")]);
    assert_eq!(wrong(&read[5]), [(7, "", "json")]);
}

const GOVPAY: &str = "idA2A,idPendenza,idDominio,numeroAvviso,tipoPendenza,idUnitaOperativa,causale,annoRiferimento,\
    cartellaPagamento,datiAllegati,direzione,divisione,importo,dataValidita,dataScadenza,tassonomiaAvviso,\
    tipoSoggettoPagatore,identificativoPagatore,anagraficaPagatore,indirizzoPagatore,civicoPagatore,capPagatore,\
    localitaPagatore,provinciaPagatore,nazionePagatore,emailPagatore,cellularePagatore,\
    idVoce1,importoVoce1,descrizioneVoce1,ibanAccreditoVoce1,ibanAppoggioVoce1,tipoContabilitaVoce1,codiceContabilitaVoce1,\
    tipoEntrataVoce1,tipoBolloVoce1,hashBolloVoce1,provinciaBolloVoce1,dataAvvisatura,idDocumento,descrizioneDocumento,\
    numeroRata,linguaSecondaria";

fn govpay(id: &str, amount: &str, document: &str, ordinal: &str) -> String {
    format!(
        "APP,{id},00856930102,,tari,,TARI {id},2026,,,,,{amount},,2026-12-31,,F,ANONIMO,ANONIMO,,,,,,,,,\
         1,{amount},Voce,IT60X0542811101000000123456,,ALTRO,0101101IM,,,,,,{document},,{ordinal},"
    )
}

#[test]
fn govpay_is_known_by_its_header_and_an_amount_of_nothing_cancels() {
    let text = format!(
        "{GOVPAY}\n{}\n{}\n",
        govpay("P1", "10.50", "", ""),
        "APP,P2,,,,,,,,,,,0,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"
    );
    let mut reader = reader(&text);
    assert_eq!(reader.format(), Format::GovPay);
    assert!(reader.ignored_columns().contains(&"cellularePagatore".to_owned()));
    let first = reader.next_debt().unwrap().unwrap();
    assert!(matches!(first.said, Ok(Instruction::Put(_))));
    let transfer = &draft(&first).options[0].instalments[0].transfers[0];
    assert_eq!(transfer.category.as_deref(), Some("9/0101101IM/"));
    assert_eq!(transfer.amount, Cents::new(1050));
    assert_eq!(draft(&first).debtor.code, "ANONIMO");
    let second = reader.next_debt().unwrap().unwrap();
    assert!(
        matches!(&second.said, Ok(Instruction::Cancel { key }) if key == "P2"),
        "{:?}",
        second.said
    );
}

#[test]
fn govpay_documents_are_positions_with_several_ways_to_pay() {
    let text = format!(
        "{GOVPAY}\n{}\n{}\n{}\n{}\n{}\n",
        govpay("M1", "40", "VERBALE1", "ENTRO5"),
        govpay("M2", "60", "VERBALE1", "OLTRE5"),
        govpay("R1", "10", "TARI1", "1"),
        govpay("R2", "10", "TARI1", "2"),
        govpay("X1", "10", "TARI2", "presto"),
    );
    let read = debts(&text);
    let kinds = |debt: &Debt| -> Vec<(OptionKind, usize)> {
        draft(debt)
            .options
            .iter()
            .map(|option| (option.kind, option.instalments.len()))
            .collect()
    };
    assert_eq!(
        kinds(&read[0]),
        [(OptionKind::Reduced, 1), (OptionKind::Whole, 1)]
    );
    assert_eq!(kinds(&read[1]), [(OptionKind::InstalmentPlan, 2)]);
    let metadata = &draft(&read[1]).options[0].instalments[1].transfers[0].metadata;
    assert_eq!(metadata["idPendenza"], "R2");
    assert_eq!(wrong(&read[2]), [(6, "numeroRata", "unreadable")]);
}

#[test]
fn a_row_of_another_institution_is_refused() {
    let text = format!(
        "{GOVPAY}\n{}\n",
        govpay("P1", "10", "", "").replace("00856930102", "00000000000")
    );
    assert_eq!(wrong(&debts(&text)[0]), [(2, "idDominio", "foreign_institution")]);
}

const UNIFIED: &str = "azione;draft;IUPD;descrizionePosizioneDebitoria;dataValidita;indiceOpzionePagamento;tipoOpzionePagamento;\
    descrizioneOpzionePagamento;iud;codIUV;dataEsecuzionePagamento;importoDovuto;causaleVersamento;tipoIdentificativoUnivoco;\
    codiceIdentificativoUnivoco;anagraficaPagatore;indirizzoPagatore;civicoPagatore;capPagatore;localitaPagatore;\
    provinciaPagatore;nazionePagatore;mailPagatore;dataNotifica;coobbligato;datiSpecificiRiscossione;flgGeneraIuv;\
    flagPagamentoPu;bilancio;tipoDovuto;flagMultiBeneficiario;numeroBeneficiari;codiceFiscaleEnte_2;DenominazioneEnte_2;\
    IbanAccreditoEnte_2;CausaleVersamentoEnte_2;importoVersamentoEnte_2;codiceTassonomiaEnte_2;configurazioniEsecuzione";

#[test]
fn the_unified_platform_is_read_with_its_actions_and_beneficiaries() {
    let row = |action: &str, key: &str, several: &str| {
        format!(
            "{action};false;{key};TARI 2026;;1;SINGLE_INSTALLMENT;Unica;D-{key};;2026-12-31;100.00;Saldo;F;RSSMRA85T10A562S;\
             Mario Rossi;Via Roma;1;16121;Genova;GE;IT;m@example.it;;;9/0101101IM/;true;true;<bilancio/>;tari;{several};"
        )
    };
    let text = format!(
        "{UNIFIED}\n{}\n{}\n{}\n{}\n",
        row(
            "I",
            "A",
            "true;2;01234567890;Metropoli;IT60X0542811101000000123456;Quota;5,50;9/0101101IM/"
        ),
        row("M", "B", "false;1;;;;;;"),
        row("A", "C", "false;1;;;;;;"),
        row(
            "I",
            "D",
            "false;1;01234567890;Metropoli;IT60X0542811101000000123456;Quota;5;9/0101101IM/"
        ),
    );
    let mut reader = reader(&text);
    assert_eq!(reader.format(), Format::UnifiedPlatform);
    assert!(reader.ignored_columns().contains(&"bilancio".to_owned()));
    let read: Vec<Debt> = std::iter::from_fn(|| reader.next_debt().unwrap()).collect();
    let amounts: Vec<i64> = draft(&read[0]).options[0].instalments[0]
        .transfers
        .iter()
        .map(|transfer| transfer.amount.as_i64())
        .collect();
    assert_eq!(amounts, [9450, 550]);
    assert!(matches!(read[0].said, Ok(Instruction::Insert(_))));
    assert!(matches!(read[1].said, Ok(Instruction::Update(_))));
    assert!(matches!(read[2].said, Ok(Instruction::Cancel { .. })));
    assert_eq!(wrong(&read[3]), [(5, "flagMultiBeneficiario", "count")]);
}

#[test]
fn reading_goes_on_at_any_place_exactly() {
    let mut text = format!("\u{feff}{HEAD}\r\n");
    for number in 0..200 {
        text += &RIGHT.replace("T1", &format!("K{}", number / 2));
        text += ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"][number % 5];
        if number % 7 == 0 {
            text += "K;broken\n";
        }
    }
    let whole = debts(&text);
    for (index, debt) in whole.iter().enumerate() {
        let mut again = reader(&text);
        again.go_to(debt.until).unwrap();
        assert_eq!(again.place(), debt.until);
        let rest: Vec<Debt> = std::iter::from_fn(|| again.next_debt().unwrap()).collect();
        assert_eq!(rest, whole[index + 1..], "after {index}");
    }
    let mut again = reader(&text);
    again.go_to(Place::default()).unwrap();
    assert_eq!(again.next_debt().unwrap().as_ref(), whole.first());
}

#[test]
fn every_problem_of_a_row_is_told_by_its_code() {
    use RowProblem as R;
    const SMALL: &str = "key;service;amount\n";
    let long = "x".repeat(ROW_BYTES_MAX);
    let foreign = govpay("P1", "10", "", "").replace("00856930102", "00000000000");
    // Beyond what a file is recognised by, another encoding is its row's own mistake.
    let mut mixed = format!("{SMALL}{}", "T1;mensa;1\n".repeat(HEAD_BYTES / 10)).into_bytes();
    mixed.extend_from_slice(b"T2;citt\xe0;1\n");
    let provocations = every! { R, Vec<u8>:
        R::Columns { .. }, "columns" => format!("{SMALL}T1;mensa\n").into();
        R::TooManyColumns, "too_many_columns" => format!("{SMALL}T1{}\n", ";".repeat(256)).into();
        R::TooLong, "row_too_long" => format!("{SMALL}T1;{long};1\n").into();
        R::Truncated, "truncated" => format!("{SMALL}T1;mensa").into();
        R::Quote, "quote" => format!("{SMALL}T1;\"mensa;1\nT2;mensa;1\n").into();
        R::Encoding, "encoding" => mixed;
        R::Json { .. }, "json" => b"{".to_vec();
        R::Differs { .. }, "differs" => format!("{SMALL}T1;mensa;1\nT1;tari;1\n").into();
        R::OptionOrder, "option_order" => b"key;service;amount;option\nT1;mensa;1;2\n".to_vec();
        // `services::imports` tells it, which looks through the whole file: here neighbours alone are compared.
        R::RepeatedKey, "repeated_key" => Vec::new();
        R::ForeignInstitution, "foreign_institution" => format!("{GOVPAY}\n{foreign}\n").into();
        R::MixedOperations, "mixed_operations" =>
            b"operation;key;service;amount\ninsert;T1;mensa;1\nupdate;T1;mensa;1\n".to_vec();
        R::AmbiguousAmount, "ambiguous_amount" => format!("{SMALL}T1;mensa;1.234\n").into();
        R::TooManyRows, "too_many_rows" => format!("{SMALL}{}", "T1;mensa;1\n".repeat(20 * 99 + 1)).into();
        R::Companion { .. }, "companion_row" => format!("{SMALL}T1;mensa;1\nT1;mensa;x\n").into();
    };
    for (code, file) in provocations.into_iter().filter(|(_, file)| !file.is_empty()) {
        let mut reader = DebtReader::open(Cursor::new(file), &city()).unwrap();
        let debts = std::iter::from_fn(|| reader.next_debt().unwrap());
        let errors: Vec<RowError> = debts
            .filter_map(|debt| Some(debt.errors_by_row(debt.said.as_ref().err()?)))
            .flatten()
            .flat_map(|(_, errors)| errors)
            .collect();
        let told = errors.iter().find(|error| error.code == code);
        let told = told.unwrap_or_else(|| panic!("{code} is not told: {errors:?}"));
        for sentence in [&told.italian, &told.english] {
            assert!(sentence.ends_with('.'), "{sentence}");
        }
    }
}
