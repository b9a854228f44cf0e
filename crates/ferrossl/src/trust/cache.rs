//! Bundle files that this process has parsed before, found again by the identity of the file.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::bundle::Bundle;
use crate::error::{AtPath, Result};
use crate::sync;

/// How many files are remembered. A process that loads more different ones parses the oldest again.
const CAPACITY: usize = 32;

/// What must be unchanged for a parsed file to be used again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    path: PathBuf,
    device_and_inode: (u64, u64),
    size: u64,
    modified: Option<SystemTime>,
    /// When anything about the file has changed last, in seconds and nanoseconds. Unlike the time of its last
    /// modification, programs cannot set it. Only Unix has it.
    changed: (i64, i64),
}

impl Identity {
    fn new(path: &Path, metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let (device_and_inode, changed) = {
            use std::os::unix::fs::MetadataExt;
            ((metadata.dev(), metadata.ino()), (metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (device_and_inode, changed) = ((0, 0), (0, 0));
        Self {
            path: path.to_owned(),
            device_and_inode,
            size: metadata.len(),
            modified: metadata.modified().ok(),
            changed,
        }
    }
}

/// Most recently loaded last.
static FILES: Mutex<Vec<(Identity, Arc<Bundle>)>> = Mutex::new(Vec::new());

/// The certificates of a PEM file: from memory when the file is the one that was parsed before.
///
/// # Errors
///
/// [`crate::Error::File`] when the file cannot be read, else those of [`Bundle::from_pem_file`].
pub(super) fn load(path: &Path) -> Result<Arc<Bundle>> {
    let identity = Identity::new(path, &fs::metadata(path).at(path)?);
    if let Some(bundle) = find(&identity) {
        return Ok(bundle);
    }
    // Nothing is locked while the file is read and parsed: two threads may do the same work once.
    let bundle = Arc::new(Bundle::from_pem_file(&fs::read(path).at(path)?)?);
    let mut files = sync::lock(&FILES);
    files.retain(|(known, _)| known.path != identity.path);
    if files.len() == CAPACITY {
        files.remove(0);
    }
    files.push((identity, Arc::clone(&bundle)));
    Ok(bundle)
}

fn find(identity: &Identity) -> Option<Arc<Bundle>> {
    let files = sync::lock(&FILES);
    files.iter().find(|(known, _)| known == identity).map(|(_, bundle)| Arc::clone(bundle))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_written_anew_is_another_file_whatever_its_times_say() {
        let path = std::env::temp_dir().join(format!("ferrossl-identity-{}", std::process::id()));
        let certificate =
            |name: &str| rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap().cert.pem();
        // Of one length, so that neither size nor time of modification show the change.
        let (mut one, mut other) = (certificate("one.test"), certificate("two.test"));
        while one.len() != other.len() {
            (one, other) = (certificate("one.test"), certificate("two.test"));
        }
        fs::write(&path, &one).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let first = load(&path).unwrap();
        assert!(Arc::ptr_eq(&first, &load(&path).unwrap()));
        // The clock of the file system may stand still for a moment.
        let before = Identity::new(&path, &fs::metadata(&path).unwrap());
        while Identity::new(&path, &fs::metadata(&path).unwrap()) == before {
            fs::write(&path, &other).unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        }
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
        let second = load(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_ne!(first.certificates(), second.certificates());
    }
}
