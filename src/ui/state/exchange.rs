//! What may leave for other programs, and come from them.

use crate::protocol::{Exchange, ExtractionPhase, Kind, Trained};

use super::{State, Wait, Work};

impl State {
    /// Whether features from files are in use.
    pub fn is_foreign(&self) -> bool {
        self.data().is_some_and(|data| data.foreign)
    }

    /// The kinds of file that a head can leave as. What learnt from a file's features leaves without
    /// a backbone: which one it was nobody knows.
    pub fn kinds(&self, head: &Trained) -> Vec<Kind> {
        let suits = |kind: &Kind| kind.suits(head.options.preset);
        let known = |kind: &Kind| !(self.is_foreign() && *kind == Kind::Classifier);
        Kind::ALL.into_iter().filter(suits).filter(known).collect()
    }

    /// Whether the trained head may leave for another program.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_export_head(&self) -> Result<(), Wait> {
        match self.open_work()? {
            Work::Reading { .. } => Err(Wait::Reading),
            // What goes on in the background gives way.
            Work::Extracting(_) if self.projects.open.is_none() => Err(Wait::Extracting),
            Work::Loading { .. } | Work::Training { .. } => Err(Wait::Training),
            _ if self.head.is_none() => Err(Wait::Head),
            Work::NoData | Work::Counting(_) | Work::Resting(_) | Work::Extracting(_) => {
                self.nothing_exchanged()
            }
        }
    }

    /// Whether the features of the images in use may leave for another program.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_export_features(&self) -> Result<(), Wait> {
        match self.resting()?.extraction.phase {
            _ if self.is_foreign() => Err(Wait::OwnFeatures),
            ExtractionPhase::Complete => self.nothing_exchanged(),
            _ => Err(Wait::Features),
        }
    }

    /// Whether features may come from files for the images in use.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_import_features(&self) -> Result<(), Wait> {
        self.resting()?;
        self.nothing_exchanged()
    }

    /// Whether features are coming from files.
    pub(super) fn is_importing(&self) -> bool {
        matches!(self.exchange, Some((Exchange::Import, ..)))
    }

    /// Whether the site's data set is coming.
    pub fn is_bringing(&self) -> bool {
        matches!(self.exchange, Some((Exchange::SiteData, ..)))
    }

    pub(super) fn nothing_exchanged(&self) -> Result<(), Wait> {
        if self.exchange.is_some() { Err(Wait::Exchange) } else { Ok(()) }
    }
}
