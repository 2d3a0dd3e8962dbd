//! A project of one's own: classes and the pictures that were collected for them.
//!
//! A [`Project`] is names and numbers only; the pictures' pixels stand in a [`ProjectStore`]
//! under those numbers. Pictures that belong together (one press of the record button, one
//! file's frames) share a take, and the split never separates a take: see [`split`].

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::features::{ImageHash, StoreError};
use crate::protocol::{decode, encode};

pub mod archive;
pub mod earlier;
#[cfg(all(target_arch = "wasm32", feature = "page"))]
mod indexed_db;
mod memory;
pub mod split;

/// The most classes a project may have.
pub const MOST_CLASSES: usize = 100;
/// The most pictures a project may have. Their numbers and identities are held, some 100 bytes each here and
/// on the page; their pixels are read from the store when they are needed.
pub const MOST_PICTURES: usize = 50_000;
/// Characters a name may have.
pub const LONGEST_NAME: usize = 60;
/// Bytes of a stored project at the most; the largest has a half. A class of four bytes takes many more.
const LONGEST_BYTES: usize = 1 << 20;
/// Numbers that a project can have used up, so many that nobody comes near them: from there on it can go on without
/// an overflow.
const MOST_NUMBERS: u32 = 1 << 31;
/// Format of a stored project; one of another version is not read.
const VERSION: u32 = 1;

/// A picture's number in its project; never given twice.
pub type PictureId = u32;

/// Classes and their pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    version: u32,
    /// What the person calls it.
    pub name: String,
    /// In the person's order.
    pub classes: Vec<Class>,
    /// Below this, numbers of classes, pictures and takes are used up.
    next: u32,
}

/// A class of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// Its number in the project; never given twice.
    pub id: u32,
    /// What the person calls it.
    pub name: String,
    /// Whether it takes part in training.
    pub enabled: bool,
    /// In the order they came.
    pub pictures: Vec<Picture>,
}

/// A picture of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Its number.
    pub id: PictureId,
    /// What it was taken with: pictures of one take never stand on two sides of a split.
    pub take: u32,
}

/// Why a project cannot be changed as asked, or is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    /// A name is empty or too long.
    #[error("`{0}` is no name of 1 to {LONGEST_NAME} characters")]
    Name(String),
    /// Another class has this name.
    #[error("there is a class `{0}` already")]
    SameName(String),
    /// There are [`MOST_CLASSES`] already.
    #[error("a project has at most {MOST_CLASSES} classes")]
    TooManyClasses,
    /// There would be more than [`MOST_PICTURES`].
    #[error("a project has at most {MOST_PICTURES} pictures")]
    TooManyPictures,
    /// No such class or picture.
    #[error("there is nothing of number {0} in the project")]
    Unknown(u32),
    /// A stored project that is damaged or of another version.
    #[error("the project cannot be read: {0}")]
    Damaged(String),
}

impl Project {
    /// A project with two empty classes.
    ///
    /// # Errors
    /// [`ProjectError`] where a name is none.
    pub fn new(name: &str, classes: [&str; 2]) -> Result<Self, ProjectError> {
        let mut project = Self { version: VERSION, name: tidy(name)?, classes: Vec::new(), next: 0 };
        for class in classes {
            project.add_class(class)?;
        }
        Ok(project)
    }

    /// All pictures, class by class.
    pub fn pictures(&self) -> impl Iterator<Item = Picture> {
        self.classes.iter().flat_map(|class| class.pictures.iter().copied())
    }

    /// The classes that take part in training, in their order.
    pub fn enabled(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter().filter(|class| class.enabled)
    }

    /// Adds an empty class at the end, and gives its number.
    ///
    /// # Errors
    /// [`ProjectError`] where there are too many, or the name is none or taken.
    pub fn add_class(&mut self, name: &str) -> Result<u32, ProjectError> {
        let name = self.free_name(name, None)?;
        if self.classes.len() >= MOST_CLASSES {
            return Err(ProjectError::TooManyClasses);
        }
        let id = self.number();
        self.classes.push(Class { id, name, enabled: true, pictures: Vec::new() });
        Ok(id)
    }

    /// Gives the class another name.
    ///
    /// # Errors
    /// [`ProjectError`] where there is no such class, or the name is none or taken.
    pub fn rename_class(&mut self, class: u32, name: &str) -> Result<(), ProjectError> {
        let name = self.free_name(name, Some(class))?;
        self.class(class)?.name = name;
        Ok(())
    }

    /// Gives the project another name.
    ///
    /// # Errors
    /// [`ProjectError::Name`] where the name is none.
    pub fn rename(&mut self, name: &str) -> Result<(), ProjectError> {
        self.name = tidy(name)?;
        Ok(())
    }

