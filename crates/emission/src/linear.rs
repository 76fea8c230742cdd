//! The little linear algebra of symmetric matrices that sampling needs.

/// A symmetric matrix, row by row; of what is above the diagonal nothing is said.
#[derive(Clone, Debug)]
pub struct Square {
    /// Rows.
    pub n: usize,
    /// Elements.
    pub at: Vec<f64>,
}

impl Square {
    /// All zeros.
    pub fn zeros(n: usize) -> Self {
        Self {
            n,
            at: vec![0.0; n * n],
        }
    }

    /// Adds a multiple of a vector times itself, to the diagonal and below: no more of a symmetric matrix is read.
    pub fn add_outer(&mut self, v: &[f64], by: f64) {
        for (i, (row, a)) in self.at.chunks_exact_mut(self.n).zip(v).enumerate() {
            for (m, b) in row.iter_mut().zip(&v[..=i]) {
                *m += by * a * b;
            }
        }
    }

    /// The lower triangle whose product with its transpose is this matrix; none where it is not positive
    /// definite.
    pub fn cholesky(&self) -> Option<Self> {
        let n = self.n;
        let mut l = Self::zeros(n);
        for i in 0..n {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| l.at[i * n + k] * l.at[j * n + k]).sum();
                let left = self.at[i * n + j] - dot;
                l.at[i * n + j] = if i == j {
                    if left.is_nan() || left <= 0.0 {
                        return None;
                    }
                    left.sqrt()
                } else {
                    left / l.at[j * n + j]
                };
            }
        }
        Some(l)
    }

    /// With this as such a triangle: the triangle times a vector.
    pub fn lower_times(&self, v: &[f64]) -> Vec<f64> {
        let rows = self.at.chunks_exact(self.n).enumerate();
        rows.map(|(i, row)| row[..=i].iter().zip(v).map(|(a, b)| a * b).sum())
            .collect()
    }

    /// With this as such a triangle of a matrix: what the matrix takes to a vector.
    pub fn solve(&self, v: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x = v.to_vec();
        for i in 0..n {
            let dot: f64 = (0..i).map(|k| self.at[i * n + k] * x[k]).sum();
            x[i] = (x[i] - dot) / self.at[i * n + i];
        }
        for i in (0..n).rev() {
            let dot: f64 = (i + 1..n).map(|k| self.at[k * n + i] * x[k]).sum();
            x[i] = (x[i] - dot) / self.at[i * n + i];
        }
        x
    }

    /// With this as such a triangle of a matrix: the diagonal of the matrix's inverse.
    pub fn inverse_diagonal(&self) -> Vec<f64> {
        let n = self.n;
        let mut sums = vec![0.0; n];
        let mut column = vec![0.0; n];
        // Column by column of the triangle's inverse, whose squares add up along it.
        for j in 0..n {
            for i in j..n {
                let row = &self.at[i * n + j..i * n + i];
                let dot: f64 = row.iter().zip(&column[j..i]).map(|(a, b)| a * b).sum();
                let unit = f64::from(u8::from(i == j));
                column[i] = (unit - dot) / self.at[i * n + i];
                sums[j] += column[i] * column[i];
            }
        }
        sums
    }

    /// With this as such a triangle: the squared length of the triangle's inverse times a vector.
    pub fn whitened_square(&self, v: &[f64]) -> f64 {
        let mut x = vec![0.0; self.n];
        for i in 0..self.n {
            let row = &self.at[i * self.n..i * self.n + i];
            let dot: f64 = row.iter().zip(&x).map(|(a, b)| a * b).sum();
            x[i] = (v[i] - dot) / self.at[i * self.n + i];
        }
        x.iter().map(|x| x * x).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_is_the_root_of_its_matrix() {
        let m = Square {
            n: 3,
            at: vec![4.0, 2.0, 0.4, 2.0, 3.0, -0.5, 0.4, -0.5, 2.0],
        };
        let l = m.cholesky().unwrap();
        let mut back = Square::zeros(3);
        for k in 0..3 {
            back.add_outer(&[l.at[k], l.at[3 + k], l.at[6 + k]], 1.0);
        }
        let below = (0..3).flat_map(|i| (0..=i).map(move |j| 3 * i + j));
        assert!(
            below
                .into_iter()
                .all(|k| (back.at[k] - m.at[k]).abs() < 1e-12)
        );
        let v = [0.3, -1.0, 2.0];
        let there = l.lower_times(&v);
        assert!((l.whitened_square(&there) - 5.09).abs() < 1e-12);
        let x = l.solve(&[5.2, 0.5, 3.9]);
        let times = |i: usize| (0..3).map(|j| m.at[3 * i + j] * x[j]).sum::<f64>();
        assert!((times(0) - 5.2).abs() < 1e-12 && (times(2) - 3.9).abs() < 1e-12);
        for (i, d) in l.inverse_diagonal().iter().enumerate() {
            let unit: Vec<f64> = (0..3).map(|j| f64::from(u8::from(i == j))).collect();
            assert!((d - l.solve(&unit)[i]).abs() < 1e-12);
        }
        let mut flat = Square::zeros(2);
        flat.add_outer(&[1.0, 2.0], 1.0);
        flat.add_outer(&[1.0, 0.0], -2.0);
        assert!(flat.cholesky().is_none());
    }
}
