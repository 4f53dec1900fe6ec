//! What the arrays of a model are called in a file.

/// A name of dotted parts, `*` for any one: it means all names that begin so.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<String>);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Pattern(text.split('.').filter(|part| !part.is_empty()).map(str::to_string).collect())
    }

    /// How many parts are any.
    pub(super) fn stars(&self) -> usize {
        self.0.iter().filter(|part| *part == "*").count()
    }

    /// What stands for the stars and after the pattern, if the name begins as it says.
    fn split<'n>(&self, name: &'n str) -> Option<(Vec<&'n str>, Vec<&'n str>)> {
        let parts: Vec<&str> = name.split('.').filter(|part| !part.is_empty()).collect();
        if parts.len() < self.0.len() {
            return None;
        }
        let (front, rest) = parts.split_at(self.0.len());
        let mut stars = Vec::new();
        for (pattern, part) in self.0.iter().zip(front) {
            match &**pattern {
                "*" => stars.push(*part),
                pattern if pattern == *part => {}
                _ => return None,
            }
        }
        Some((stars, rest.to_vec()))
    }

    /// Whether the name begins so.
    pub(super) fn begins(&self, name: &str) -> bool {
        self.split(name).is_some()
    }

    /// The name with these parts in place of the stars, and more parts after it.
    fn filled(&self, stars: &[&str], rest: &[&str]) -> String {
        let mut stars = stars.iter();
        let parts = self.0.iter().map(|part| match &**part {
            "*" => *stars.next().unwrap_or(&"*"),
            part => part,
        });
        let parts: Vec<&str> = parts.chain(rest.iter().copied()).collect();
        parts.join(".")
    }
}

/// What is called so here has other names there: several, if it is made of several arrays, one below the other.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    ours: Pattern,
    theirs: Vec<Pattern>,
    /// As the user wrote it.
    pub(super) text: String,
}

impl Rule {
    /// # Panics
    /// If a name there has more stars than the one here.
    #[track_caller]
    pub(super) fn new(ours: &str, theirs: &[&str]) -> Self {
        let rule = Rule {
            ours: Pattern::new(ours),
            theirs: theirs.iter().map(|name| Pattern::new(name)).collect(),
            text: ours.to_string(),
        };
        for (pattern, name) in rule.theirs.iter().zip(theirs) {
            assert!(
                pattern.stars() <= rule.ours.stars(),
                "`{name}` has more `*` than `{ours}`: each stands for what that has in its place"
            );
        }
        rule
    }

    /// The names there; `None` if it is about other arrays.
    pub(super) fn apply(&self, name: &str) -> Option<Vec<String>> {
        let (stars, rest) = self.ours.split(name)?;
        Some(self.theirs.iter().map(|pattern| pattern.filled(&stars, &rest)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_translated_by_the_parts_they_begin_with() {
        let rule = Rule::new("layers.*.attn", &["encoder.layer.*.attention.self"]);
        assert_eq!(
            rule.apply("layers.3.attn.query.weight"),
            Some(vec!["encoder.layer.3.attention.self.query.weight".to_string()])
        );
        assert_eq!(rule.apply("layers.3.attention.query.weight"), None);
        assert_eq!(rule.apply("layers.3"), None);
        let nothing = Rule::new("", &["model"]);
        assert_eq!(nothing.apply("a.b"), Some(vec!["model.a.b".to_string()]));
        assert_eq!(Rule::new("net", &[""]).apply("net.a"), Some(vec!["a".to_string()]));
    }

    #[test]
    #[should_panic(expected = "`a.*.*` has more `*` than `b.*`")]
    fn a_star_without_a_meaning_panics() {
        Rule::new("b.*", &["a.*.*"]);
    }
}
