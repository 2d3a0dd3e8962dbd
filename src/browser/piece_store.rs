//! Backbones kept in the browser's IndexedDB, in a database of their own.
//!
//! Two object stores: `pieces` holds each piece of a backbone's file under its SHA-256, so that
//! what two backbones share is there once; `manifests` holds manifests' texts under their
//! address and the backbone's SHA-256. IndexedDB and not the cache of the service worker, since
//! browsers have it on a plain http address too, and a download should resume there as well.

use std::collections::HashSet;

use idb::{DatabaseEvent, Factory, ObjectStoreParams, TransactionMode};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::backbone::Manifest;
use crate::backbone::pieces::unnamed;
use crate::features::StoreError;
use crate::features::indexed_db::{commit, failure, finish, js_failure};

const DATABASE: &str = "bottleneck-backbones";
/// To be raised when the object stores change.
const VERSION: u32 = 1;
const PIECES: &str = "pieces";
const MANIFESTS: &str = "manifests";

/// The browser's backbones.
pub struct PieceStore {
    database: idb::Database,
}

impl PieceStore {
    /// Opens the store, and makes it where it is not there yet.
    ///
    /// # Errors
    /// Where the browser refuses, as some do in private windows.
    pub async fn open() -> Result<Self, StoreError> {
        let mut request = Factory::new().map_err(failure)?.open(DATABASE, Some(VERSION)).map_err(failure)?;
        request.on_upgrade_needed(|event| {
            // A store that could not be made shows as an error of the first transaction.
            let Ok(database) = event.database() else { return };
            for name in [PIECES, MANIFESTS] {
                let _ = database.create_object_store(name, ObjectStoreParams::new());
            }
        });
        Ok(Self { database: request.await.map_err(failure)? })
    }

    /// The keys of everything in an object store.
    async fn keys(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let transaction = self.database.transaction(&[name], TransactionMode::ReadOnly).map_err(failure)?;
        let store = transaction.object_store(name).map_err(failure)?;
        let keys = store.get_all_keys(None, None).map_err(failure)?.await.map_err(failure)?;
        Ok(keys.iter().filter_map(|key| key.as_string()).collect())
    }

    async fn get(&self, name: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.database.transaction(&[name], TransactionMode::ReadOnly).map_err(failure)?;
        let store = transaction.object_store(name).map_err(failure)?;
        let value = store.get(JsValue::from(key)).map_err(failure)?.await.map_err(failure)?;
        let Some(blob) = value.and_then(|value| value.dyn_into::<Blob>().ok()) else { return Ok(None) };
        let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|error| js_failure(&error))?;
        Ok(Some(Uint8Array::new(&buffer).to_vec()))
    }

    async fn put(&self, name: &str, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let transaction = self.database.transaction(&[name], TransactionMode::ReadWrite).map_err(failure)?;
        let store = transaction.object_store(name).map_err(failure)?;
        let put = store.put(&blob(bytes)?, Some(&key.into())).map_err(failure)?;
        finish(transaction, &store, put.await).await.map(drop)
    }

    async fn delete(&self, name: &str, keys: &[String]) -> Result<(), StoreError> {
        let transaction = self.database.transaction(&[name], TransactionMode::ReadWrite).map_err(failure)?;
        let store = transaction.object_store(name).map_err(failure)?;
        for key in keys {
            store.delete(JsValue::from(key.as_str())).map_err(failure)?.await.map_err(failure)?;
        }
        commit(transaction, &store).await
    }

    /// The SHA-256 of each piece.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn stored(&self) -> Result<HashSet<String>, StoreError> {
        Ok(self.keys(PIECES).await?.into_iter().collect())
    }

    /// A piece, damaged or not.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn read(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(PIECES, sha256).await
    }

    /// Keeps a piece.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn write(&self, sha256: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.put(PIECES, sha256, bytes).await
    }

    /// The manifests that were kept for `address` and can still be read.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn manifests(&self, address: &str) -> Result<Vec<Manifest>, StoreError> {
        self.manifests_where(|key| is_of(key, address)).await
    }

    async fn manifests_where(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Manifest>, StoreError> {
        let mut manifests = Vec::new();
        for key in self.keys(MANIFESTS).await?.iter().filter(|key| wanted(key)) {
            let text = self.get(MANIFESTS, key).await?.unwrap_or_default();
            manifests.extend(Manifest::parse(&text));
        }
        Ok(manifests)
    }

    /// Keeps the manifest's text beside those that were at `address` before: until its file is
    /// here an earlier one serves where there is no internet.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn remember(&self, address: &str, manifest: &Manifest, text: &[u8]) -> Result<(), StoreError> {
        self.put(MANIFESTS, &key(address, manifest), text).await
    }

    /// `manifest`'s file is here: drops what was at `address` before, and the pieces that no
    /// manifest names any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn settle(&self, address: &str, manifest: &Manifest) -> Result<(), StoreError> {
        let current = key(address, manifest);
        let mut old = self.keys(MANIFESTS).await?;
        old.retain(|key| is_of(key, address) && *key != current);
        self.delete(MANIFESTS, &old).await?;
        let named = self.manifests_where(|_| true).await?;
        self.delete(PIECES, &unnamed(&self.stored().await?, &named)).await
    }
}

/// Addresses hold no spaces.
fn key(address: &str, manifest: &Manifest) -> String {
    format!("{address} {}", manifest.sha256)
}

fn is_of(key: &str, address: &str) -> bool {
    key.split_once(' ').is_some_and(|(before, _)| before == address)
}

/// Written and read about twice as fast as an array.
fn blob(bytes: &[u8]) -> Result<JsValue, StoreError> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts).map_err(|error| js_failure(&error))?;
    Ok(blob.into())
}
