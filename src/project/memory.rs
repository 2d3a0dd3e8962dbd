//! Projects in a store that lasts as long as the tab.

use super::{Change, PictureId, ProjectStore, project_suffix};
use crate::features::StoreError;
use crate::features::memory::MemoryStore;

impl ProjectStore for MemoryStore {
    async fn projects(&self) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        Ok(self.projects.borrow().iter().map(|(id, bytes)| (*id, bytes.clone())).collect())
    }

    async fn pictures(&self, project: u32, ids: &[PictureId]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let pictures = self.pictures.borrow();
        Ok(ids.iter().map(|id| pictures.get(&(project, *id)).cloned()).collect())
    }

    async fn change(&self, project: u32, change: &Change<'_>) -> Result<(), StoreError> {
        if change.after.is_some() {
            self.check(change.add.iter().map(|(_, bytes)| bytes.len() as u64).sum())?;
        }
        let (mut projects, mut pictures) = (self.projects.borrow_mut(), self.pictures.borrow_mut());
        if projects.get(&project).map(Vec::as_slice) != change.before {
            return Err(StoreError::Changed);
        }
        let Some(after) = change.after else {
            projects.remove(&project);
            pictures.retain(|(of, _), _| *of != project);
            let suffix = project_suffix(project);
            self.heads.borrow_mut().retain(|name, _| !name.ends_with(&suffix));
            return Ok(());
        };
        projects.insert(project, after.to_vec());
        pictures.extend(change.add.iter().map(|(id, bytes)| ((project, *id), bytes.clone())));
        change.delete.iter().for_each(|id| drop(pictures.remove(&(project, *id))));
        Ok(())
    }
}
