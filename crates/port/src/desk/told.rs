//! An answer that is read when somebody needs it. Code that reads a type from JSON is a
//! large part of what a desk downloads; so what only a part of it shows is read there.

use serde::de::DeserializeOwned;
use std::cell::OnceCell;

/// JSON that says a `T`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told<T> {
    json: Vec<u8>,
    read: OnceCell<Option<Box<T>>>,
}

impl<T> Told<T> {
    /// As it came.
    pub fn unread(json: Vec<u8>) -> Self {
        Self {
            json,
            read: OnceCell::new(),
        }
    }

    /// What needs no reading.
    pub fn of(value: T) -> Self {
        Self {
            json: Vec::new(),
            read: OnceCell::from(Some(Box::new(value))),
        }
    }

    /// What it says, where somebody has read it.
    pub fn known(&self) -> Option<&T> {
        self.read.get()?.as_deref()
    }
}

impl<T: DeserializeOwned> Told<T> {
    /// What it says; `None` where that makes no sense.
    pub fn read(&self) -> Option<&T> {
        let read = || {
            let tree: serde_json::Value = serde_json::from_slice(&self.json).ok()?;
            serde_json::from_value(tree).ok().map(Box::new)
        };
        self.read.get_or_init(read).as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn it_is_known_once_somebody_has_read_it() {
        let told = Told::<Vec<u8>>::unread(b"[1,2]".to_vec());
        assert_eq!(told.known(), None);
        assert_eq!(told.read(), Some(&vec![1, 2]));
        assert_eq!(told.known(), Some(&vec![1, 2]));
        assert_eq!(Told::of(7).known(), Some(&7));
        let senseless = Told::<Vec<u8>>::unread(b"{".to_vec());
        assert_eq!((senseless.read(), senseless.known()), (None, None));
    }
}
