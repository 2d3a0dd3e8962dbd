//! Features in the browser's IndexedDB.
