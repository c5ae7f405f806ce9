//! Builds again when a migration changes: they are inside the binary.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
