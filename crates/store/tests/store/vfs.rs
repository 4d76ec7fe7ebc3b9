//! A disk whose power can be cut and which can be full: a layer under SQLite that hands everything on to the real
//! file system and remembers, for each file, what has been synced and what was only written.
//!
//! A cut keeps what was synced. Of the rest it keeps nothing, or any sectors: a disk writes in the order it likes.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use rusqlite::ffi;

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// The files of a directory as a cut leaves them, by name.
pub type Image = BTreeMap<String, Vec<u8>>;

enum Step {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Default)]
struct Contents {
    /// Missing until it was synced once: its name may not be on the disk before.
    synced: Option<Vec<u8>>,
    written: Vec<Step>,
    bytes: usize,
}

/// Which of the unsynced steps a cut keeps.
#[derive(Clone, Copy)]
pub enum Keep {
    Nothing,
    /// Each sector with an even chance, from this seed.
    Some(u64),
}

impl Contents {
    fn cut(&self, keep: Keep) -> Option<Vec<u8>> {
        let Keep::Some(seed) = keep else { return self.synced.clone() };
        let mut state = seed;
        let mut kept = || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (mixed ^ (mixed >> 31)) & 2 == 0
        };
        if self.synced.is_none() && !kept() {
            return None;
        }
        let mut bytes = self.synced.clone().unwrap_or_default();
        for step in &self.written {
            match step {
                Step::Write(offset, data) => {
                    let mut at = *offset;
                    for piece in data.chunks(SECTOR_BYTES) {
                        if kept() {
                            put(&mut bytes, at, piece);
                        }
                        at += piece.len();
                    }
                }
                Step::Truncate(size) if kept() => bytes.resize(*size, 0),
                Step::Truncate(_) => {}
            }
        }
        Some(bytes)
    }

    fn sync(&mut self) {
        let bytes = self.synced.get_or_insert_default();
        for step in self.written.drain(..) {
            match step {
                Step::Write(offset, data) => put(bytes, offset, &data),
                Step::Truncate(size) => bytes.resize(size, 0),
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if bytes.len() < offset + data.len() {
        bytes.resize(offset + data.len(), 0);
    }
    bytes[offset..offset + data.len()].copy_from_slice(data);
}

type AtSync = Box<dyn FnMut(&Files) + Send>;

/// Every file under a disk.
#[derive(Default)]
pub struct Files(BTreeMap<String, Contents>);

impl Files {
    pub fn cut(&self, keep: Keep) -> Image {
        let files = self.0.iter().filter_map(|(name, contents)| Some((name.clone(), contents.cut(keep)?)));
        files.collect()
    }

    pub fn bytes(&self) -> usize {
        self.0.values().map(|contents| contents.bytes).sum()
    }
}

/// A disk. It lives until the process ends, because SQLite may keep its address.
pub struct Disk {
    name: String,
    real: *mut ffi::sqlite3_vfs,
    files: Mutex<Files>,
    at_sync: Mutex<Option<AtSync>>,
    /// Files may not grow beyond this in sum.
    capacity: AtomicU64,
}

// SAFETY: `real` points to SQLite's built-in layer, which is never changed or freed and may be used by any thread.
unsafe impl Send for Disk {}
// SAFETY: as above; everything else is behind a mutex or atomic.
unsafe impl Sync for Disk {}

impl Disk {
    /// Registers a new disk with SQLite.
    pub fn new() -> &'static Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("test-disk-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let c_name = CString::new(name.as_str()).unwrap();
        // SAFETY: a null name asks for the default layer, which lives as long as the process.
        let real = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        assert!(!real.is_null());
        let disk: &'static Disk = Box::leak(Box::new(Disk {
            name,
            real,
            files: Mutex::default(),
            at_sync: Mutex::default(),
            capacity: AtomicU64::new(u64::MAX),
        }));
        // SAFETY: `real` is valid, and the struct is plain data. The functions that we keep ignore which layer they
        // are called on; those that do not are replaced.
        let mut vfs = unsafe { ptr::read(real) };
        vfs.zName = c_name.into_raw();
        vfs.pNext = ptr::null_mut();
        vfs.pAppData = ptr::from_ref(disk).cast_mut().cast();
        vfs.szOsFile += c_int::try_from(size_of::<Shim>()).unwrap();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        // SAFETY: the struct and its name are leaked, so they outlive every use.
        let registered = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 0) };
        assert_eq!(registered, ffi::SQLITE_OK);
        disk
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap()
    }

    /// Called before and after each sync.
    pub fn at_sync(&self, look: impl FnMut(&Files) + Send + 'static) {
        *self.at_sync.lock().unwrap() = Some(Box::new(look));
    }

    /// From now on the files may grow by so many bytes in sum.
    pub fn leave_room(&self, bytes: Option<usize>) {
        let capacity = bytes.map_or(u64::MAX, |bytes| (self.files().bytes() + bytes) as u64);
        self.capacity.store(capacity, Ordering::Relaxed);
    }

    fn look(&self, files: &Files) {
        if let Some(look) = self.at_sync.lock().unwrap().as_mut() {
            look(files);
        }
    }
}

