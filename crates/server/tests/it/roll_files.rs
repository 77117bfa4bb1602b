//! Roll files as people have them: every encoding, merged cells, formulas, what is wrong
//! with rows; and files that mean harm.

use linli_model::PlaceId;
use linli_model::desk::roll::*;
use linli_server::roll::{Facts, ParsedRoll, PlaceTree, read, template};
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use std::io::{Cursor, Write};

fn id(text: &str) -> PlaceId {
    PlaceId::parse(text).unwrap()
}

fn town() -> PlaceTree {
    let node = |place: &str, name: &str, parent: Option<&str>| PlaceNode {
        id: id(place),
        name: name.to_owned(),
        parent: parent.map(id),
    };
    PlaceTree::new(&[
        node("jiangpan", "江畔社区", None),
        node("grid-1", "一网格", Some("jiangpan")),
        node("grid-2", "二网格", Some("jiangpan")),
    ])
}

fn parse(kind: RollKind, bytes: &[u8]) -> Result<ParsedRoll, FileFault> {
    let today = jiff::civil::Date::new(2026, 3, 1).unwrap();
    let places = town();
    read(
        bytes,
        &Facts {
            kind,
            places: &places,
            today,
        },
    )
}

/// Entries and errors, shortly: `grid-1/8 栋 301=张三`, `4 房号 missing`.
fn told(parsed: &ParsedRoll) -> (Vec<String>, Vec<String>) {
    let entry = |entry: &RollEntry| {
        let RollEntry {
            place, label, name, ..
        } = entry;
        format!("{place}/{label}={name}")
    };
    let error = |error: &RowError| {
        let kind = serde_json::to_value(&error.kind).unwrap();
        let kind = kind["type"].as_str().unwrap().to_owned();
        format!(
            "{} {} {kind} {}",
            error.row, error.column, error.value_excerpt
        )
        .trim_end()
        .to_owned()
    };
    (
        parsed.entries.iter().map(entry).collect(),
        parsed.errors.iter().map(error).collect(),
    )
}

#[track_caller]
fn check(kind: RollKind, bytes: &[u8], entries: &[&str], errors: &[&str], reason: &str) {
    let parsed = parse(kind, bytes).unwrap_or_else(|fault| panic!("{reason}: {fault:?}"));
    let (found, wrong) = told(&parsed);
    assert_eq!((found, wrong), (owned(entries), owned(errors)), "{reason}");
    assert_eq!(parsed.errors_total as usize, errors.len());
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

const PLAIN: &str = "网格,房号,户主,面积\r\n一网格,8 栋 301,张三,89.5\r\n二网格,9 栋 102,,\r\n";

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xFEFF);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(bytes)
        .collect()
}

#[test]
fn every_encoding_and_separator_reads_the_same() {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let cases: [(Vec<u8>, &str, &str); 11] = [
        (PLAIN.into(), "utf-8", "UTF-8"),
        (
            format!("\u{FEFF}{PLAIN}").into(),
            "utf-8",
            "UTF-8 with a mark",
        ),
        (gbk(PLAIN), "gb18030", "GBK"),
        (
            encoding_rs::GB18030.encode(PLAIN).0.into_owned(),
            "gb18030",
            "GB18030",
        ),
        (
            utf_16(PLAIN, u16::to_le_bytes, true),
            "utf-16le",
            "UTF-16 as Excel's Unicode text",
        ),
        (
            utf_16(PLAIN, u16::to_be_bytes, true),
            "utf-16be",
            "UTF-16, the other end first",
        ),
        (
            utf_16(PLAIN, u16::to_le_bytes, false),
            "utf-16le",
            "UTF-16 without a mark",
        ),
        (PLAIN.replace(',', ";").into(), "utf-8", "semicolons"),
        (gbk(&PLAIN.replace(',', "\t")), "gb18030", "tabs"),
        (
            format!("sep=;\r\n{}", PLAIN.replace(',', ";")).into(),
            "utf-8",
            "a named separator",
        ),
        (
            PLAIN.replace("\r\n", "\n").into(),
            "utf-8",
            "line feeds alone",
        ),
    ];
    for (bytes, encoding, reason) in cases {
        check(
            RollKind::Households,
            &bytes,
            &["grid-1/8 栋 301=张三", "grid-2/9 栋 102="],
            &[],
            reason,
        );
        let parsed = parse(RollKind::Households, &bytes).unwrap();
        assert_eq!(parsed.encoding, encoding, "{reason}");
        let areas: Vec<_> = parsed.entries.iter().map(|e| e.registered_csqm).collect();
        assert_eq!(areas, [Some(8_950), None], "{reason}");
    }
}

