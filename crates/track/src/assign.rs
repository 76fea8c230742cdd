//! Least-cost assignment (Kuhn 1955; the shortest-augmenting-path form of Jonker & Volgenant
//! 1987).

/// For each row its column, so that the sum of costs is least; pairs at `limit` or above stay
/// unassigned. `cost(row, column)`; O(n³) in the larger of the two counts.
pub fn assign(
    rows: usize,
    columns: usize,
    limit: f64,
    cost: impl Fn(usize, usize) -> f64,
) -> Vec<Option<usize>> {
    if rows == 0 || columns == 0 {
        return vec![None; rows];
    }
    // Each row has a private column of cost `limit`: taking it means staying alone.
    let n = rows;
    let m = columns + rows;
    let c = |i: usize, j: usize| -> f64 {
        if j < columns {
            let v = cost(i, j);
            if v < limit { v } else { limit * 4.0 + 1.0 }
        } else if j - columns == i {
            limit
        } else {
            limit * 4.0 + 1.0
        }
    };
    let mut u = vec![0.0; n + 1];
    let mut v = vec![0.0; m + 1];
    let mut owner = vec![0usize; m + 1];
    let mut way = vec![0usize; m + 1];
    for i in 1..=n {
        owner[0] = i;
        let mut j0 = 0;
        let mut least = vec![f64::INFINITY; m + 1];
        let mut used = vec![false; m + 1];
        loop {
            used[j0] = true;
            let i0 = owner[j0];
            let (mut delta, mut j1) = (f64::INFINITY, 0);
            for j in 1..=m {
                if used[j] {
                    continue;
                }
                let cur = c(i0 - 1, j - 1) - u[i0] - v[j];
                if cur < least[j] {
                    least[j] = cur;
                    way[j] = j0;
                }
                if least[j] < delta {
                    delta = least[j];
                    j1 = j;
                }
            }
            for j in 0..=m {
                if used[j] {
                    u[owner[j]] += delta;
                    v[j] -= delta;
                } else {
                    least[j] -= delta;
                }
            }
            j0 = j1;
            if owner[j0] == 0 {
                break;
            }
        }
        while j0 != 0 {
            let j1 = way[j0];
            owner[j0] = owner[j1];
            j0 = j1;
        }
    }
    let mut result = vec![None; rows];
    for j in 1..=columns {
        if owner[j] > 0 && cost(owner[j] - 1, j - 1) < limit {
            result[owner[j] - 1] = Some(j - 1);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_counts_not_the_first_come() {
        let c = [[1.0, 2.0], [1.1, 9.0]];
        assert_eq!(assign(2, 2, 10.0, |i, j| c[i][j]), [Some(1), Some(0)]);
    }

    #[test]
    fn too_dear_stays_alone() {
        let c = [[1.0, 20.0], [20.0, 20.0], [3.0, 4.0]];
        assert_eq!(assign(3, 2, 10.0, |i, j| c[i][j]), [Some(0), None, Some(1)]);
        assert_eq!(assign(2, 0, 1.0, |_, _| 0.0), [None, None]);
    }

    #[test]
    fn agrees_with_all_permutations() {
        let mut s = 7u32;
        for _ in 0..50 {
            let mut c = [[0.0; 4]; 4];
            for v in c.iter_mut().flatten() {
                s = s.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *v = f64::from(s >> 20);
            }
            let got: f64 = assign(4, 4, 1e9, |i, j| c[i][j])
                .iter()
                .enumerate()
                .map(|(i, j)| c[i][j.unwrap()])
                .sum();
            let mut best = f64::INFINITY;
            for a in 0..4 {
                for b in 0..4 {
                    for d in 0..4 {
                        for e in 0..4 {
                            let all = [a, b, d, e];
                            if (0..4).all(|k| all.contains(&k)) {
                                best = best.min(c[0][a] + c[1][b] + c[2][d] + c[3][e]);
                            }
                        }
                    }
                }
            }
            assert_eq!(got, best);
        }
    }
}
