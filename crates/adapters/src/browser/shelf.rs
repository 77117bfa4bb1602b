//! A shelf in IndexedDB; where there is none, in localStorage; where that is missing
//! too, in this page's memory, and says so.
//!
//! One object store, one record per key, one transaction per question, and nothing is
//! awaited inside a transaction but its own end: WebKit commits at any other await.
//! Several tabs may use it at once, since no operation reads before it writes.

use super::sleep;
use crate::wait::first;
use js_sys::{Array, Promise};
use linli_port::{Keeping, LocalFuture, Shelf};
use std::cell::{Cell, RefCell};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode,
    Storage,
};

const DATABASE: &str = "linli";
const STORE: &str = "shelf";
const LOCAL_PREFIX: &str = "linli:";
/// Opening hangs in some WebKit versions; after this the next best place is used.
const OPEN_MS_MAX: u32 = 3_000;

/// Implements [`Shelf`] with what the browser has.
#[derive(Default)]
pub struct IndexedShelf {
    database: RefCell<Option<IdbDatabase>>,
    is_hopeless: Cell<bool>,
    /// What could be kept nowhere else.
    page: RefCell<Pairs>,
}

type Tried<T> = Result<T, JsValue>;
/// Keys and values, sorted by key. A handful: no tree is worth its code.
type Pairs = Vec<(String, String)>;

impl IndexedShelf {
    /// Opens nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    async fn database(&self) -> Option<IdbDatabase> {
        if self.is_hopeless.get() {
            return None;
        }
        if let Some(database) = self.database.borrow().clone() {
            return Some(database);
        }
        let late = async {
            sleep(OPEN_MS_MAX).await;
            Err(JsValue::NULL)
        };
        match first(Box::pin(open()), Box::pin(late)).await {
            Ok(database) => {
                *self.database.borrow_mut() = Some(database.clone());
                Some(database)
            }
            Err(_) => {
                // Once for the whole visit: places must not change under what is kept.
                self.is_hopeless.set(true);
                None
            }
        }
    }

    /// Begins a transaction; once more on a new connection where the old one is gone,
    /// as iOS closes it behind pages that were in the background.
    async fn begin(&self, mode: IdbTransactionMode) -> Option<(IdbTransaction, IdbObjectStore)> {
        for _ in 0..2 {
            let database = self.database().await?;
            let begun = database
                .transaction_with_str_and_mode(STORE, mode)
                .and_then(|transaction| Ok((transaction.object_store(STORE)?, transaction)));
            match begun {
                Ok((store, transaction)) => return Some((transaction, store)),
                Err(_) => *self.database.borrow_mut() = None,
            }
        }
        None
    }

    async fn read(&self, key: &str) -> Option<String> {
        match self.begin(IdbTransactionMode::Readonly).await {
            Some((transaction, store)) => {
                let request = store.get(&key.into()).ok()?;
                done(&transaction).await.ok()?;
                request.result().ok()?.as_string()
            }
            None => local()?.get_item(&local_key(key)).ok()?,
        }
    }

    async fn write(&self, key: &str, value: &str) -> Tried<()> {
        match self.begin(IdbTransactionMode::Readwrite).await {
            Some((transaction, store)) => {
                store.put_with_key(&value.into(), &key.into())?;
                done(&transaction).await
            }
            None => {
                let storage = local().ok_or(JsValue::NULL)?;
                storage.set_item(&local_key(key), value)
            }
        }
    }

    async fn erase(&self, key: &str) -> Tried<()> {
        match self.begin(IdbTransactionMode::Readwrite).await {
            Some((transaction, store)) => {
                store.delete(&key.into())?;
                done(&transaction).await
            }
            None => match local() {
                Some(storage) => storage.remove_item(&local_key(key)),
                None => Ok(()),
            },
        }
    }

    async fn scan(&self, prefix: &str) -> Tried<Pairs> {
        match self.begin(IdbTransactionMode::Readonly).await {
            Some((transaction, store)) => {
                let end = [prefix, "\u{ffff}"].concat();
                let range = IdbKeyRange::bound(&prefix.into(), &end.into())?;
                let keys = store.get_all_keys_with_key(&range)?;
                let values = store.get_all_with_key(&range)?;
                done(&transaction).await?;
                Ok(pairs(&keys, &values))
            }
            None => Ok(scan_local(prefix).unwrap_or_default()),
        }
    }
}

