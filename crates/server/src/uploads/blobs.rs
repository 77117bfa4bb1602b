//! Where uploaded bytes lie: under the community and their SHA-256, written whole or not
//! at all. Which of them are still wanted is told by rows, not here.

use crate::files;
use crate::seal::{self, hex};
use crate::store::Failure;
use std::fs::{self, File, OpenOptions};
use std::future::Future;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

/// What every method answers.
pub type BlobFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Names a blob.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobName {
    /// The community; nothing is shared between two.
    pub community: String,
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
}

impl BlobName {
    /// `community/ab/cdef…`: no folder grows too large to list.
    pub fn path(&self) -> String {
        let hash = hex(&self.hash);
        format!("{}/{}/{}", self.community, &hash[..2], &hash[2..])
    }
}

/// Keeps bytes.
pub trait BlobStore: Send + Sync {
    /// Keeps `bytes`; they are durable when it resolves. Keeping them again does nothing.
    fn put(&self, name: BlobName, bytes: Vec<u8>) -> BlobFuture<'_, ()>;

    /// The bytes, if they are there and still have their hash.
    fn get(&self, name: BlobName) -> BlobFuture<'_, Option<Vec<u8>>>;

    /// Forgets them. What is not there is forgotten already.
    fn delete(&self, name: BlobName) -> BlobFuture<'_, ()>;
}

/// Blobs as files of a folder.
pub struct LocalBlobs {
    folder: PathBuf,
}

/// Where files are written before they are renamed into place. No community is called so.
const BESIDE: &str = ".new";
/// What a process that ended left there is cleared when it is this old. Other servers may
/// be writing to the same folder.
const LEFT_BEHIND: Duration = Duration::from_secs(3_600);

impl LocalBlobs {
    /// In `folder`, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        if let Err(error) = clear(&folder.join(BESIDE)) {
            tracing::warn!(%error, "files that were not finished stay in uploads/.new");
        }
        Self { folder }
    }

    fn path(&self, name: &BlobName) -> PathBuf {
        self.folder.join(name.path())
    }
}

impl BlobStore for LocalBlobs {
    fn put(&self, name: BlobName, bytes: Vec<u8>) -> BlobFuture<'_, ()> {
        let (path, beside) = (self.path(&name), self.folder.join(BESIDE));
        Box::pin(off_the_threads(move || write(&path, &beside, &bytes)))
    }

    fn get(&self, name: BlobName) -> BlobFuture<'_, Option<Vec<u8>>> {
        let path = self.path(&name);
        Box::pin(async move {
            let read = off_the_threads(move || match fs::read(&path) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            });
            whole(&name, read.await?)
        })
    }

    fn delete(&self, name: BlobName) -> BlobFuture<'_, ()> {
        let path = self.path(&name);
        Box::pin(off_the_threads(move || match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }))
    }
}

/// Bytes that are not what they were are a fault: better none than others.
pub(super) fn whole(name: &BlobName, bytes: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Failure> {
    use sha2::{Digest, Sha256};
    match bytes {
        Some(bytes) if Sha256::digest(&bytes)[..] != name.hash => {
            Err(Failure::Fault(format!("{} has other bytes", name.path())))
        }
        other => Ok(other),
    }
}

/// Whole or not at all, and synced: written beside, then renamed into place.
fn write(path: &Path, beside: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if fs::metadata(path).is_ok_and(|known| known.len() == bytes.len() as u64) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let fresh = !folder.exists();
    files::create_private_dir(folder)?;
    files::create_private_dir(beside)?;
    let beside = beside.join(hex(&seal::chance::<16>()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = (|| {
        let mut file = options.open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    // New folders are entries of theirs: of two levels above at most.
    for above in folder.ancestors().skip(1).take(if fresh { 3 } else { 0 }) {
        File::open(above)?.sync_all()?;
    }
    Ok(())
}

/// Removes what is left of files that were never finished.
fn clear(folder: &Path) -> std::io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > LEFT_BEHIND {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

pub(super) async fn off_the_threads<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| Failure::Fault(format!("uploads: {error}")))?;
    done.map_err(|error| Failure::Fault(format!("uploads: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn name(bytes: &[u8]) -> BlobName {
        BlobName {
            community: "jiangpan".to_owned(),
            hash: Sha256::digest(bytes).into(),
        }
    }

    #[tokio::test]
    async fn files_are_whole_private_and_under_their_hash() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = LocalBlobs::new(dir.path().join("uploads"));
        let name = name(b"hello");
        assert_eq!(blobs.get(name.clone()).await.unwrap(), None);
        for _ in 0..2 {
            blobs.put(name.clone(), b"hello".to_vec()).await.unwrap();
        }
        let file = dir.path().join("uploads").join(name.path());
        assert!(
            name.path().starts_with("jiangpan/2c/f24dba"),
            "{}",
            name.path()
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
        assert_eq!(blobs.get(name.clone()).await.unwrap().unwrap(), b"hello");
        // What an earlier process did not finish goes; what another just writes stays.
        let beside = dir.path().join("uploads/.new");
        assert_eq!(fs::read_dir(&beside).unwrap().count(), 0);
        for (name, age_s) in [("old", 7_200), ("young", 60)] {
            fs::write(beside.join(name), b"x").unwrap();
            let at = std::time::SystemTime::now() - Duration::from_secs(age_s);
            let file = File::options().write(true).open(beside.join(name)).unwrap();
            file.set_modified(at).unwrap();
        }
        LocalBlobs::new(dir.path().join("uploads"));
        assert!(!beside.join("old").exists() && beside.join("young").exists());
        fs::write(&file, b"hallo").unwrap();
        assert!(blobs.get(name.clone()).await.is_err(), "others' bytes");
        for _ in 0..2 {
            blobs.delete(name.clone()).await.unwrap();
        }
        assert_eq!(blobs.get(name).await.unwrap(), None);
    }
}
