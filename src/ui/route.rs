//! The page's views and their addresses: what stands after the `#`.

use std::fmt;

/// A view of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// `#/`: the three doors and the person's projects.
    #[default]
    Home,
    /// `#/teach`: a new project. The address becomes the project's as soon as it is made.
    Teach,
    /// `#/notebook`: the notebook's cells.
    Notebook,
    /// `#/project/NUMBER`: the project of that number.
    Project(u32),
}

impl Route {
    /// The view that `hash`, with its `#`, is the address of. `None` where it is empty or no view's.
    pub fn of(hash: &str) -> Option<Self> {
        let path = hash.strip_prefix("#/")?;
        match path.strip_suffix('/').unwrap_or(path) {
            "" => Some(Self::Home),
            "teach" => Some(Self::Teach),
            "notebook" => Some(Self::Notebook),
            other => {
                let digits = other.strip_prefix("project/")?;
                let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
                digits.parse().ok().filter(|_| is_number).map(Self::Project)
            }
        }
    }
}

impl fmt::Display for Route {
    /// Writes the address, with its `#`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("#/"),
            Self::Teach => f.write_str("#/teach"),
            Self::Notebook => f.write_str("#/notebook"),
            Self::Project(number) => write!(f, "#/project/{number}"),
        }
    }
}
