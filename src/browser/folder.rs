//! Folders that a person chose or dropped, as files with their paths.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

/// A file of a folder that was chosen, after its path: the folder's name comes first.
pub fn with_path(file: File) -> (String, File) {
    // web-sys does not know the property; a browser that cannot choose folders has none.
    let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
    (path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file)
}

/// The files and the folders that were dropped. Only while the drop's event is handled does the
/// browser tell.
pub fn dropped(transfer: &DataTransfer) -> (Vec<File>, Vec<FileSystemEntry>) {
    let items = transfer.items();
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for item in (0..items.length()).filter_map(|place| items.get(place)) {
        match item.webkit_get_as_entry().ok().flatten().filter(FileSystemEntry::is_directory) {
            Some(folder) => folders.push(folder),
            None => files.extend(item.get_as_file().ok().flatten()),
        }
    }
    (files, folders)
}

/// All files in `folders` and in the folders within, after their paths and in their order. What the
/// browser does not give is left out.
pub async fn files(folders: Vec<FileSystemEntry>) -> Vec<(String, File)> {
    let (mut found, mut waiting) = (Vec::new(), folders);
    while let Some(entry) = waiting.pop() {
        if entry.is_directory() {
            waiting.extend(entries(entry.unchecked_ref()).await);
            continue;
        }
        let file: &FileSystemFileEntry = entry.unchecked_ref();
        if let Ok(file) = told(|resolve, reject| file.file_with_callback_and_callback(resolve, reject)).await
        {
            found.push((entry.full_path().trim_start_matches('/').to_owned(), file.unchecked_into()));
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

/// What stands in a folder.
async fn entries(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut all = Vec::new();
    // It gives some at a time, and none when all were given.
    loop {
        let some = told(|resolve, reject| {
            // An exception is a rejection too: the promise makes it one.
            if let Err(error) = reader.read_entries_with_callback_and_callback(resolve, reject) {
                let _ = reject.call1(&JsValue::UNDEFINED, &error);
            }
        });
        let some: Array = match some.await {
            Ok(some) => some.unchecked_into(),
            Err(_) => return all,
        };
        if some.length() == 0 {
            return all;
        }
        all.extend(some.iter().map(|entry| entry.unchecked_into::<FileSystemEntry>()));
    }
}

/// What a method tells one of the two functions that it is called with.
async fn told(call: impl Fn(&Function, &Function)) -> Result<JsValue, JsValue> {
    let promise = Promise::new(&mut |resolve, reject| call(&resolve, &reject));
    JsFuture::from(promise).await
}
