//! The statistics that incidents are told by.

/// Natural logarithm of the binomial upper tail's Chernoff bound: ln P(X ≥ k) for X ~ Bin(n, p), at most 0.
///
/// The bound is exp(−n·KL(k/n ‖ p)) (Hoeffding 1963, theorem 1). It never claims more than the exact tail does.
pub fn ln_binomial_tail(k: u64, n: u64, p: f64) -> f64 {
    if n == 0 || k == 0 {
        return 0.0;
    }
    let (k, n) = (k.min(n) as f64, n as f64);
    let q = k / n;
    if q <= p {
        return 0.0;
    }
    let term = |a: f64, b: f64| if a == 0.0 { 0.0 } else { a * (a / b).ln() };
    -n * (term(q, p) + term(1.0 - q, 1.0 - p))
}

/// The value below which a share `q` of the values lies, the lower one where it falls between two; 0 of none. Sorts in place.
pub fn quantile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).floor() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_near_the_exact_tail() {
        // P(X ≥ 10), X ~ Bin(100, 0.02): exact 3.4e-5.
        let bound = ln_binomial_tail(10, 100, 0.02).exp();
        assert!((3.4e-5..1e-3).contains(&bound), "{bound}");
        assert_eq!(ln_binomial_tail(1, 100, 0.02), 0.0);
        assert!(ln_binomial_tail(100, 100, 0.02) < -390.0);
    }

    #[test]
    fn quantiles_of_few() {
        assert_eq!(quantile(&mut [], 0.5), 0.0);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.25), 1.0);
    }
}
