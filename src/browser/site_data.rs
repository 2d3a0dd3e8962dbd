//! The data set that the site offers in its `data` folder.

use web_sys::Blob;

use super::download;
use crate::protocol::SiteData;

/// The folder that `make data` fills.
const FOLDER: &str = "data/";
/// The list of what is in it, which the page's server makes.
const LIST: &str = "data.json";

/// What the site offers, and how large it is; nothing of it is downloaded.
pub async fn offered() -> Option<SiteData> {
    let names: Vec<String> = serde_json::from_slice(&download::bytes(LIST).await.ok()?).ok()?;
    let name = names.into_iter().find(|name| name.ends_with(".tar.gz"))?;
    let bytes = download::length(&format!("{FOLDER}{name}")).await.ok()?;
    Some(SiteData { name, bytes: bytes.unwrap_or(0) })
}

/// Downloads it. `progress` hears how many bytes came.
///
/// # Errors
/// A sentence in English for the small print, where the server does not have it, breaks off, or sends nothing
/// for a while.
pub async fn bring(data: &SiteData, progress: &dyn Fn(u64)) -> Result<Blob, String> {
    let blob = download::blob(&format!("{FOLDER}{}", data.name), &|done, _| progress(done)).await;
    blob.map_err(|error| error.to_string())
}
