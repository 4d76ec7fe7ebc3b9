//! A full disk: a clear error, reads go on, nothing half done, and all is well again once there is space.

use kernel::Seq;
use store::*;

use crate::samples::{append_now, chunk, effect, open, room, user};
use crate::vfs::Disk;

#[test]
fn a_full_disk_is_its_own_error_and_passes() {
    let disk = Disk::new();
    let dir = tempfile::tempdir().unwrap();
    let options = || Options { vfs: Some(disk.name().to_owned()), ..Options::default() };
    let store = Store::open(dir.path(), options()).unwrap();
    assert!(matches!(*store.write_now(open(room(1), Some(user(1)), true)).unwrap(), OpenedRoom::Opened(_)));
    disk.leave_room(Some(100_000));
    let mut seq = 3;
    let failed = loop {
        let mut next = RoomAppend { body: vec![1; 10_000], ..chunk(room(1), 1, seq, seq) };
        next.effects = vec![effect(seq, 0, user(1), 1, false)];
        match append_now(&store, vec![next]).remove(0) {
            Ok(receipt) => assert_eq!(receipt.last_seq, Seq(seq)),
            Err(error) => break error,
        }
        seq += 1;
        assert!(seq < 100, "the disk never was full");
    };
    assert_eq!(failed, AppendError::Store(StoreError::Full));
    assert!(seq > 4, "the disk was full from the start");
    let head = || store.read_now(LogHead { room: room(1) }).unwrap().unwrap().0;
    let coins = || store.read_now(WalletGet { user: user(1) }).unwrap()[0].amount.cast_unsigned();
    assert_eq!((head(), coins()), (Seq(seq - 1), seq - 3));
    // Another kind of write, larger than any of SQLite's own reserves, more than once.
    for _ in 0..3 {
        let body = vec![2; 60_000];
        let put = ContentPut { rules: "farm".into(), hash: vec![1], body, at_ms: 1 };
        assert_eq!(store.write_now(put), Err(StoreError::Full));
    }
    assert_eq!((head(), coins()), (Seq(seq - 1), seq - 3));
    disk.leave_room(None);
    assert!(append_now(&store, vec![chunk(room(1), 1, seq, seq)])[0].is_ok());
    assert_eq!(head(), Seq(seq));
    store.close();
    drop(store);
    let store = Store::open(dir.path(), options()).unwrap();
    let page = store.read_now(LoadLog { room: room(1), after: Seq(0), bytes_max: 1 << 30 }).unwrap();
    assert_eq!(page.chunks.len() as u64, seq - 1);
}
