//! What are the rows of a CSV file, whatever program wrote it?
use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord, Trim};
use domain::{
    import::{
        MAX_ROWS, Problem,
        column::Header,
        row::{self, Row},
    },
    refusal::Code,
};

/// Reads all rows, or says everything that is wrong in the file. `today` is the organization's.
pub fn read(bytes: &[u8], today: NaiveDate) -> Result<Vec<Row>, Vec<Problem>> {
    let whole = |code, message: String| vec![Problem::new(1, None, code, message)];
    // Spreadsheets put a mark in front of UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|&&byte| byte == b'\n').count() + 1;
        let message = "not UTF-8: save the file as \"CSV UTF-8\"";
        vec![Problem::new(i32::try_from(line).unwrap_or(i32::MAX), None, Code::Invalid, message)]
    })?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let unreadable = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        vec![Problem::new(i32::try_from(line).unwrap_or(i32::MAX), None, Code::Invalid, "not a CSV line")]
    };
    let first = records.next().ok_or_else(|| whole(Code::Required, "the file is empty".to_owned()))?;
    let header = Header::read(&first.map_err(unreadable)?)?;
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for record in records {
        let record = record.map_err(unreadable)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(whole(Code::TooLong, format!("the file has more than {MAX_ROWS} rows: split it")));
        }
        let cells: Vec<&str> = cells(&record, header.len());
        match row::read(&header, line(text, &record), &cells, today) {
            Ok(row) => rows.push(row),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        Err(problems)
    } else if rows.is_empty() {
        Err(whole(Code::Required, "the file has a header and no rows".to_owned()))
    } else {
        Ok(rows)
    }
}

/// Spreadsheets fill lines up with empty cells.
fn cells(record: &StringRecord, width: usize) -> Vec<&str> {
    let mut cells: Vec<&str> = record.iter().collect();
    while cells.len() > width && cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    cells
}

/// The line on which a record begins. The reader's own position is before the ends of lines that it skips, those of
/// blank lines and the second half of `\r\n`.
fn line(text: &str, record: &StringRecord) -> i32 {
    let Some(position) = record.position() else { return 0 };
    let rest = usize::try_from(position.byte())
        .ok()
        .and_then(|byte| text.as_bytes().get(byte..))
        .unwrap_or_default();
    let skipped =
        rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|&&byte| byte == b'\n').count();
    let before = usize::try_from(position.line()).unwrap_or_default();
    i32::try_from(before + skipped).unwrap_or(i32::MAX)
}

/// Comma, semicolon or tab: whichever the first line has most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: u8| first.bytes().filter(|&byte| byte == mark).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|&mark| count(mark)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Result<Vec<(i32, String)>, Vec<(i32, Code)>> {
        let rows = read(bytes, "2026-03-01".parse().expect("a date"));
        rows.map(|rows| rows.into_iter().map(|row| (row.line, row.name)).collect())
            .map_err(|problems| problems.into_iter().map(|it| (it.line, it.code)).collect())
    }

    #[test]
    fn files_of_all_programs_are_read() {
        let one = Ok(vec![(2, "Ana".to_owned())]);
        for text in [
            "name,role,email\nAna,mentor,a@example.org\n",
            "\u{feff}Name;Role;Email\r\nAna;mentor;a@example.org\r\n",
            "name\trole\temail\nAna\tmentor\ta@example.org",
        ] {
            assert_eq!(found(text.as_bytes()), one, "{text:?}");
        }
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        let text = "name,role,email\n\nAna,mentor,a@example.org\n\"Eva\nMaria\",mentee,e@example.org\n,,\nBen,mentee,b@example.org\n";
        // A name has one line.
        assert_eq!(found(text.as_bytes()), Err(vec![(4, Code::Invalid)]));
        let good = text.replace("Eva\nMaria", "Eva Maria");
        let lines: Vec<i32> =
            found(good.as_bytes()).expect("good").into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [3, 4, 6]);
    }

    #[test]
    fn what_is_no_roster_is_refused_as_a_whole() {
        assert_eq!(found(b""), Err(vec![(1, Code::Required)]));
        assert_eq!(found(b"name,role,email\n"), Err(vec![(1, Code::Required)]));
        assert_eq!(found(b"name,role,email\nJos\xe9,mentor,j@example.org\n"), Err(vec![(2, Code::Invalid)]));
        let long = "name,role,external_id\n".to_owned()
            + &(0..=MAX_ROWS).map(|n| format!("A,mentee,{n}\n")).collect::<String>();
        assert_eq!(found(long.as_bytes()), Err(vec![(1, Code::TooLong)]));
    }

    #[test]
    fn every_line_with_an_error_is_named() {
        let text = "name,role,email\nAna,boss,a@example.org\nEva,mentee,nowhere\nBen,mentee,b@example.org\n";
        assert_eq!(found(text.as_bytes()), Err(vec![(2, Code::Invalid), (3, Code::Invalid)]));
    }
}
