//! A shelf in IndexedDB; where there is none, in localStorage; where that is missing
//! too, in this page's memory, and says so.
//!
//! One object store, one record per key, one transaction per question, and nothing is
//! awaited inside a transaction but its own end: WebKit commits at any other await.
//! Several tabs may use it at once, since no operation reads before it writes.

use js_sys::{Array, Function, Object, Promise, Reflect};
use linli_port::{Keeping, LocalFuture, Shelf};
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode, Storage,
};

const DATABASE: &str = "linli";
const STORE: &str = "shelf";
const LOCAL_PREFIX: &str = "linli:";
/// Begins the name of a mark, see [`mark`].
const MARK_PREFIX: &str = "linli:kept:";
/// Opening hangs in some WebKit versions; after this the next best place is used.
const OPEN_MS_MAX: i32 = 3_000;

/// Implements [`Shelf`] with what the browser has.
#[derive(Default)]
pub struct IndexedShelf {
    /// The promise of the event that tells of the database's opening. A rejected one
    /// stays for the whole visit: places must not change under what is kept.
    opened: RefCell<Option<Promise>>,
    /// What could be kept nowhere else.
    page: RefCell<Pairs>,
}

type Tried<T> = Result<T, JsValue>;
/// Keys and values. A handful: no tree is worth its code.
type Pairs = Vec<(String, String)>;

/// What can be asked of IndexedDB and localStorage alike.
#[derive(Clone, Copy)]
enum Question {
    /// Answered by the value, or by none.
    Get,
    Put,
    Remove,
    /// Answered by an array of every key.
    Keys,
}

impl IndexedShelf {
    /// Opens nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    async fn ask(&self, question: Question, key: &str, value: &str) -> Tried<JsValue> {
        let Ok(store) = self.begin(question).await else {
            return ask_local(question, key, value);
        };
        let request = ask_store(&store, question, key, value)?;
        JsFuture::from(end(&store.transaction())).await?;
        request.result()
    }

    /// Begins a transaction; once more on a new connection where the old one is gone,
    /// as iOS closes it behind pages that were in the background.
    async fn begin(&self, question: Question) -> Tried<IdbObjectStore> {
        let mode = match question {
            Question::Get | Question::Keys => IdbTransactionMode::Readonly,
            Question::Put | Question::Remove => IdbTransactionMode::Readwrite,
        };
        let mut is_second = false;
        loop {
            let opened = self.opened.borrow_mut().get_or_insert_with(opened).clone();
            let database = database(&JsFuture::from(opened).await?)?;
            let transaction = database.transaction_with_str_and_mode(STORE, mode);
            match transaction.and_then(|transaction| transaction.object_store(STORE)) {
                Err(_) if !is_second => {
                    is_second = true;
                    *self.opened.borrow_mut() = None;
                }
                begun => return begun,
            }
        }
    }
}

impl Shelf for IndexedShelf {
    fn get<'a>(&'a self, key: &str) -> LocalFuture<'a, Option<String>> {
        let key = key.to_owned();
        Box::pin(async move {
            for (known, value) in &*self.page.borrow() {
                if *known == key {
                    return Some(value.clone());
                }
            }
            let answer = self.ask(Question::Get, &key, "").await;
            answer.ok()?.as_string()
        })
    }

    fn put<'a>(&'a self, key: &str, value: String) -> LocalFuture<'a, Keeping> {
        let key = key.to_owned();
        Box::pin(async move {
            let kept = self.ask(Question::Put, &key, &value).await;
            take(&self.page, &key);
            if kept.is_ok() {
                return Keeping::Durable;
            }
            self.page.borrow_mut().push((key, value));
            Keeping::ThisPage
        })
    }

    fn remove<'a>(&'a self, key: &str) -> LocalFuture<'a, ()> {
        let key = key.to_owned();
        Box::pin(async move {
            take(&self.page, &key);
            // What cannot be erased is settled all the same: at worst it is sent again.
            let _ = self.ask(Question::Remove, &key, "").await;
        })
    }

    fn list<'a>(&'a self, prefix: &str) -> LocalFuture<'a, Pairs> {
        let prefix = prefix.to_owned();
        Box::pin(async move {
            let keys = match self.ask(Question::Keys, "", "").await {
                Ok(keys) => keys.unchecked_into(),
                Err(_) => Array::new(),
            };
            for (key, _) in &*self.page.borrow() {
                keys.push(&key.into());
            }
            let mut found = Pairs::new();
            // By UTF-16 units, as IndexedDB does it. What another tab removes meanwhile
            // has no value any more.
            for key in keys.sort().iter().filter_map(|key| key.as_string()) {
                let is_new = found.last().is_none_or(|(known, _)| *known != key);
                if is_new
                    && key.starts_with(&prefix)
                    && let Some(value) = self.get(&key).await
                {
                    found.push((key, value));
                }
            }
            found
        })
    }
}

