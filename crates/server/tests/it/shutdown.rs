//! How a server ends when it is asked to, and what keeps it from starting.

use crate::program::Installation;

#[test]
fn a_server_that_is_asked_to_stop_ends_well() {
    let here = Installation::sqlite();
    for signal in ["TERM", "INT"] {
        assert_eq!(here.serve(&["--demo"]).signal(signal), Some(0));
    }
    assert!(!here.data().join("clinichub.db-wal").exists(), "the database was closed");
}

#[test]
fn one_server_a_folder() {
    let here = Installation::sqlite();
    let _first = here.serve(&["--demo"]);
    here.run(&["serve", "--demo", "--listen", "127.0.0.1:0"]).failed(3, "in use by process");
}

#[test]
fn a_port_that_is_taken_is_said() {
    let (here, there) = (Installation::sqlite(), Installation::sqlite());
    let first = here.serve(&["--demo"]);
    there.run(&["serve", "--demo", "--listen", &first.address]).failed(1, "another program has the port");
}
