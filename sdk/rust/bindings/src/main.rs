//! Writes `sdk/rust/src/bindings.rs` from `sdk/rust/wit`; its test says whether the file is what it would write.
//!
//! wit-bindgen's macro would do the same in each author's build, and take longer there than all the rest.

use anyhow::{Context, Result, anyhow};
use std::path::Path;
use wit_bindgen_core::wit_parser::Resolve;
use wit_bindgen_core::{Files, WorldGenerator};
use wit_bindgen_rust::Opts;

const WORLD: &str = "plexspaces:rust/actor";
const HEADER: &str = "// Generated from sdk/rust/wit by `cargo run -p bindings`: not to be edited.\n";
const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn main() -> Result<()> {
    let sdk = Path::new(SDK);
    std::fs::write(sdk.join("src/bindings.rs"), generate(&sdk.join("wit"))?).context("cannot write the bindings")
}

fn generate(wit: &Path) -> Result<String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit)?;
    let world = resolve.select_world(&[package], Some(WORLD))?;
    let options = Opts {
        format: true,
        generate_all: true,
        pub_export_macro: true,
        default_bindings_module: Some("plexspaces::component::bindings".to_owned()),
        ..Opts::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files)?;
    let (_, contents) = files.iter().next().ok_or_else(|| anyhow!("expected one file, found none"))?;
    Ok(format!("{HEADER}{}", std::str::from_utf8(contents)?))
}

#[cfg(test)]
mod tests {
    use super::{SDK, generate};
    use std::path::Path;

    #[test]
    fn the_bindings_are_what_the_wit_gives() {
        let found = std::fs::read_to_string(Path::new(SDK).join("src/bindings.rs")).unwrap();
        let expected = generate(&Path::new(SDK).join("wit")).unwrap();
        assert!(found == expected, "sdk/rust/src/bindings.rs: run `cargo run -p bindings`");
    }
}