    /// Lets the class take part in training or not.
    ///
    /// # Errors
    /// [`ProjectError::Unknown`] where there is no such class.
    pub fn enable_class(&mut self, class: u32, enabled: bool) -> Result<(), ProjectError> {
        self.class(class)?.enabled = enabled;
        Ok(())
    }

    /// Moves the class to `place` in the order, the last one where there is no such place.
    ///
    /// # Errors
    /// [`ProjectError::Unknown`] where there is no such class.
    pub fn move_class(&mut self, class: u32, place: usize) -> Result<(), ProjectError> {
        let from = self.place_of(class)?;
        let moved = self.classes.remove(from);
        self.classes.insert(place.min(self.classes.len()), moved);
        Ok(())
    }

    /// Deletes the class with its pictures.
    ///
    /// # Errors
    /// [`ProjectError::Unknown`] where there is no such class.
    pub fn delete_class(&mut self, class: u32) -> Result<(), ProjectError> {
        let place = self.place_of(class)?;
        self.classes.remove(place);
        Ok(())
    }

    /// Adds so many pictures of one take to the class, and gives their numbers. `take` is that of
    /// an earlier call, to go on with it.
    ///
    /// # Errors
    /// [`ProjectError`] where there is no such class, or too many pictures.
    pub fn add_pictures(
        &mut self,
        class: u32,
        take: Option<u32>,
        count: usize,
    ) -> Result<Vec<Picture>, ProjectError> {
        if self.pictures().count() + count > MOST_PICTURES {
            return Err(ProjectError::TooManyPictures);
        }
        self.class(class)?;
        let take = take.filter(|take| *take < self.next).unwrap_or_else(|| self.number());
        let added: Vec<_> = (0..count).map(|_| Picture { id: self.number(), take }).collect();
        self.class(class)?.pictures.extend(&added);
        Ok(added)
    }

    /// Moves pictures to the end of another class.
    ///
    /// # Errors
    /// [`ProjectError::Unknown`] where there is no such class.
    pub fn move_pictures(&mut self, pictures: &[PictureId], class: u32) -> Result<(), ProjectError> {
        self.class(class)?;
        let moved = self.take_out(pictures);
        self.class(class)?.pictures.extend(moved);
        Ok(())
    }

    /// Deletes pictures; unknown ones are gone already.
    pub fn delete_pictures(&mut self, pictures: &[PictureId]) {
        self.take_out(pictures);
    }

    /// Gives no number again that `other`, a later state of the same project, has given.
    pub fn keep_numbers_of(&mut self, other: &Self) {
        self.next = self.next.max(other.next);
    }

    /// Makes it another one than it was, with the same names and pictures: a number is used up. Who has the
    /// earlier one in use learns that it was changed.
    pub fn touch(&mut self) {
        self.number();
    }

    fn take_out(&mut self, pictures: &[PictureId]) -> Vec<Picture> {
        let wanted: HashSet<_> = pictures.iter().collect();
        let mut taken = Vec::new();
        for class in &mut self.classes {
            let (out, kept) = class.pictures.iter().partition(|picture| wanted.contains(&picture.id));
            class.pictures = kept;
            taken.extend::<Vec<Picture>>(out);
        }
        taken
    }

    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    fn place_of(&self, class: u32) -> Result<usize, ProjectError> {
        let place = self.classes.iter().position(|found| found.id == class);
        place.ok_or(ProjectError::Unknown(class))
    }

    fn class(&mut self, class: u32) -> Result<&mut Class, ProjectError> {
        let place = self.place_of(class)?;
        Ok(&mut self.classes[place])
    }

    /// `name` in its stored form, where no class but `but` has it.
    fn free_name(&self, name: &str, but: Option<u32>) -> Result<String, ProjectError> {
        let others = self.classes.iter().filter(|class| Some(class.id) != but);
        free_name(name, others.map(|class| class.name.as_str()))
    }

    /// The project as bytes.
    ///
    /// # Errors
    /// Only where memory runs out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ProjectError> {
        encode(self).map_err(|error| ProjectError::Damaged(error.to_string()))
    }

    /// The project in `bytes`, which may come from anywhere.
    ///
    /// # Errors
    /// [`ProjectError::Damaged`] where they are no project of this version, or one whose parts do
    /// not fit each other.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProjectError> {
        if bytes.len() > LONGEST_BYTES {
            return Err(ProjectError::Damaged(format!("{} bytes", bytes.len())));
        }
        let project: Self = decode(bytes).map_err(|error| ProjectError::Damaged(error.to_string()))?;
        project.checked()
    }

    /// The same project, where its names and numbers can be those of one.
    fn checked(self) -> Result<Self, ProjectError> {
        let fail = |why: &str| Err(ProjectError::Damaged(why.to_owned()));
        let (mut ids, mut names) = (HashSet::new(), HashSet::new());
        let mut fresh = |id: u32| id < self.next && ids.insert(id);
        if self.version != VERSION {
            return fail("another version");
        }
        if self.next > MOST_NUMBERS {
            return fail("its numbers are used up");
        }
        if self.classes.len() > MOST_CLASSES || self.pictures().count() > MOST_PICTURES {
            return fail("too many classes or pictures");
        }
        if tidy(&self.name).as_ref() != Ok(&self.name) {
            return fail("its name is none");
        }
        for class in &self.classes {
            if tidy(&class.name).as_ref() != Ok(&class.name) || !names.insert(&class.name) {
                return fail("a class's name is none, or stands there twice");
            }
            let pictures = &class.pictures;
            if !fresh(class.id)
                || !pictures.iter().all(|picture| fresh(picture.id) && picture.take < self.next)
            {
                return fail("a number stands there twice, or was never given");
            }
        }
        Ok(self)
    }
}

