//! The reference of a world that has been written without one: `reference SEED FILE`. Prints what its
//! operation needs of it.

use atalaya_sim::{REFERENCE_SIGMA_M, World, WorldOptions, reference_error_m, write_reference};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, seed, file] = &args[..] else {
        return Err("usage: reference SEED FILE".into());
    };
    let seed = seed.parse()?;
    let world = World::compound(seed, &WorldOptions::default());
    write_reference(&world, Path::new(file))?;
    eprintln!("{:.3?} m beside its place", reference_error_m(seed));
    println!("[site.reference]\nimage = \"{file}\"\nsigma_m = {REFERENCE_SIGMA_M}");
    Ok(())
}