#[test]
fn each_wrong_row_is_told_with_its_column() {
    let text = "江畔社区业主名册\n\
        网格,楼栋,单元,房号,业主,业主编号,开发商,登记面积,实测面积,身份,身份证号\n\
        一网格,8,2,301,张三,,,89.5,,业主,1\n\
        一网格,8,2,301,李四,,,90,,业主,2\n\
        三网格,8,2,302,王五,,,90,,,3\n\
        一网格,8,2,,王五,,,90,,,4\n\
        一网格,8,2,303,,,,90,,,5\n\
        一网格,8,2,304,赵六,,,九十,-3,,6\n\
        一网格,8,2,305,钱七,,也许,90,,租户,7\n\
        一网格,8,2,306,孙八,,,90,,外星人,8\n\
        ,,,,,,,,,,\n\
        一网格,8,2,307,,,是,95.00,,,9\n\
        \"一网格\",\"8\",\"2\",\"308\",\"周\n九\",,,\"1,090.5\",,,10\n\
        一网格,8,2,309,=1+1,B1,,90,,,11\n";
    check(
        RollKind::Owners,
        text.as_bytes(),
        &[
            "grid-1/8 栋 2 单元 301=张三",
            "grid-1/8 栋 2 单元 307=",
            "grid-1/8 栋 2 单元 308=周 九",
            "grid-1/8 栋 2 单元 309==1+1",
        ],
        &[
            "4 房号 duplicate 8 栋 2 单元 301",
            "5 网格 place_unknown 三网格",
            "6 房号 missing",
            "7 业主 missing",
            "8 登记面积 area_invalid 九十",
            "8 实测面积 area_invalid -3",
            "9 身份 group_other 租户",
            "9 开发商 flag_invalid 也许",
            "10 身份 group_unknown 外星人",
        ],
        "owners",
    );
    let parsed = parse(RollKind::Owners, text.as_bytes()).unwrap();
    assert_eq!(
        (parsed.rows, &parsed.columns_ignored[..]),
        (11, &["身份证号".to_owned()][..])
    );
    let owners: Vec<&str> = parsed.entries.iter().map(|e| e.owner.as_str()).collect();
    assert_eq!(owners, ["张三", "", "周 九", "B1"]);
    assert_eq!(parsed.entries[2].registered_csqm, Some(109_050));
    assert_eq!(parsed.errors[0].kind, RowFault::Duplicate { of_row: 3 });
}

#[test]
fn people_are_adults_and_their_birthdays_are_not_kept() {
    let text = "房号,姓名,出生日期,成年\n301,张三,1980-05-01,\n301,李四,2008/3/2,\n\
        301,王五,昨天,\n301,赵六,,否\n301,张三,1980-05-01,\n302,张三,,是\n301,钱七,,\n";
    check(
        RollKind::Persons,
        text.as_bytes(),
        &[
            "jiangpan/301=张三",
            "jiangpan/302=张三",
            "jiangpan/301=钱七",
        ],
        &[
            "3 出生日期 under_age",
            "4 出生日期 date_invalid 昨天",
            "5 成年 under_age 否",
            "6 姓名 duplicate 张三",
        ],
        "persons",
    );
    let parsed = parse(RollKind::Persons, text.as_bytes()).unwrap();
    let kept = serde_json::to_string(&parsed.entries).unwrap();
    assert!(!kept.contains("1980"), "{kept}");
}

#[test]
fn names_that_are_too_long_or_no_text_are_told() {
    let long = "长".repeat(121);
    let text = format!("户\n{long}\n1\u{0007}号\n");
    let shown = format!("{}…", "长".repeat(39));
    let too_long = format!("2 户 too_long {shown}");
    check(
        RollKind::Households,
        text.as_bytes(),
        &[],
        &[&too_long, "3 户 not_text 1号"],
        "labels",
    );
    // A file cut in the middle of a UTF-16 character.
    let mut cut = utf_16("户\n甲\n乙", u16::to_le_bytes, true);
    cut.pop();
    check(
        RollKind::Households,
        &cut,
        &["jiangpan/甲="],
        &["3 户 not_text"],
        "cut",
    );
}

