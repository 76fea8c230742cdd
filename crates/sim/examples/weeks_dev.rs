use atalaya_sim::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let w = Weeks::new(WeeksOptions {
        seed: a[1].parse().unwrap(),
        days: a[2].parse().unwrap(),
    });
    write_weeks(&w, std::path::Path::new(&a[3]), |_| ()).unwrap();
}
