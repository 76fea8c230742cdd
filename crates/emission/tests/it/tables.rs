//! Tables: what is read, and the line that is said of what can't be.

use atalaya_emission::table::{candidates, readings, winds};
use std::io::{self, Read};

#[test]
fn readings_are_sorted_and_may_be_missing() {
    let csv = "sensor,t_s,ppm,e,n,u,e2,n2,u2,extra\nb,60,2.5,1,2,3,4,5,6,x\na,0,2,1,2,3,,,,\na,30,nan,1,2,3,,,,\na,31,,1,2,3\n";
    let (all, missing) = readings(csv.as_bytes()).unwrap();
    assert_eq!((all.len(), missing), (2, 2));
    assert_eq!((all[0].t_s, all[0].to), (0.0, None));
    assert_eq!(all[1].to.unwrap().z, 6.0);
}

#[test]
fn winds_have_what_is_known() {
    let csv = "t_s,wind_speed,wind_dir_from,sig_h,T\n0,3,90,,\n60,,90,,\n120,2,-90,5,280\n";
    let (all, missing) = winds(csv.as_bytes()).unwrap();
    assert_eq!((all.len(), missing), (2, 1));
    assert_eq!((all[0].sig_h, all[0].sig_v), (None, None));
    assert!((all[1].sig_h.unwrap().to_degrees() - 5.0).abs() < 1e-12);
    assert_eq!((all[0].kelvin, all[1].kelvin), (288.15, 280.0));
}

#[test]
fn what_is_wrong_is_said_with_line_column_and_remedy() {
    let obs = |row: &str| {
        let csv = format!("t_s,sensor,e,n,u,ppm\n0,a,1,2,3,2\n{row}\n");
        readings(csv.as_bytes()).unwrap_err().to_string()
    };
    let said = [
        (
            obs("0,a,x,2,3,2"),
            "line 3, column 'e': 'x' is not a number of metres",
        ),
        (obs("0,a,nan,2,3,2"), "line 3, column 'e': 'nan'"),
        (obs("0,a,1,2,3,inf"), "line 3, column 'ppm': 'inf'"),
        (obs("0,a,1,2,3,1e99"), "line 3, column 'ppm'"),
        (obs("noon,a,1,2,3,2"), "convert the time to seconds"),
        (obs("0,,1,2,3,2"), "column 'sensor': '' is not a name"),
        (obs("0"), "line 3, column 'sensor'"),
        (
            readings(&b"t_s,sensor\n"[..]).unwrap_err().to_string(),
            "there is no column 'ppm'; the header has: t_s, sensor",
        ),
        (
            readings(&b""[..]).unwrap_err().to_string(),
            "there is no column 't_s'",
        ),
        (
            readings(&b"t_s,sensor,e,n,u,ppm\n"[..])
                .unwrap_err()
                .to_string(),
            "no row below the header",
        ),
        (
            readings(&b"\xff\xfe\x00\n\xff\xff\xff\n"[..])
                .unwrap_err()
                .to_string(),
            "UTF-8",
        ),
        (
            winds(&b"t_s,wind_speed,wind_dir_from\n0,-1,0\n"[..])
                .unwrap_err()
                .to_string(),
            "column 'wind_speed': '-1'",
        ),
        (
            winds(&b"t_s,wind_speed,wind_dir_from,p\n0,1,0,101325\n"[..])
                .unwrap_err()
                .to_string(),
            "convert it to kilopascals",
        ),
        (
            candidates(&b"name,e,n\n,1,2\n"[..])
                .unwrap_err()
                .to_string(),
            "line 2, column 'name'",
        ),
    ];
    for (is, wanted) in said {
        assert!(is.contains(wanted), "{is}");
        assert!(!is.contains('\n'));
    }
}

#[test]
fn a_table_without_end_is_left() {
    struct Endless(bool);
    impl Read for Endless {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let row: &[u8] = if std::mem::take(&mut self.0) {
                b"t_s,sensor,e,n,u,ppm\n"
            } else {
                b"0,a,0,0,0,\n0,a,0,0,0,\n0,a,0,0,0,\n0,a,0,0,0,\n"
            };
            out[..row.len()].copy_from_slice(row);
            Ok(row.len())
        }
    }
    let said = readings(Endless(true)).unwrap_err().to_string();
    assert!(said.contains("more than 5000000 rows"), "{said}");
}
