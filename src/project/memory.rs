//! Projects in a store that lasts as long as the tab.

use std::collections::HashSet;

use super::{Change, NewPicture, PictureId, ProjectStore};
use crate::features::memory::MemoryStore;
use crate::features::{ImageHash, StoreError, project_suffix};

impl MemoryStore {
    fn put(&self, project: u32, new: &[NewPicture]) -> Result<(), StoreError> {
        self.check(new.iter().map(|picture| picture.png.len() as u64).sum())?;
        let (mut pictures, mut hashes) = (self.pictures.borrow_mut(), self.hashes.borrow_mut());
        pictures.extend(new.iter().map(|picture| ((project, picture.id), picture.png.clone())));
        hashes.extend(new.iter().map(|picture| ((project, picture.id), picture.hash)));
        Ok(())
    }

    fn keep_pictures(&self, keep: impl Fn(u32, PictureId) -> bool) {
        self.pictures.borrow_mut().retain(|(project, id), _| keep(*project, *id));
        self.hashes.borrow_mut().retain(|(project, id), _| keep(*project, *id));
    }
}

impl ProjectStore for MemoryStore {
    async fn projects(&self) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        Ok(self.projects.borrow().iter().map(|(id, bytes)| (*id, bytes.clone())).collect())
    }

    async fn pictures(&self, project: u32, ids: &[PictureId]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let pictures = self.pictures.borrow();
        Ok(ids.iter().map(|id| pictures.get(&(project, *id)).cloned()).collect())
    }

    async fn hashes(&self, project: u32) -> Result<Vec<(PictureId, Option<ImageHash>)>, StoreError> {
        let (pictures, hashes) = (self.pictures.borrow(), self.hashes.borrow());
        let of = pictures.range((project, 0)..=(project, PictureId::MAX));
        Ok(of.map(|(key, _)| (key.1, hashes.get(key).copied())).collect())
    }

    async fn remember(&self, project: u32, hashes: &[(PictureId, ImageHash)]) -> Result<(), StoreError> {
        self.hashes.borrow_mut().extend(hashes.iter().map(|(id, hash)| ((project, *id), *hash)));
        Ok(())
    }

    async fn stage(&self, project: u32, pictures: &[NewPicture]) -> Result<(), StoreError> {
        self.put(project, pictures)
    }

    async fn drop_staged(&self) -> Result<(), StoreError> {
        let projects = self.projects.borrow();
        self.keep_pictures(|project, _| projects.contains_key(&project));
        Ok(())
    }

    async fn change(&self, project: u32, change: &Change<'_>) -> Result<(), StoreError> {
        if self.projects.borrow().get(&project).map(Vec::as_slice) != change.before {
            return Err(StoreError::Changed);
        }
        let Some(after) = change.after else {
            self.projects.borrow_mut().remove(&project);
            self.keep_pictures(|of, _| of != project);
            let suffix = project_suffix(project);
            self.heads.borrow_mut().retain(|name, _| !name.ends_with(&suffix));
            return Ok(());
        };
        self.put(project, &change.add)?;
        self.heads.borrow_mut().extend(change.heads.iter().cloned());
        self.projects.borrow_mut().insert(project, after.to_vec());
        if !change.delete.is_empty() {
            let deleted: HashSet<PictureId> = change.delete.iter().copied().collect();
            self.keep_pictures(|of, id| of != project || !deleted.contains(&id));
        }
        Ok(())
    }
}
