//! Backbones kept in the browser's IndexedDB, in a database of their own.
//!
//! Two object stores: `pieces` holds each piece of a backbone's file under its SHA-256, so that
//! what two backbones share is there once; `manifests` holds manifests' texts under their
//! address and the backbone's SHA-256. IndexedDB and not the cache of the service worker, since
//! browsers have it on a plain http address too, and a download should resume there as well.

use std::collections::HashSet;

use idb::TransactionMode;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use crate::backbone::Manifest;
use crate::backbone::pieces::{LONGEST, unnamed};
use crate::features::StoreError;
use crate::features::indexed_db::{Database, Schema, Transaction, bytes, failure};

const PIECES: &str = "pieces";
const MANIFESTS: &str = "manifests";

const SCHEMA: Schema = Schema {
    name: "bottleneck-backbones",
    version: 1,
    stores: &[(PIECES, false), (MANIFESTS, false)],
    strict: &[],
};

/// The browser's backbones.
pub struct PieceStore {
    database: Database,
}

impl PieceStore {
    /// Opens the store, and makes it where it is not there yet.
    ///
    /// # Errors
    /// Where the browser refuses, as some do in private windows, or does not answer.
    pub async fn open() -> Result<Self, StoreError> {
        Ok(Self { database: Database::open(&SCHEMA).await? })
    }

    /// The keys of everything in the one object store of `name`.
    async fn keys(&self, name: &'static [&'static str]) -> Result<Vec<String>, StoreError> {
        let work = async |at: &Transaction| {
            let [store] = at.stores()?;
            store.get_all_keys(None, None).map_err(failure)?.await.map_err(failure)
        };
        let keys = self.database.run(name, TransactionMode::ReadOnly, work).await?;
        Ok(keys.iter().filter_map(|key| key.as_string()).collect())
    }

    async fn get(&self, name: &'static [&'static str], key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let key = JsValue::from(key);
        let work = async move |at: &Transaction| {
            let [store] = at.stores()?;
            match store.get(key.clone()).map_err(failure)?.await.map_err(failure)? {
                // What is damaged is as good as not there: it comes again.
                Some(value) => Ok(bytes(value, LONGEST).await.ok()),
                None => Ok(None),
            }
        };
        let value = self.database.run(name, TransactionMode::ReadOnly, work).await?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    async fn put(&self, name: &'static [&'static str], key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let (key, bytes) = (JsValue::from(key), Uint8Array::from(bytes));
        let work = async move |at: &Transaction| {
            let [store] = at.stores()?;
            let value = at.value(&bytes)?;
            store.put(&value, Some(&key)).map_err(failure)?.await.map(drop).map_err(failure)
        };
        self.database.run(name, TransactionMode::ReadWrite, work).await
    }

    async fn delete(&self, name: &'static [&'static str], keys: &[String]) -> Result<(), StoreError> {
        let keys: Vec<JsValue> = keys.iter().map(|key| JsValue::from(key.as_str())).collect();
        let work = async move |at: &Transaction| {
            let [store] = at.stores()?;
            for key in &keys {
                store.delete(key.clone()).map_err(failure)?.await.map_err(failure)?;
            }
            Ok(())
        };
        self.database.run(name, TransactionMode::ReadWrite, work).await
    }

    /// The SHA-256 of each piece.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn stored(&self) -> Result<HashSet<String>, StoreError> {
        Ok(self.keys(&[PIECES]).await?.into_iter().collect())
    }

    /// A piece, damaged or not.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn read(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(&[PIECES], sha256).await
    }

    /// Keeps a piece.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn write(&self, sha256: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.put(&[PIECES], sha256, bytes).await
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
        for key in self.keys(&[MANIFESTS]).await?.iter().filter(|key| wanted(key)) {
            let text = self.get(&[MANIFESTS], key).await?.unwrap_or_default();
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
        self.put(&[MANIFESTS], &key(address, manifest), text).await
    }

    /// `manifest`'s file is here: drops what was at `address` before, and the pieces that no
    /// manifest names any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn settle(&self, address: &str, manifest: &Manifest) -> Result<(), StoreError> {
        let current = key(address, manifest);
        let mut old = self.keys(&[MANIFESTS]).await?;
        old.retain(|key| is_of(key, address) && *key != current);
        self.delete(&[MANIFESTS], &old).await?;
        let named = self.manifests_where(|_| true).await?;
        self.delete(&[PIECES], &unnamed(&self.stored().await?, &named)).await
    }
}

/// Addresses hold no spaces.
fn key(address: &str, manifest: &Manifest) -> String {
    format!("{address} {}", manifest.sha256)
}

fn is_of(key: &str, address: &str) -> bool {
    key.split_once(' ').is_some_and(|(before, _)| before == address)
}
