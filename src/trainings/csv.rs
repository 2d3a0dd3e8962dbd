//! A table as a file for spreadsheets.

/// Letters with which spreadsheets begin a formula, or look for one behind them (OWASP, CSV Injection).
const FORMULA: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// What somebody may have written. Where it begins as a formula does, an apostrophe comes before it.
    Text(String),
    /// A number, with a point and without groups of digits.
    Number(f64),
}

/// The lines of a CSV file as RFC 4180 says: fields by comma, lines by CR and LF, and in quotation marks what holds
/// one of those. No spreadsheet takes a text of it for a formula.
pub fn csv(lines: &[Vec<Cell>]) -> String {
    let line = |cells: &Vec<Cell>| cells.iter().map(field).collect::<Vec<_>>().join(",") + "\r\n";
    lines.iter().map(line).collect()
}

fn field(cell: &Cell) -> String {
    let text = match cell {
        Cell::Number(number) => return number.to_string(),
        Cell::Text(text) if text.trim_start_matches(' ').starts_with(FORMULA) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
    };
    match text.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}
