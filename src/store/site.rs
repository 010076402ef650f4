//! Paths between pages, and the cards below a folder.

use std::path::{Component, Path, PathBuf};

/// How deep below a folder cards are looked for.
const DEEPEST: usize = 6;
/// Most cards that one page lists.
const MOST: usize = 2_000;
/// Folders that hold no results.
const PASSED_OVER: [&str; 3] = ["private", "target", "node_modules"];

/// The link from a page in `folder` to a file that exists, percent-encoded; none where there is no such file or no way to it.
#[must_use]
pub fn relative(folder: &Path, file: &Path) -> Option<String> {
    let (from, to) = (folder.canonicalize().ok()?, file.canonicalize().ok()?);
    if !to.is_file() {
        return None;
    }
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) = (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let down = to[common..].iter().map(|c| encoded(&c.as_os_str().to_string_lossy()));
    (common > 0).then(|| std::iter::repeat_n("..".to_owned(), from.len() - common).chain(down).collect::<Vec<_>>().join("/"))
}

/// A file name as part of a link: all but letters, digits and a few signs percent-encoded (RFC 3986), so that no name is read as anything else.
#[must_use]
pub fn encoded(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The files `card.json` below a folder, sorted; links are not followed. The second is true where there are more than are told.
#[must_use]
pub fn cards_below(folder: &Path) -> (Vec<PathBuf>, bool) {
    let mut found = Vec::new();
    let more = look(folder, DEEPEST, &mut found);
    found.sort();
    (found, more)
}

fn look(folder: &Path, deeper: usize, found: &mut Vec<PathBuf>) -> bool {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    names.sort();
    for path in names {
        let Ok(facts) = std::fs::symlink_metadata(&path) else { continue };
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if facts.is_file() && name == "card.json" {
            if found.len() == MOST {
                return true;
            }
            found.push(path);
        } else if facts.is_dir() && deeper > 0 && !name.starts_with('.') && !PASSED_OVER.contains(&name.as_str()) && look(&path, deeper - 1, found) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_page_to_file_whatever_the_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("a/b #1?")).unwrap();
        std::fs::create_dir_all(at("c")).unwrap();
        std::fs::write(at("a/b #1?/card.html"), "x").unwrap();
        assert_eq!(relative(&at("a"), &at("a/b #1?/card.html")).unwrap(), "b%20%231%3F/card.html");
        assert_eq!(relative(&at("c"), &at("a/b #1?/card.html")).unwrap(), "../a/b%20%231%3F/card.html");
        assert_eq!(relative(&at("c"), &at("a/card.html")), None);
        assert_eq!(encoded("javascript:alert(1)"), "javascript%3Aalert%281%29");
    }

    #[test]
    fn cards_are_found_below_but_not_in_private_folders() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["s/linear", "s/private/x", ".git/y", "t"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("card.json"), "{}").unwrap();
        }
        let (found, more) = cards_below(folder.path());
        let names: Vec<String> = found.iter().map(|f| f.strip_prefix(folder.path()).unwrap().display().to_string()).collect();
        assert_eq!((names, more), (vec!["s/linear/card.json".to_owned(), "t/card.json".to_owned()], false));
    }
}
