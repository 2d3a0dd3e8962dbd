//! What folders say of the pictures in them: of which class they are, and what for. Only paths are looked at.
//!
//! Below the folders that all pictures share, the folder on top is the class, as in Keras'
//! `flow_from_directory`: `pets/cats/persian/1.jpg` is one of `cats`. A level of folders called `train`,
//! `valid` and `test` may stand anywhere above the classes, or directly below each of them.

use std::collections::{BTreeMap, BTreeSet};

use super::containers::names::composed;

pub mod split;

/// Words that say what the pictures of a folder are for.
const ROLES: [(&str, Role); 9] = [
    ("train", Role::Train),
    ("training", Role::Train),
    ("trainset", Role::Train),
    ("valid", Role::Validation),
    ("validation", Role::Validation),
    ("val", Role::Validation),
    ("test", Role::Test),
    ("testing", Role::Test),
    ("testset", Role::Test),
];
/// Words that may stand beside those: `training_set`, `seg_test`, `Test Images`.
const BESIDE: [&str; 11] =
    ["set", "data", "dataset", "images", "image", "imgs", "img", "pictures", "photos", "split", "seg"];
/// Folders that systems and programs put beside a person's own, in small letters. Hidden ones begin with a dot.
const OF_THE_SYSTEM: [&str; 9] = [
    "__macosx",
    "@eadir",
    "#recycle",
    "$recycle.bin",
    "system volume information",
    "lost+found",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
];

/// What a folder above a picture says it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Nothing.
    Unsaid,
    /// To learn from.
    Train,
    /// To choose the best epoch with.
    Validation,
    /// For the exam.
    Test,
}

impl Role {
    /// What a folder of this name says, if anything.
    pub fn of(folder: &str) -> Option<Self> {
        let folder = folder.to_lowercase();
        let words = folder.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut role = None;
        for word in words {
            match ROLES.iter().find(|(name, _)| *name == word) {
                Some((_, said)) if role.is_none() => role = Some(*said),
                None if BESIDE.contains(&word) => {}
                Some(_) | None => return None,
            }
        }
        role
    }
}

/// Whether a file or folder at this path is none of the person's own: hidden, or made by a system.
pub fn is_of_the_system(path: &str) -> bool {
    let known = |part: &str| OF_THE_SYSTEM.contains(&part.to_lowercase().as_str());
    parts(path).any(|part| part.starts_with('.') && part != ".." || known(part))
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

/// What the folders say of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its class, letters in composed form.
    pub class: String,
    /// The same as it is stored.
    pub stored: String,
    /// What it is for.
    pub role: Role,
}

/// What the folders say: of each picture, and which of them are classes without any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// In the order of the pictures; `None` for one that stands in no class's folder.
    pub pictures: Vec<Option<Said>>,
    /// Classes whose folders are empty.
    pub empty: Vec<String>,
}

/// A path on its way down to the class's folder.
struct Walk<'a> {
    /// Its folders, composed, and as they are stored.
    folders: Vec<String>,
    stored: Vec<&'a str>,
    /// Folders that were passed.
    depth: usize,
    role: Role,
    /// Whether it stands beside all classes.
    out: bool,
    /// Whether it is a picture's, not an empty folder's.
    picture: bool,
}

/// What there is at one level of folders.
#[derive(Default)]
struct Level<'a> {
    /// Whether pictures stand here, beside the folders.
    loose: bool,
    folders: BTreeMap<&'a str, Folder<'a>>,
}

#[derive(Default)]
struct Folder<'a> {
    loose: bool,
    folders: BTreeSet<&'a str>,
}

/// What the folders say of the pictures at `pictures`, whose last part is the file's name, and of the folders
/// at `empty`, in which there is nothing.
pub fn layout(pictures: &[&str], empty: &[&str]) -> Layout {
    let mut walks: Vec<Walk> = pictures.iter().map(|path| Walk::new(path, true)).collect();
    walks.extend(empty.iter().map(|path| Walk::new(path, false)));
    let mut split = false;
    loop {
        let level = Level::of(&walks);
        if !split && level.is_split() {
            split = true;
            walks.iter_mut().for_each(Walk::enter_part);
        } else if let Some(root) = level.root().map(str::to_owned) {
            walks.iter_mut().for_each(|walk| walk.enter(&root));
        } else {
            break;
        }
    }
    if !split {
        parts_below(&mut walks);
    }
    let found = walks.iter().map(Walk::said);
    let (mut said, rest): (Vec<_>, Vec<_>) = found.zip(&walks).partition(|(_, walk)| walk.picture);
    let full: BTreeSet<&str> =
        said.iter().flat_map(|(said, _)| said).map(|said| said.class.as_str()).collect();
    let empty: BTreeSet<String> = rest.into_iter().filter_map(|(said, _)| Some(said?.class)).collect();
    let empty = empty.into_iter().filter(|class| !full.contains(class.as_str())).collect();
    Layout { empty, pictures: said.drain(..).map(|(said, _)| said).collect() }
}

