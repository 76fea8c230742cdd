//! The relieving aircraft: its plan, its upload and start, by commands of this program; and the simulated
//! aircraft that is told.

use anyhow::{Context as _, Result, bail};
use atalaya_model::Operation;
use atalaya_model::operation::AircraftConfig;
use atalaya_sim::{Autopilot, fly_on_udp};
use serde_json::Value;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The aircraft's name, and its MAVLink number.
const NAME: &str = "relief";
const SYSTEM: u8 = 2;
/// Home lies so far south and west of the site, metres.
const AWAY_M: f64 = 620.0;
/// Half the side of the approved approach, metres.
const APPROACH_M: f64 = 1500.0;
/// How long loading and starting may take.
const PATIENCE: Duration = Duration::from_secs(60);
const METRES_A_DEGREE: f64 = 111_320.0;

/// The relieving aircraft and its papers.
pub struct Sky {
    dir: PathBuf,
    operation: PathBuf,
    store: PathBuf,
    home: [f64; 2],
    ground_m: f64,
    socket: UdpSocket,
    telemetry: SocketAddr,
    aircraft: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
    following: Option<Child>,
}

impl Sky {
    /// Writes the aircraft's document and puts the simulated aircraft at its home. `operation` is the
    /// document that is planned for, `store` the folder of the store whose log says what was done.
    pub fn open(dir: &Path, operation: &Path, read: &Operation, store: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir)
            .with_context(|| format!("can't make the folder {}", dir.display()))?;
        let area = &read.authority.area;
        let count = area.len().max(1) as f64;
        let sum = area
            .iter()
            .fold([0.0, 0.0], |s, p| [s[0] + p[0], s[1] + p[1]]);
        let centre = [sum[0] / count, sum[1] / count];
        let [lon, lat] = [
            1.0 / (METRES_A_DEGREE * centre[1].to_radians().cos()),
            1.0 / METRES_A_DEGREE,
        ];
        let home = [centre[0] - AWAY_M * lon, centre[1] - AWAY_M * lat];
        let ground_m = read.site.ground_m.unwrap_or_default();
        let (w, s) = (centre[0] - APPROACH_M * lon, centre[1] - APPROACH_M * lat);
        let (e, n) = (centre[0] + APPROACH_M * lon, centre[1] + APPROACH_M * lat);
        let document = format!(
            r#"# The simulated aircraft that relieves the one on station, 50 m above it.
schema = "aircraft/1"
name = "SIMULATED: relief"
cruise_m_s = 20.0
min_m_s = 12.0
bank_limit_deg = 35.0
climb_m_s = 5.0
sink_m_s = 4.0
endurance_s = 7200.0
reserve_s = 900.0
ceiling_m = {:.1}

[sensor]
fov_deg = 28.0
pixels = 1280

[plan]
home = [{:.7}, {:.7}]
ground_m = {ground_m:.1}
standoff_m = 60.0
max_slant_m = 900.0
look_down_deg = [15.0, 85.0]
above_site_m = [360.0, 380.0]

[[plan.approach]]
name = "SIMULATED approach"
polygon = [[{w:.7}, {s:.7}], [{e:.7}, {s:.7}], [{e:.7}, {n:.7}], [{w:.7}, {n:.7}]]
"#,
            ground_m + 1000.0,
            home[0],
            home[1],
        );
        let path = dir.join("aircraft.toml");
        std::fs::write(&path, document)
            .with_context(|| format!("can't write {}", path.display()))?;
        let socket = UdpSocket::bind("127.0.0.1:0").context("can't open a socket")?;
        // A free port, for the feed that listens to the aircraft.
        let telemetry = UdpSocket::bind("127.0.0.1:0")
            .and_then(|s| s.local_addr())
            .context("can't open a socket")?;
        let mut sky = Self {
            dir: dir.to_owned(),
            operation: operation.to_owned(),
            store: store.to_owned(),
            home,
            ground_m,
            socket,
            telemetry,
            aircraft: None,
            following: None,
        };
        sky.at_home()?;
        Ok(sky)
    }

    /// What the operation says of the aircraft.
    pub fn config(&self) -> AircraftConfig {
        AircraftConfig {
            id: NAME.into(),
            link: format!("udpin:{}", self.telemetry),
            system: Some(SYSTEM),
            sign_key: None,
            plan: Some(self.plan_path()),
        }
    }

    fn plan_path(&self) -> PathBuf {
        self.dir.join("relief.plan")
    }

    /// The aircraft stands at home, unloaded, and nothing is planned.
    pub fn at_home(&mut self) -> Result<()> {
        self.close();
        for file in ["relief.plan", "relief.plan.certificate.json"] {
            std::fs::remove_file(self.dir.join(file)).ok();
        }
        let stop = Arc::new(AtomicBool::new(false));
        let socket = self.socket.try_clone().context("can't open a socket")?;
        let autopilot = Autopilot::new(SYSTEM, self.home, self.ground_m);
        let (until, also) = (stop.clone(), [self.telemetry]);
        let flying = std::thread::spawn(move || {
            if let Err(e) = fly_on_udp(autopilot, &socket, &also, &until) {
                tracing::warn!("{e}");
            }
        });
        self.aircraft = Some((stop, flying));
        Ok(())
    }

    /// Ends what runs.
    pub fn close(&mut self) {
        if let Some(mut child) = self.following.take() {
            child.kill().ok();
            child.wait().ok();
        }
        if let Some((stop, flying)) = self.aircraft.take() {
            stop.store(true, Ordering::Relaxed);
            flying.join().ok();
        }
    }

    /// `atalaya plan`: gives the certificate.
    pub fn plan(&self) -> Result<Value> {
        let made = program()?
            .arg("plan")
            .arg(&self.operation)
            .arg("--aircraft")
            .arg(self.dir.join("aircraft.toml"))
            .arg("--out")
            .arg(self.plan_path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output()
            .context("can't start atalaya plan")?;
        if !made.status.success() {
            bail!("{}", last_line(&made.stderr));
        }
        let path = self.dir.join("relief.plan.certificate.json");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("can't read {}", path.display()))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// `atalaya fly`: uploads, reads back and compares, starts on the word of `by`, and follows from then
    /// on. Gives the record's line of the start.
    pub fn fly(&mut self, by: &str) -> Result<Value> {
        let to = self.socket.local_addr().context("the aircraft has gone")?;
        let record = self.dir.join("relief.plan.acts.jsonl");
        std::fs::remove_file(&record).ok();
        let said = self.dir.join("fly.log");
        let log = std::fs::File::create(&said)
            .with_context(|| format!("can't write {}", said.display()))?;
        let mut child = program()?
            .arg("fly")
            .arg(self.plan_path())
            .args(["--link", &format!("udpout:{to}"), "--start"])
            .args(["--confirmed-by", by, "--store"])
            .arg(&self.store)
            .arg("--out")
            .arg(self.dir.join("telemetry.jsonl"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("can't start atalaya fly")?;
        let began = Instant::now();
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let written = std::fs::read_to_string(&record).unwrap_or_default();
            let started = written
                .lines()
                .filter_map(|l| serde_json::from_str::<Value>(l).ok())
                .find(|v| v["act"] == "start" && v["ok"] == true);
            if let Some(line) = started {
                self.following = Some(child);
                return Ok(line);
            }
            let ended = child.try_wait().ok().flatten().is_some();
            if ended || began.elapsed() > PATIENCE {
                child.kill().ok();
                child.wait().ok();
                let text = std::fs::read(&said).unwrap_or_default();
                bail!("{}", last_line(&text));
            }
        }
    }
}

impl Drop for Sky {
    fn drop(&mut self) {
        self.close();
    }
}

fn program() -> Result<Command> {
    let path = std::env::current_exe().context("can't find this program")?;
    Ok(Command::new(path))
}

fn last_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().last().unwrap_or("it said nothing");
    line.trim_start_matches("atalaya: ").to_owned()
}
