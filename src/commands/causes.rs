//! `fivexx causes`: list, show and test the causes.

use std::io::Write;

use super::Exit;
use crate::builtin::BUILTIN_CAUSES;
use crate::cli;
use crate::cli::CausesAction;
use crate::diagnosis::cause::{Cause, Causes, Part, Sign, read_cause};
use crate::diagnosis::harness::test_cause;
use crate::parser::catalog::{Catalog, add_builtin, read_folder};

/// Runs the subcommand.
///
/// # Errors
/// A definition is broken, or there is no such cause.
pub fn run(args: cli::Causes) -> anyhow::Result<Exit> {
    let catalog = Catalog::load(&args.definitions.parser_folders)?;
    let causes = match &args.action {
        CausesAction::Test { dir: Some(_) } => Causes::default(),
        _ => Causes::load(&args.definitions.cause_folders, &catalog)?,
    };
    let mut out = std::io::stdout().lock();
    match args.action {
        CausesAction::List => {
            for c in &causes.all {
                writeln!(out, "{:30} {:14} {}", c.id, c.layer.id(), c.title)?;
            }
            Ok(Exit::Done)
        }
        CausesAction::Show { id } => {
            let Some(cause) = causes.find(&id) else {
                anyhow::bail!("there is no cause `{id}` (`fivexx causes list` names them){}", causes.nearest(&id));
            };
            show(&mut out, cause)?;
            Ok(Exit::Done)
        }
        CausesAction::Test { dir: None } => test(&mut out, Vec::new(), &causes, &catalog),
        CausesAction::Test { dir: Some(dir) } => {
            let (mut all, mut faults) = (Causes::default(), Vec::new());
            let mut texts = read_folder(&dir)?;
            let own = texts.len();
            add_builtin(&mut texts, BUILTIN_CAUSES);
            for (i, (file, text)) in texts.iter().enumerate() {
                match read_cause(file, text, &catalog) {
                    Ok(c) => all.all.push(c),
                    Err(e) if i < own => faults.push(e.to_string()),
                    Err(e) => return Err(e.into()),
                }
            }
            test(&mut out, faults, &all, &catalog)
        }
    }
}

/// Runs the samples of all causes; `broken` are files that could not be read.
fn test(out: &mut impl Write, broken: Vec<String>, causes: &Causes, catalog: &Catalog) -> anyhow::Result<Exit> {
    let (mut samples, mut faults) = (0, broken.len());
    for fault in broken {
        writeln!(out, "FAIL {fault}")?;
    }
    for cause in &causes.all {
        let wrong = test_cause(cause, causes, catalog);
        samples += cause.samples.len();
        faults += wrong.len();
        writeln!(out, "{} {}: {} samples", if wrong.is_empty() { "ok  " } else { "FAIL" }, cause.id, cause.samples.len())?;
        for w in wrong {
            writeln!(out, "     {w}")?;
        }
    }
    writeln!(out, "{} causes, {samples} samples, {faults} faults", causes.all.len())?;
    Ok(if faults == 0 { Exit::Done } else { Exit::Found })
}

fn show(out: &mut impl Write, c: &Cause) -> std::io::Result<()> {
    let part = |p: &Part| match p {
        Part::Drop => "where requests are dropped",
        Part::Root => "what lies behind it",
    };
    writeln!(out, "{} ({})\n{}\n", c.title, c.id, c.reference)?;
    writeln!(out, "layer         {}", c.layer)?;
    writeln!(out, "can be        {}", c.can_be.iter().map(part).collect::<Vec<_>>().join(", and "))?;
    writeln!(out, "implicates    {}", c.implicates.trim())?;
    writeln!(out, "disproved by  {}", c.disproved_by.trim())?;
    writeln!(out, "seen by       {}", c.seen_by.join(", "))?;
    writeln!(out, "log-odds before any sign: {:+.1}", c.prior)?;
    for (title, signs, sign) in [("speaks for it", &c.speaks_for, '+'), ("speaks against it", &c.against, '-')] {
        if !signs.is_empty() {
            writeln!(out, "\n{title}")?;
        }
        for s in signs {
            writeln!(out, "  {sign}{:.1}  {} ({})", s.weight, s.any.join(", "), measured(s))?;
        }
    }
    if !c.remedies.is_empty() {
        writeln!(out, "\nwhat to do")?;
    }
    for r in &c.remedies {
        writeln!(out, "  - {}", r.action)?;
        if let Some(config) = &r.config {
            writeln!(out, "      {}", config.trim().replace('\n', "\n      "))?;
        }
    }
    Ok(())
}

fn measured(s: &Sign) -> String {
    let mut text = format!("{:?}", s.measure).to_lowercase();
    if s.begins_before {
        text.push_str(", must begin before the failures");
    }
    if !s.with.is_empty() {
        text.push_str(&format!(", with {}", s.with.join(" or ")));
    }
    if !s.without.is_empty() {
        text.push_str(&format!(", without {}", s.without.join(" and ")));
    }
    text
}