/// Gives the pictures roles by the folders below their classes, where all of these say one.
fn parts_below(walks: &mut [Walk]) {
    let below = |walk: &Walk| walk.folders.get(walk.depth + 1).map(|folder| Role::of(folder));
    let inside = || walks.iter().filter(|walk| walk.picture && !walk.out && walk.folders.len() > walk.depth);
    let roles: BTreeSet<Option<Role>> = inside().map(|walk| below(walk).flatten()).collect();
    if roles.len() < 2 || roles.contains(&None) {
        return;
    }
    for walk in walks {
        walk.role = below(walk).flatten().unwrap_or(Role::Unsaid);
    }
}

impl<'a> Walk<'a> {
    fn new(path: &'a str, picture: bool) -> Self {
        let mut stored: Vec<&str> = parts(path).collect();
        if picture {
            stored.pop();
        }
        // No folder of a person's is called so.
        let out = stored.contains(&"..");
        let folders = stored.iter().map(|folder| composed(folder)).collect();
        Self { folders, stored, depth: 0, role: Role::Unsaid, out, picture }
    }

    fn next(&self) -> Option<&str> {
        self.folders.get(self.depth).map(String::as_str)
    }

    /// Goes into a folder called `train` or the like, and into one of that name within.
    fn enter_part(&mut self) {
        let Some(role) = self.next().and_then(Role::of) else {
            self.out = true;
            return;
        };
        (self.role, self.depth) = (role, self.depth + 1);
        while self.folders.len() > self.depth + 1 && self.next().and_then(Role::of) == Some(role) {
            self.depth += 1;
        }
    }

    fn enter(&mut self, root: &str) {
        match self.next() {
            Some(folder) if folder == root => self.depth += 1,
            _ => self.out = true,
        }
    }

    fn said(&self) -> Option<Said> {
        let class = self.next().filter(|_| !self.out)?.to_owned();
        Some(Said { class, stored: self.stored[self.depth].to_owned(), role: self.role })
    }
}

impl<'a> Level<'a> {
    fn of(walks: &'a [Walk]) -> Self {
        let mut level = Self::default();
        for walk in walks.iter().filter(|walk| walk.picture && !walk.out) {
            let Some(folder) = walk.next() else {
                level.loose = true;
                continue;
            };
            let within = level.folders.entry(folder).or_default();
            match walk.folders.get(walk.depth + 1) {
                Some(folder) => drop(within.folders.insert(folder)),
                None => within.loose = true,
            }
        }
        level
    }

    /// Whether the folders here say what pictures are for, and not of which class they are: all of them do, or
    /// they say two different things. Classes may be called so, too: a `train` beside a `car`.
    fn is_split(&self) -> bool {
        let roles: Vec<Option<Role>> = self.folders.keys().map(|folder| Role::of(folder)).collect();
        let different: BTreeSet<Role> = roles.iter().copied().flatten().collect();
        let deep =
            self.folders.iter().any(|(name, folder)| Role::of(name).is_some() && !folder.folders.is_empty());
        match roles.iter().all(Option::is_some) {
            true => different.len() > 1 || !roles.is_empty() && deep,
            false => different.len() > 1 && deep,
        }
    }

    /// The one folder that all pictures share and that is no class.
    fn root(&self) -> Option<&'a str> {
        let (name, folder) = self.folders.first_key_value().filter(|_| self.folders.len() == 1)?;
        // Pictures beside one folder: that is a class with a folder of its own.
        let classes_below = if folder.loose { folder.folders.len() > 1 } else { !folder.folders.is_empty() };
        (classes_below && !self.loose).then_some(name)
    }
}