/// Writes what a cut left into a directory.
pub fn restore(image: &Image, dir: &Path) {
    for (name, bytes) in image {
        std::fs::write(dir.join(name), bytes).unwrap();
    }
}

/// What SQLite holds for an open file; the real layer's own struct lies right behind it.
#[repr(C)]
struct Shim {
    base: ffi::sqlite3_file,
    disk: *const Disk,
    name: *mut String,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

// SAFETY of all functions below: SQLite calls them with a file that `open` set up: a `Shim`, with the real file right
// behind it (SQLite allocated `szOsFile` bytes for both), whose `disk` is leaked and whose `name` lives until `close`.
// A method of the real file is called with the real file, as SQLite itself would.

unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    unsafe { file.cast::<u8>().add(size_of::<Shim>()).cast() }
}

macro_rules! hand_on {
    ($file:ident . $method:ident ($($argument:expr),*)) => {{
        let real = unsafe { real($file) };
        let method = unsafe { (*(*real).pMethods).$method };
        unsafe { method.expect("the real layer has it")(real $(, $argument)*) }
    }};
}

unsafe fn parts<'a>(file: *mut ffi::sqlite3_file) -> (&'a Disk, Option<&'a String>) {
    let shim = file.cast::<Shim>();
    unsafe { (&*(*shim).disk, (*shim).name.as_ref()) }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let shim = file.cast::<Shim>();
    unsafe {
        let disk: *const Disk = (*vfs).pAppData.cast_const().cast();
        (*shim).base.pMethods = ptr::null();
        (*shim).disk = disk;
        (*shim).name = ptr::null_mut();
        (*real(file)).pMethods = ptr::null();
        let below = (*disk).real;
        let result = (*below).xOpen.expect("the real layer opens")(below, path, real(file), flags, out_flags);
        if result != ffi::SQLITE_OK {
            return result;
        }
        // Files without a name are temporary: nobody expects them after a cut.
        if !path.is_null() {
            let name = base_name(path);
            (*disk).files().0.entry(name.clone()).or_default();
            (*shim).name = Box::into_raw(Box::new(name));
        }
        (*shim).base.pMethods = &raw const METHODS;
    }
    ffi::SQLITE_OK
}

unsafe fn base_name(path: *const c_char) -> String {
    let path = unsafe { CStr::from_ptr(path) }.to_str().expect("test paths are UTF-8");
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, path: *const c_char, sync: c_int) -> c_int {
    unsafe {
        let disk = &*(*vfs).pAppData.cast_const().cast::<Disk>();
        disk.files().0.remove(&base_name(path));
        (*disk.real).xDelete.expect("the real layer deletes")(disk.real, path, sync)
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let result = hand_on!(file.xClose());
    let shim = file.cast::<Shim>();
    unsafe {
        if !(*shim).name.is_null() {
            drop(Box::from_raw((*shim).name));
            (*shim).name = ptr::null_mut();
        }
    }
    result
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    hand_on!(file.xRead(into, count, offset))
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (disk, name) = unsafe { parts(file) };
    if let Some(name) = name {
        let (count, offset) = (usize::try_from(count).unwrap(), usize::try_from(offset).unwrap());
        // SAFETY: SQLite hands over `count` readable bytes.
        let data = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), count) };
        let mut files = disk.files();
        let bytes = files.bytes();
        let contents = files.0.entry(name.clone()).or_default();
        let grows = (offset + count).saturating_sub(contents.bytes);
        if grows > 0 && (bytes + grows) as u64 > disk.capacity.load(Ordering::Relaxed) {
            return ffi::SQLITE_FULL;
        }
        contents.bytes += grows;
        contents.written.push(Step::Write(offset, data.to_vec()));
    }
    hand_on!(file.xWrite(from, count, offset))
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    let (disk, name) = unsafe { parts(file) };
    if let Some(name) = name {
        let size = usize::try_from(size).unwrap();
        let mut files = disk.files();
        let contents = files.0.entry(name.clone()).or_default();
        contents.bytes = size;
        contents.written.push(Step::Truncate(size));
    }
    hand_on!(file.xTruncate(size))
}

/// The real disk is not asked to sync: what this one remembers is what counts, and the tests are quick.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    let (disk, name) = unsafe { parts(file) };
    if let Some(name) = name {
        let mut files = disk.files();
        disk.look(&files);
        files.0.entry(name.clone()).or_default().sync();
        disk.look(&files);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut ffi::sqlite3_int64) -> c_int {
    hand_on!(file.xFileSize(size))
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    hand_on!(file.xLock(level))
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    hand_on!(file.xUnlock(level))
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    hand_on!(file.xCheckReservedLock(out))
}

unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, code: c_int, argument: *mut c_void) -> c_int {
    hand_on!(file.xFileControl(code, argument))
}

unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    hand_on!(file.xSectorSize())
}

unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    hand_on!(file.xDeviceCharacteristics())
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    hand_on!(file.xShmMap(page, size, extend, out))
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    hand_on!(file.xShmLock(offset, count, flags))
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    hand_on!(file.xShmBarrier());
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    hand_on!(file.xShmUnmap(delete))
}
