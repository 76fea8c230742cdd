//! Gases by name.

/// A gas whose molar mass is known, so that parts per million can be turned into mass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gas {
    /// The formula in lower case.
    pub name: &'static str,
    milligrams_per_mol: u32,
}

/// Molar masses from the standard atomic weights (IUPAC 2021), mg/mol.
const GASES: [(&str, u32); 13] = [
    ("ch4", 16_043),
    ("nh3", 17_031),
    ("co", 28_010),
    ("c2h4", 28_054),
    ("c2h6", 30_070),
    ("h2s", 34_080),
    ("co2", 44_009),
    ("c3h8", 44_097),
    ("c2h4o", 44_053),
    ("c3h6o", 58_080),
    ("so2", 64_060),
    ("c6h6", 78_114),
    ("c7h8", 92_141),
];

impl Gas {
    /// Methane.
    pub const METHANE: Self = Self {
        name: GASES[0].0,
        milligrams_per_mol: GASES[0].1,
    };

    /// A gas by its formula, in any case.
    pub fn by_name(name: &str) -> Option<Self> {
        let wanted = name.trim().to_ascii_lowercase();
        GASES
            .iter()
            .find(|(n, _)| *n == wanted)
            .map(|&(name, milligrams_per_mol)| Self {
                name,
                milligrams_per_mol,
            })
    }

    /// The names that [`Gas::by_name`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        GASES.iter().map(|(n, _)| *n)
    }

    /// Parts per million by volume that one kg/m³ of it is in air of so many kelvin and kilopascals
    /// (ideal gas).
    pub fn ppm_per_kg_m3(&self, kelvin: f64, kilopascal: f64) -> f64 {
        const R: f64 = 8.314_462_618;
        let kg_per_mol = f64::from(self.milligrams_per_mol) * 1e-6;
        1e6 * R * kelvin / (kilopascal * 1e3 * kg_per_mol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methane_weighs_two_thirds_of_a_kilogram_a_cubic_metre() {
        // 0.668 kg/m³ at 20 °C and one atmosphere.
        let ppm = Gas::METHANE.ppm_per_kg_m3(293.15, 101.325);
        assert!((1e6 / ppm - 0.667).abs() < 0.002, "{ppm}");
        assert_eq!(Gas::by_name(" CH4 "), Some(Gas::METHANE));
        assert_eq!(Gas::by_name("xx"), None);
    }
}
