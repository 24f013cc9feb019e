//! How does the code reach the embedded files? Through `console.rs` in the output folder, written here.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Copies the bundle into `out`, so that the compiler finds it there later, and lists it beside the recipes.
pub fn write(bundle: Option<&Path>, recipes: &Path, out: &Path) -> io::Result<()> {
    let mut code = String::from("// Written by build.rs.\n");
    match bundle {
        Some(bundle) => list_bundle(bundle, out, &mut code)?,
        None => code.push_str(
            "pub(super) static INDEX: Option<&str> = None;\npub(super) static ASSETS: &[Asset] = &[];\n",
        ),
    }
    list_recipes(recipes, &mut code)?;
    fs::write(out.join("console.rs"), code)
}

fn list_bundle(bundle: &Path, out: &Path, code: &mut String) -> io::Result<()> {
    // Not `console`: without a tagged target folder above, bundles are made in a folder of that name here.
    let copy = out.join("embedded");
    match fs::remove_dir_all(&copy) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
        _ => fs::create_dir_all(&copy)?,
    }
    fs::copy(bundle.join("index.html"), copy.join("index.html"))?;
    code.push_str(
        "pub(super) static INDEX: Option<&str> = Some(include_str!(concat!(env!(\"OUT_DIR\"), \"/embedded/index.html\")));\n\
         pub(super) static ASSETS: &[Asset] = &[\n",
    );
    for file in names(&bundle.join("assets"), ".gz")? {
        fs::copy(bundle.join("assets").join(&file), copy.join(&file))?;
        let name = file.trim_end_matches(".gz");
        let _ = writeln!(
            code,
            "    Asset {{ name: {name:?}, gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/embedded/{file}\")) }},"
        );
    }
    code.push_str("];\n");
    Ok(())
}

fn list_recipes(recipes: &Path, code: &mut String) -> io::Result<()> {
    let include = |file: &str| {
        format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../console/recipes/{file}\"))")
    };
    code.push_str("pub(super) static RECIPES: &[Source] = &[\n");
    for file in names(recipes, ".graphql")? {
        let name = file.trim_end_matches(".graphql");
        let variables = format!("{name}.json");
        let variables =
            if recipes.join(&variables).is_file() { include(&variables) } else { String::from("\"{}\"") };
        let _ = writeln!(
            code,
            "    Source {{ name: {name:?}, operation: {}, variables: {variables} }},",
            include(&file)
        );
    }
    code.push_str("];\n");
    Ok(())
}

/// The files of a folder with this ending, in order; none when there is no such folder.
fn names(folder: &Path, ending: &str) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(ending) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
