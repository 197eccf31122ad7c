//! Every error of the engine is explained to those who meet it.

/// The variants of [`crate::Error`], read from its source: the language has no list of them.
fn variants() -> Vec<&'static str> {
    let source = include_str!("../error.rs");
    let (_, after) = source.split_once("pub enum Error {").expect("the enum is there");
    let (body, _) = after.split_once("\n}").expect("it ends");
    body.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .filter_map(|line| line.split(|letter: char| !letter.is_ascii_alphanumeric()).next())
        .collect()
}

/// The rows of the tables of the engine's errors in the documents: name, cause, remedy.
fn rows() -> Vec<Vec<&'static str>> {
    let document = include_str!("../../../../docs/rpc.md");
    let (_, section) = document
        .split_once("## Errors of the engine")
        .expect("the section is there");
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| verdict ") && !line.starts_with("| error "))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn every_error_of_the_engine_has_a_cause_and_a_remedy() {
    let variants = variants();
    assert!(
        variants.contains(&"WrongVrf") && variants.contains(&"Consensus"),
        "{variants:?}"
    );
    let rows = rows();
    for row in &rows {
        assert!(row.len() == 3 && row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
    let documented: Vec<_> = rows.iter().map(|row| row[0]).collect();
    // In the order of the source within each of the two tables, and none twice: so lists of equal length are equal.
    for variant in &variants {
        assert_eq!(
            documented.iter().filter(|name| *name == variant).count(),
            1,
            "{variant}"
        );
    }
    assert_eq!(
        documented.len(),
        variants.len(),
        "no error is explained that does not exist"
    );
}
