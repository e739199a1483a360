//! Reads `fivexx.toml`. A key that does not exist is refused with the nearest one that does: a misspelt setting must not be silently without effect.

use std::fs;
use std::path::{Path, PathBuf};

use super::Config;
use crate::snippet::{self, Place};
use crate::suggest;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be opened.
    #[error("{}: it cannot be read: {because}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        because: std::io::Error,
    },
    /// It is no TOML, a key is unknown, or a value is of the wrong kind.
    #[error("{}:{line}: {what}{snippet}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong, and what is right.
        what: String,
        /// The line at fault and a caret.
        snippet: String,
    },
}

/// Reads a configuration file.
///
/// # Errors
/// It cannot be read, or something in it is wrong: the error names the line and what to write.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = fs::read_to_string(path).map_err(|because| ConfigError::Unreadable { path: path.to_owned(), because })?;
    read(path, &text)
}

/// Reads a configuration from its text; `path` is for errors alone.
///
/// # Errors
/// As [`load`].
pub fn read(path: &Path, text: &str) -> Result<Config, ConfigError> {
    let wrong =
        |place: Place, what: String| ConfigError::Wrong { path: path.to_owned(), line: place.line, what, snippet: place.shown };
    let config: Config = toml::from_str(text)
        .map_err(|e| wrong(snippet::place(text, e.span().unwrap_or(0..0)), suggest::for_serde(e.message())))?;
    if let Some(aws) = &config.aws {
        if let Err(e) = humantime::parse_duration(&aws.time_budget) {
            let place = place_of(text, "time_budget");
            return Err(wrong(place, format!("time_budget `{}` is no duration ({e}); write 90s or 2m", aws.time_budget)));
        }
        if let Some(s3) = aws.access_logs.as_deref().filter(|p| !p.starts_with("s3://")) {
            return Err(wrong(place_of(text, "access_logs"), format!("access_logs `{s3}` is no s3://bucket/prefix")));
        }
    }
    Ok(config)
}

/// Where a key is set, or the first line.
fn place_of(text: &str, key: &str) -> Place {
    let line = 1 + text.lines().position(|l| l.trim_start().starts_with(key)).unwrap_or(0);
    snippet::key_on_line(text, line, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(Path::new("fivexx.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn unknown_keys_get_the_nearest_right_one() {
        let near = "fivexx.toml:3: there is no key `load-balancr`; did you mean `load_balancer`?";
        let said = error("[aws]\nregion = \"eu-west-1\"\nload-balancr = \"shop\"\n");
        assert_eq!(said, format!("{near}\n  |\n3 | load-balancr = \"shop\"\n  | ^^^^^^^^^^^^"));
        assert!(error("colour = true").starts_with("fivexx.toml:1: there is no key `colour`; there are paths, tz, "));
        assert!(error("[watch]\nnotfy = []\n").contains("did you mean `notify`?"));
    }

    #[test]
    fn wrong_values_name_their_line() {
        assert!(error("paths = []\n[aws]\nmax_scan_gb = \"much\"\n").starts_with("fivexx.toml:3: invalid type"));
        assert!(error("[aws]\ntime_budget = \"soon\"\n").starts_with("fivexx.toml:2: time_budget `soon`"));
        assert!(error("[aws\n").starts_with("fivexx.toml:1: "));
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = "paths = [\"/var/log/nginx\"]\n[aws]\nload_balancer = \"shop\"\nlog_groups = [\"/shop/nginx\"]\n";
        let aws = read(Path::new("fivexx.toml"), text).unwrap().aws.unwrap();
        assert_eq!((aws.load_balancer.as_deref(), aws.max_scan_gb), (Some("shop"), 10.0));
    }
}
