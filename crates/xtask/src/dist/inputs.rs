//! Whether anything that a build reads has changed since the last one.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A hash over the names and contents of every file below `paths`, and `extra`. Files
/// that are not there count as absent.
pub(crate) fn hash(root: &Path, paths: &[&str], extra: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for path in paths {
        collect(&root.join(path), &mut files)?;
    }
    files.sort();
    let mut hasher = Sha256::new();
    let mut put = |bytes: &[u8]| {
        // Lengths keep `ab`+`c` and `a`+`bc` apart.
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for file in &files {
        let name = file.strip_prefix(root).unwrap_or(file);
        put(name.as_os_str().as_encoded_bytes());
        put(&fs::read(file).with_context(|| file.display().to_string())?);
    }
    for text in extra {
        put(text.as_bytes());
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_path_buf());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_noticed() {
        let dir = std::env::temp_dir().join(format!("linli-inputs-{}", std::process::id()));
        fs::create_dir_all(dir.join("a/b")).unwrap();
        fs::write(dir.join("a/one"), "1").unwrap();
        fs::write(dir.join("a/b/two"), "2").unwrap();
        let now = |extra: &str| hash(&dir, &["a", "absent"], &[extra]).unwrap();
        let first = now("");
        assert_eq!(now(""), first);
        assert_ne!(now("npm"), first);
        fs::write(dir.join("a/b/two"), "3").unwrap();
        let content = now("");
        assert_ne!(content, first);
        fs::rename(dir.join("a/one"), dir.join("a/uno")).unwrap();
        let name = now("");
        assert_ne!(name, content);
        fs::write(dir.join("absent"), "").unwrap();
        assert_ne!(now(""), name);
        fs::remove_dir_all(dir).unwrap();
    }
}
