//! Whether the page would open and work without the internet, and what is missing for that.

use crate::backbone::pieces::Download;

/// What is kept of the page's own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The browser keeps no pages, or not at this address.
    Unsupported,
    /// They are coming in.
    Coming {
        /// Bytes so far.
        done: u64,
        /// Bytes in all; 0 where nothing is known yet.
        total: u64,
    },
    /// All of them.
    Kept,
    /// All of them, and a newer version as well.
    Update {
        /// Other tabs that have the old version open and hold the new one up.
        others: u32,
    },
    /// They did not come in whole.
    Failed,
}

impl Default for Site {
    fn default() -> Self {
        Self::Coming { done: 0, total: 0 }
    }
}

/// Whether the page works without the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offline {
    /// It never will here.
    Unsupported,
    /// The page's own files are coming in: bytes so far, bytes in all (0 where not known yet).
    Site {
        /// Bytes so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The page would open; which network it uses is not known yet.
    Opening,
    /// The page would open, but not compute: the network was not kept, and is not coming in.
    Missing {
        /// Bytes that are missing.
        missing: u64,
    },
    /// The network is coming in.
    Backbone {
        /// Bytes that are kept.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// All of it does.
    Ready,
    /// There is a newer version of the page.
    Update {
        /// Other tabs that hold it up.
        others: u32,
    },
    /// The page's files could not be kept.
    Failed,
}

impl Offline {
    /// What follows from the page's own files and the backbone's.
    pub fn of(site: Site, backbone: Option<Download>) -> Self {
        match (site, backbone) {
            (Site::Unsupported, _) => Self::Unsupported,
            (Site::Failed, _) => Self::Failed,
            (Site::Update { others }, _) => Self::Update { others },
            (Site::Coming { done, total }, _) => Self::Site { done, total },
            (Site::Kept, None) => Self::Opening,
            (Site::Kept, Some(backbone)) if backbone.is_kept() => Self::Ready,
            (Site::Kept, Some(backbone)) if backbone.running => {
                Self::Backbone { done: backbone.kept, total: backbone.total }
            }
            (Site::Kept, Some(backbone)) => Self::Missing { missing: backbone.total - backbone.kept },
        }
    }

    /// Whether it wants the person's attention, wherever they are.
    pub fn asks(self) -> bool {
        matches!(self, Self::Update { .. } | Self::Failed | Self::Backbone { .. })
    }

    /// Its name in tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsupported => "unsupported",
            Self::Site { .. } | Self::Opening | Self::Missing { .. } | Self::Backbone { .. } => "preparing",
            Self::Ready => "ready",
            Self::Update { .. } => "update",
            Self::Failed => "failed",
        }
    }
}

/// Bytes of the page and its backbone that are not kept, as far as is known.
pub fn missing(site: Site, backbone: Option<Download>) -> u64 {
    let site = match site {
        Site::Coming { done, total } => total.saturating_sub(done),
        Site::Unsupported | Site::Kept | Site::Update { .. } | Site::Failed => 0,
    };
    site + backbone.map_or(0, |backbone| backbone.total - backbone.kept)
}

/// Whether the person is offered to have everything kept: where that is possible, not done, and
/// not on its way.
pub fn may_keep(site: Site, backbone: Option<Download>) -> bool {
    site != Site::Unsupported
        && (site == Site::Failed || backbone.is_some_and(|backbone| !backbone.is_kept()))
        && backbone.is_none_or(|backbone| !backbone.running)
}
