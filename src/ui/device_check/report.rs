//! The table as a text file.

/// A line of the table, as it is written on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub what: String,
    /// The verdict's word.
    pub word: String,
    /// What was found.
    pub result: String,
    /// What follows from it.
    pub advice: String,
}

/// A plain text: its title, what it is about as names and values, and the table's rows, a line each.
pub fn report(title: &str, about: &[(String, String)], rows: &[Row]) -> String {
    let about = about.iter().map(|(name, value)| format!("{name}: {}", line(value)));
    let rows = rows.iter().map(|Row { what, word, result, advice }| {
        format!("{what}: {word}. {} {}", line(result), line(advice)).trim_end().to_owned()
    });
    let head = std::iter::once(title.to_owned()).chain(about).chain([String::new()]);
    head.chain(rows).map(|line| line + "\n").collect()
}

/// A text of one line: a browser's name or a cause could hold several.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