fn book(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

fn write_rows(sheet: &mut Worksheet, first: u32, rows: &[&[&str]]) {
    for (row, cells) in (first..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            if !text.is_empty() {
                sheet.write_string(row, column, *text).unwrap();
            }
        }
    }
}

#[test]
fn a_workbook_with_merged_cells_formulas_and_hidden_rows() {
    let bytes = book(|sheet| {
        let plain = Format::new();
        sheet
            .merge_range(0, 0, 0, 4, "江畔社区户册", &plain)
            .unwrap();
        write_rows(sheet, 1, &[&["网格", "楼栋", "房号", "户主", "面积"]]);
        sheet.merge_range(2, 0, 4, 0, "一网格", &plain).unwrap();
        sheet.merge_range(2, 1, 3, 1, "8", &plain).unwrap();
        for (row, room, head) in [(2, 301.0, "张三"), (3, 302.0, "李四"), (4, 101.0, "王五")]
        {
            sheet.write_number(row, 2, room).unwrap();
            sheet.write_string(row, 3, head).unwrap();
        }
        sheet
            .write_formula(2, 4, Formula::new("=80+9.5").set_result("89.5"))
            .unwrap();
        sheet.write_number(4, 1, 9.0).unwrap();
        // A blank row, one below the merged cells, and a hidden one.
        write_rows(
            sheet,
            6,
            &[&["二网格", "1", "1", "赵六"], &["二网格", "1", "2"]],
        );
        sheet.set_row_hidden(7).unwrap();
    });
    check(
        RollKind::Households,
        &bytes,
        &[
            "grid-1/8 栋 301=张三",
            "grid-1/8 栋 302=李四",
            "grid-1/9 栋 101=王五",
            "grid-2/1 栋 1=赵六",
            "grid-2/1 栋 2=",
        ],
        &[],
        "a workbook",
    );
    let parsed = parse(RollKind::Households, &bytes).unwrap();
    assert_eq!(
        (parsed.encoding, &*parsed.sheet, parsed.hidden_rows),
        ("xlsx", "Sheet1", 1)
    );
    assert_eq!(
        parsed.entries[0].registered_csqm,
        Some(8_950),
        "a formula's value"
    );
}

#[test]
fn dates_and_the_first_visible_sheet() {
    let mut workbook = Workbook::new();
    write_rows(
        workbook.add_worksheet().set_hidden(true),
        0,
        &[&["房号", "姓名"], &["9", "隐藏"]],
    );
    let sheet = workbook
        .add_worksheet()
        .set_active(true)
        .set_name("名册")
        .unwrap();
    write_rows(
        sheet,
        0,
        &[
            &["房号", "姓名", "出生日期"],
            &["1", "张三"],
            &["2", "李四"],
        ],
    );
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let born =
        |year, month, day| rust_xlsxwriter::ExcelDateTime::from_ymd(year, month, day).unwrap();
    sheet
        .write_datetime_with_format(1, 2, &born(1980, 5, 1), &day)
        .unwrap();
    sheet
        .write_datetime_with_format(2, 2, &born(2020, 5, 1), &day)
        .unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let entries = ["jiangpan/1=张三"];
    check(
        RollKind::Persons,
        &bytes,
        &entries,
        &["3 出生日期 under_age"],
        "dates",
    );
    assert_eq!(parse(RollKind::Persons, &bytes).unwrap().sheet, "名册");
}

