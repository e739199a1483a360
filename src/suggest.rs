//! "Did you mean": the nearest of the words that there are.

/// Beyond this share of letters alike a word is no misspelling but another word.
const ALIKE: f64 = 0.5;

/// Beyond this share a word is surely the one that was meant.
const SURELY: f64 = 0.7;

/// The word most like what was typed, where one is like it at all. Upper and lower case, `-` and `_` are alike.
pub fn nearest<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    nearest_beyond(ALIKE, typed, words)
}

/// The same, where more than this share of the letters are alike: of many words one is always somewhat like what was typed.
pub fn nearest_beyond<'w>(alike: f64, typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |w: &str| w.to_lowercase().replace('-', "_");
    let typed = plain(typed);
    let likeness = |w: &str| strsim::normalized_damerau_levenshtein(&typed, &plain(w));
    words.map(|w| (w, likeness(w))).filter(|(_, l)| *l >= alike).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(w, _)| w)
}

/// `; did you mean …?`, or nothing.
pub fn hint<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> String {
    nearest(typed, words).map_or_else(String::new, |w| format!("; did you mean `{w}`?"))
}

/// Serde's words for an unknown key or variant, with the nearest right one.
pub fn for_serde(message: &str) -> String {
    let first = message.lines().next().unwrap_or(message);
    let mut quoted = message.split('`').skip(1).step_by(2);
    let kind = ["unknown field", "unknown variant"].into_iter().find(|k| message.starts_with(k));
    let (Some(kind), Some(unknown)) = (kind, quoted.next()) else {
        return first.to_owned();
    };
    let what = if kind == "unknown field" { "key" } else { "value" };
    let known: Vec<&str> = quoted.collect();
    let all = known.join(", ");
    if let Some(near) = nearest_beyond(SURELY, unknown, known.iter().copied()) {
        return format!("there is no {what} `{unknown}`; did you mean `{near}`?");
    }
    match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("there is no {what} `{unknown}`; did you mean `{near}`? There are {all}"),
        None if known.is_empty() => format!("there is no {what} `{unknown}`"),
        None => format!("there is no {what} `{unknown}`; there are {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_offered_and_far_ones_are_not() {
        let words = ["listen_queue_full", "harakiri_kill", "oom_kill"];
        assert_eq!(nearest("listen-queue-ful", words.into_iter()), Some("listen_queue_full"));
        assert_eq!(nearest("zebra", words.into_iter()), None);
        assert_eq!(hint("oomkill", words.into_iter()), "; did you mean `oom_kill`?");
    }
}