impl Shelf for IndexedShelf {
    fn get<'a>(&'a self, key: &'a str) -> LocalFuture<'a, Option<String>> {
        Box::pin(async move {
            let in_page = self
                .page
                .borrow()
                .iter()
                .find(|(known, _)| known == key)
                .cloned();
            match in_page {
                Some((_, value)) => Some(value),
                None => self.read(key).await,
            }
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: String) -> LocalFuture<'a, Keeping> {
        Box::pin(async move {
            if self.write(key, &value).await.is_ok() {
                self.page.borrow_mut().retain(|(known, _)| known != key);
                Keeping::Durable
            } else {
                insert(&mut self.page.borrow_mut(), key.to_owned(), value);
                Keeping::ThisPage
            }
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> LocalFuture<'a, ()> {
        Box::pin(async move {
            self.page.borrow_mut().retain(|(known, _)| known != key);
            // What cannot be erased is settled all the same: at worst it is sent again.
            let _ = self.erase(key).await;
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> LocalFuture<'a, Vec<(String, String)>> {
        Box::pin(async move {
            let mut found = self.scan(prefix).await.unwrap_or_default();
            let page = self.page.borrow();
            for (key, value) in page.iter().filter(|(key, _)| key.starts_with(prefix)) {
                insert(&mut found, key.clone(), value.clone());
            }
            found
        })
    }
}

/// Puts a pair into its place, replacing.
fn insert(pairs: &mut Pairs, key: String, value: String) {
    pairs.retain(|(known, _)| *known != key);
    let place = pairs.iter().take_while(|(known, _)| *known < key).count();
    pairs.insert(place, (key, value));
}

/// Opens the database, making its one store at the first visit.
async fn open() -> Tried<IdbDatabase> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let factory = window.indexed_db()?.ok_or(JsValue::NULL)?;
    let request = factory.open_with_u32(DATABASE, 1)?;
    let upgrade = {
        let request = request.clone();
        Closure::once_into_js(move || {
            if let Ok(database) = request.result()
                && let Ok(database) = database.dyn_into::<IdbDatabase>()
            {
                // Where this fails, opening fails, and that is handled.
                let _ = database.create_object_store(STORE);
            }
        })
    };
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    let opened = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        request.set_onblocked(Some(&reject));
    });
    JsFuture::from(opened).await?;
    let database: IdbDatabase = request.result()?.dyn_into()?;
    // A later version of ours on the same page may want to change the database.
    let yielding = database.clone();
    let give_way = Closure::once_into_js(move || yielding.close());
    database.set_onversionchange(Some(give_way.unchecked_ref()));
    Ok(database)
}

/// Resolves when the transaction is complete, rejects when it is not going to be.
async fn done(transaction: &IdbTransaction) -> Tried<()> {
    let ended = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
        transaction.set_onerror(Some(&reject));
    });
    JsFuture::from(ended).await.map(|_| ())
}

/// IndexedDB answers in the order of keys.
fn pairs(keys: &IdbRequest, values: &IdbRequest) -> Pairs {
    let items = |request: &IdbRequest| match request.result() {
        Ok(list) => Array::from(&list),
        Err(_) => Array::new(),
    };
    let pair = |(key, value): (JsValue, JsValue)| Some((key.as_string()?, value.as_string()?));
    let (keys, values) = (items(keys), items(values));
    keys.iter().zip(values.iter()).filter_map(pair).collect()
}

fn local() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn local_key(key: &str) -> String {
    [LOCAL_PREFIX, key].concat()
}

fn scan_local(prefix: &str) -> Option<Pairs> {
    let storage = local()?;
    let keys = (0..storage.length().ok()?).filter_map(|index| storage.key(index).ok()?);
    let ours = keys.filter_map(|key| Some(key.strip_prefix(LOCAL_PREFIX)?.to_owned()));
    let pair = |key: String| {
        let value = storage.get_item(&local_key(&key)).ok()??;
        Some((key, value))
    };
    let mut found = Pairs::new();
    for (key, value) in ours.filter(|key| key.starts_with(prefix)).filter_map(pair) {
        insert(&mut found, key, value);
    }
    Some(found)
}