/// An archive with these parts beside what makes it a workbook of one sheet.
fn archive(sheet: &str, others: &[(&str, &[u8])]) -> Vec<u8> {
    const PARTS: [(&str, &str); 4] = [
        (
            "[Content_Types].xml",
            r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
        ),
        (
            "_rels/.rels",
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let sheet = format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{sheet}</worksheet>"#
    );
    let parts = PARTS.map(|(name, text)| (name, text.as_bytes()));
    let parts = parts
        .iter()
        .copied()
        .chain([("xl/worksheets/sheet1.xml", sheet.as_bytes())]);
    for (name, content) in parts.chain(others.iter().copied()) {
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn text_cell(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

#[test]
fn a_formula_without_a_value_and_the_programs_own_errors_are_told() {
    let sheet = format!(
        "<sheetData><row r=\"1\">{}{}</row><row r=\"2\">{}<c r=\"B2\"><f>A1*2</f></c></row>\
         <row r=\"3\">{}<c r=\"B3\" t=\"e\"><f>A1/0</f><v>#DIV/0!</v></c></row>\
         <row r=\"4\">{}<c r=\"B4\"><f>9*10</f><v>90</v></c></row></sheetData>",
        text_cell("A1", "户"),
        text_cell("B1", "面积"),
        text_cell("A2", "1 号"),
        text_cell("A3", "2 号"),
        text_cell("A4", "3 号"),
    );
    check(
        RollKind::Households,
        &archive(&sheet, &[]),
        &["jiangpan/3 号="],
        &["2 面积 formula_without_value", "3 面积 cell_error"],
        "formulas",
    );
}

#[test]
fn cells_far_away_and_wild_numbers_cost_nothing() {
    let header = format!("<row r=\"1\">{}</row>", text_cell("A1", "户"));
    let far = format!(
        "<dimension ref=\"A1:XFD1048576\"/><sheetData>{header}<row r=\"1048576\">{}</row></sheetData>\
         <mergeCells count=\"1\"><mergeCell ref=\"A2:XFD1048576\"/></mergeCells>",
        text_cell("A1048576", "1 号")
    );
    check(
        RollKind::Households,
        &archive(&far, &[]),
        &["jiangpan/1 号="],
        &[],
        "far away",
    );
    let wide = format!(
        "<sheetData>{header}<row r=\"2\">{}</row></sheetData>",
        text_cell("XFD2", "x")
    );
    let wide = parse(RollKind::Households, &archive(&wide, &[]));
    assert_eq!(wide, Err(FileFault::TooManyColumns { max: 64 }));
    let shared = format!(
        "<sheetData>{header}<row r=\"2\"><c r=\"A2\"><f t=\"shared\" si=\"99999999999\" ref=\"A2:A3\">1</f><v>1</v></c></row></sheetData>"
    );
    assert_eq!(
        parse(RollKind::Households, &archive(&shared, &[])),
        Err(FileFault::Damaged)
    );
    let strings =
        br#"<sst xmlns="x" count="1" uniqueCount="9999999999999999"><si><t>a</t></si></sst>"#;
    let counted = archive("<sheetData/>", &[("xl/sharedStrings.xml", strings)]);
    assert_eq!(
        parse(RollKind::Households, &counted),
        Err(FileFault::Damaged)
    );
}

#[test]
fn a_bomb_is_not_unpacked() {
    // Packed once and put in nine times: packing is slow.
    let blanks = vec![b' '; 20 * 1024 * 1024];
    let once = archive("<sheetData/>", &[("xl/media/image0.png", &blanks)]);
    let mut packed = zip::ZipArchive::new(Cursor::new(once)).unwrap();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for nth in 0..9 {
        let part = packed.by_name("xl/media/image0.png").unwrap();
        let name = format!("xl/media/image{nth}.png");
        zip.raw_copy_file_rename(part, name).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 1024 * 1024, "{} bytes", bomb.len());
    assert_eq!(
        parse(RollKind::Households, &bomb),
        Err(FileFault::UnpacksTooLarge)
    );
}

#[test]
fn a_million_rows_are_refused_and_the_most_allowed_are_read() {
    let rows = |count: u32| {
        let mut text = "房号\n".to_owned();
        for n in 0..count {
            text.push_str(&format!("{n}\n"));
        }
        text.into_bytes()
    };
    let refused = Err(FileFault::TooManyRows { max: ROWS_MAX });
    assert_eq!(parse(RollKind::Households, &rows(1_000_000)), refused);
    assert_eq!(parse(RollKind::Households, &rows(ROWS_MAX + 1)), refused);
    let most = parse(RollKind::Households, &rows(ROWS_MAX)).unwrap();
    assert_eq!(
        (most.entries.len(), most.errors_total),
        (ROWS_MAX as usize, 0)
    );
    let large = vec![b'1'; FILE_BYTES_MAX + 1];
    let limit_bytes = FILE_BYTES_MAX as u64;
    assert_eq!(
        parse(RollKind::Households, &large),
        Err(FileFault::TooLarge { limit_bytes })
    );
}

#[test]
fn what_is_no_roll_is_told_as_such() {
    let columns = |names: &[&str]| FileFault::HeaderMissing {
        columns: owned(names),
    };
    let wide = format!("户{}", ",x".repeat(64));
    let broken = {
        let mut bytes = archive("<sheetData/>", &[]);
        bytes.truncate(bytes.len() / 2);
        bytes
    };
    let many = "甲,乙\n".repeat(30);
    let cases: [(&[u8], FileFault, &str); 12] = [
        (b"", FileFault::Empty, "nothing"),
        (b" \r\n\r\n", FileFault::Empty, "blank lines"),
        (b"\xEF\xBB\xBF", FileFault::Empty, "a mark alone"),
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            FileFault::FormatUnknown,
            "an old workbook",
        ),
        (b"%PDF-1.7\n", FileFault::FormatUnknown, "a PDF"),
        (b"PK\x03\x04 no archive", FileFault::Damaged, "no archive"),
        (&broken, FileFault::Damaged, "half an archive"),
        (
            b"\xFF\x00\x81\x7F\x80\n\x00",
            FileFault::EncodingUnknown,
            "noise",
        ),
        (
            b"\xE6\x88\xB7\n\x81",
            FileFault::EncodingUnknown,
            "neither UTF-8 nor GB18030",
        ),
        (
            "姓名,电话\n张三,1\n".as_bytes(),
            columns(&["房号/门牌", "产权人"]),
            "no room",
        ),
        (
            many.as_bytes(),
            columns(&["房号/门牌", "产权人"]),
            "no header near the top",
        ),
        (
            wide.as_bytes(),
            FileFault::TooManyColumns { max: 64 },
            "65 columns",
        ),
    ];
    for (bytes, expected, reason) in cases {
        assert_eq!(parse(RollKind::Owners, bytes), Err(expected), "{reason}");
    }
    assert_eq!(
        parse(RollKind::Owners, &archive("<sheetData/>", &[])),
        Err(FileFault::Empty)
    );
    assert_eq!(
        parse(RollKind::Owners, "房号,室号,产权人\n".as_bytes()),
        Err(FileFault::HeaderRepeated {
            column: "室号".to_owned()
        })
    );
}

#[test]
fn each_template_reads_without_errors() {
    for kind in RollKind::ALL {
        let parsed = parse(kind, template(kind).as_bytes()).unwrap();
        assert_eq!(
            (parsed.entries.len(), parsed.errors, parsed.columns_ignored),
            (2, vec![], vec![])
        );
    }
}

/// Bytes that are nearly a file: a good one with some bytes changed.
fn nearly(good: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8);
    (changes, any::<prop::sample::Index>(), any::<bool>()).prop_map(move |(changes, cut, cuts)| {
        let mut bytes = good.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    })
}

fn stored(sheet: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut packed = zip::ZipArchive::new(Cursor::new(archive(sheet, &[]))).unwrap();
    for index in 0..packed.len() {
        let mut part = packed.by_index(index).unwrap();
        zip.start_file(part.name().unwrap().into_owned(), options)
            .unwrap();
        std::io::copy(&mut part, &mut zip).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

proptest! {
    // A failure prints its seed and its smallest example.
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        for kind in RollKind::ALL {
            let _ = parse(kind, &bytes);
        }
    }

    #[test]
    fn no_nearly_good_text_panics(bytes in nearly(PLAIN.into())) {
        let _ = parse(RollKind::Households, &bytes);
    }

    #[test]
    fn no_nearly_good_workbook_panics(bytes in nearly(stored("<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>户</t></is></c></row><row r=\"2\"><c r=\"A2\"><f t=\"shared\" si=\"0\" ref=\"A2:A3\">1+1</f><v>1</v></c></row></sheetData><mergeCells count=\"1\"><mergeCell ref=\"A2:B3\"/></mergeCells>"))) {
        let _ = parse(RollKind::Households, &bytes);
    }

    /// Whatever the cells hold: each row is an entry or an error, never both or neither.
    #[test]
    fn each_row_is_an_entry_or_an_error(rows in proptest::collection::vec(("[\\PC]{0,8}", "[\\PC]{0,8}"), 0..20)) {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["户", "面积"]).unwrap();
        for (label, area) in &rows {
            out.write_record([label, area]).unwrap();
        }
        let bytes = out.into_inner().unwrap();
        if let Ok(parsed) = parse(RollKind::Households, &bytes) {
            let wrong: std::collections::HashSet<u32> = parsed.errors.iter().map(|e| e.row).collect();
            prop_assert_eq!(parsed.entries.len() + wrong.len(), parsed.rows as usize);
        }
    }
}