/// A name without space around it and without control characters.
fn tidy(name: &str) -> Result<String, ProjectError> {
    let tidied: String = name.trim().chars().filter(|letter| !letter.is_control()).collect();
    match tidied.chars().count() {
        1..=LONGEST_NAME => Ok(tidied),
        _ => Err(ProjectError::Name(name.to_owned())),
    }
}

/// A class's new name in its stored form, where none of `others` has it.
///
/// # Errors
/// [`ProjectError`] where it is none, or taken.
pub fn free_name<'a>(name: &str, mut others: impl Iterator<Item = &'a str>) -> Result<String, ProjectError> {
    let name = tidy(name)?;
    match others.any(|other| other == name) {
        true => Err(ProjectError::SameName(name)),
        false => Ok(name),
    }
}

/// A name for a class that a folder of the name `folder` becomes: the same where that can be one, else a shorter
/// one that none of `taken` is.
pub fn name_of_folder(folder: &str, taken: &[String]) -> String {
    let plain: String = folder.chars().filter(|letter| !letter.is_control()).collect();
    let cut = |room: usize| plain.trim().chars().take(room).collect::<String>().trim().to_owned();
    let first = Some(cut(LONGEST_NAME)).filter(|name| !name.is_empty() && !taken.contains(name));
    first.unwrap_or_else(|| {
        let numbered =
            (2_u32..).map(|number| format!("{} {number}", cut(LONGEST_NAME - 12)).trim().to_owned());
        numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or_default()
    })
}

/// A picture to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPicture {
    /// Its number.
    pub id: PictureId,
    /// Its identity.
    pub hash: ImageHash,
    /// Its pixels as a PNG file.
    pub png: Vec<u8>,
}

/// A change of a stored project, made whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change<'a> {
    /// What is stored now; the change is refused where it is something else, for another tab may
    /// have changed it. `None` is a project that does not exist yet.
    pub before: Option<&'a [u8]>,
    /// What shall be stored; `None` deletes the project with all its pictures, and the
    /// heads whose names end in its [`project_suffix`](crate::features::project_suffix).
    pub after: Option<&'a [u8]>,
    /// Pictures to add.
    pub add: Vec<NewPicture>,
    /// Pictures to delete.
    pub delete: Vec<PictureId>,
    /// Heads and what is kept like them, by the names that [`FeatureStore::read_head`] finds them by.
    ///
    /// [`FeatureStore::read_head`]: crate::features::FeatureStore::read_head
    pub heads: Vec<(String, Vec<u8>)>,
}

/// Keeps projects by number, and their pictures.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait ProjectStore {
    /// All projects' numbers and bytes, in the order of the numbers.
    async fn projects(&self) -> Result<Vec<(u32, Vec<u8>)>, StoreError>;

    /// These pictures of a project, as PNG files; `None` for one that is not there.
    async fn pictures(&self, project: u32, ids: &[PictureId]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// The numbers of all pictures that are stored for a project, in their order, with their identities;
    /// `None` where an earlier version of the page has stored none. What stands there is only believed where
    /// the picture bears it out.
    async fn hashes(&self, project: u32) -> Result<Vec<(PictureId, Option<ImageHash>)>, StoreError>;

    /// Keeps identities beside pictures that have none so far.
    async fn remember(&self, project: u32, hashes: &[(PictureId, ImageHash)]) -> Result<(), StoreError>;

    /// Stores pictures of a project that is not there yet: nobody sees them until a change makes it.
    async fn stage(&self, project: u32, pictures: &[NewPicture]) -> Result<(), StoreError>;

    /// Deletes the pictures of all projects that are not there: what is left of a file that was not taken
    /// to its end.
    async fn drop_staged(&self) -> Result<(), StoreError>;

    /// Changes a project. When this returns, the change survives a crash.
    ///
    /// # Errors
    /// [`StoreError::Changed`] where what is stored is not [`Change::before`].
    async fn change(&self, project: u32, change: &Change<'_>) -> Result<(), StoreError>;
}