fn take(page: &RefCell<Pairs>, key: &str) {
    let mut page = page.borrow_mut();
    if let Some(place) = page.iter().position(|(known, _)| known == key) {
        page.swap_remove(place);
    }
}

fn opened() -> Promise {
    open().unwrap_or_else(|error| Promise::reject(&error))
}

/// Opens the database, making its one store at the first visit.
fn open() -> Tried<Promise> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let factory = window.indexed_db()?.ok_or(JsValue::NULL)?;
    let request = factory.open_with_u32(DATABASE, 1)?;
    let upgrade = {
        let request = request.clone();
        Closure::once_into_js(move || {
            if let Ok(database) = request.result() {
                // Where this fails, opening fails, and that is handled.
                let _ = database
                    .unchecked_into::<IdbDatabase>()
                    .create_object_store(STORE);
            }
        })
    };
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    Ok(Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        request.set_onblocked(Some(&reject));
        // Does nothing to what is settled by then.
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&reject, OPEN_MS_MAX);
    }))
}

/// The database, out of the event that told of its opening.
fn database(opened: &JsValue) -> Tried<IdbDatabase> {
    let request = opened.unchecked_ref::<Event>().target();
    let request: IdbRequest = request.ok_or(JsValue::NULL)?.unchecked_into();
    let database: IdbDatabase = request.result()?.unchecked_into();
    // A later version of ours on the same page may want to change the database.
    let close: Function = Reflect::get(&database, &"close".into())?.unchecked_into();
    database.set_onversionchange(Some(&close.bind0(&database)));
    Ok(database)
}

/// Resolves when the transaction is complete, rejects when it is not going to be.
fn end(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
        transaction.set_onerror(Some(&reject));
    })
}

fn ask_store(
    store: &IdbObjectStore,
    question: Question,
    name: &str,
    value: &str,
) -> Tried<IdbRequest> {
    let key = JsValue::from(name);
    match question {
        Question::Get => store.get(&key),
        Question::Put => {
            mark(name);
            store.put_with_key(&value.into(), &key)
        }
        Question::Remove => store.delete(&key),
        Question::Keys => store.get_all_keys(),
    }
}

/// Marks in localStorage that something is kept under `key`: `suite/first.js` must know
/// before IndexedDB could answer that this person has a vote, a draft or their own size of
/// type here. A mark that is missing (storage is full or forbidden) shows them the question
/// for a moment; one too many shows the page's own content instead.
fn mark(key: &str) {
    // `<scope>/vote/<topic>`. A character is cheaper to search for than a word.
    let folder = key.rsplit('/').nth(1);
    if matches!(folder, Some("vote" | "draft" | "device"))
        && let Some(Ok(Some(storage))) = web_sys::window().map(|window| window.local_storage())
    {
        let name = JsValue::from([MARK_PREFIX, key].concat());
        let _ = Reflect::set(&storage, &name, &JsValue::from_str(""));
    }
}

fn ask_local(question: Question, key: &str, value: &str) -> Tried<JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let storage = window.local_storage()?.ok_or(JsValue::NULL)?;
    let key = JsValue::from([LOCAL_PREFIX, key].concat());
    match question {
        Question::Get => Reflect::get(&storage, &key),
        Question::Put => Reflect::set(&storage, &key, &value.into()).map(JsValue::from),
        Question::Remove => Reflect::delete_property(&storage, &key).map(JsValue::from),
        Question::Keys => Ok(local_keys(&storage).into()),
    }
}

fn local_keys(storage: &Storage) -> Array {
    let ours = Array::new();
    for key in Object::keys(storage.unchecked_ref::<Object>()).iter() {
        if let Some(key) = key.as_string()
            && let Some(key) = key.strip_prefix(LOCAL_PREFIX)
        {
            ours.push(&key.into());
        }
    }
    ours
}
