//! The tree of codes: which choices lead from the top to each code.

use std::collections::{BTreeMap, VecDeque};

/// The choices between codes, level by level; a place with a single child offers no choice and is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Number of children of each choice, those above before those below.
    pub children: Vec<usize>,
    /// For each code the (choice, child) on its way, from the top down.
    pub paths: Vec<Vec<(u32, u32)>>,
    /// How many choices lie at each depth; choices are in the order of their depth.
    pub depths: Vec<usize>,
    /// The (choice, child) that leads to each choice; none for the first.
    pub above: Vec<Option<(u32, u32)>>,
}

impl Shape {
    /// The tree of `codes` whose levels are their first `digits` characters, coarsest first.
    ///
    /// A code that ends above a level stands beside those that go further down, so that its parent's probability is still the sum.
    pub fn of(codes: &[String], digits: &[usize]) -> Self {
        let mut shape = Self { children: Vec::new(), paths: vec![Vec::new(); codes.len()], depths: Vec::new(), above: Vec::new() };
        let mut queue = VecDeque::from([((0..codes.len() as u32).collect::<Vec<u32>>(), 0, 0)]);
        while let Some((members, mut level, depth)) = queue.pop_front() {
            if members.len() < 2 {
                continue;
            }
            let mut groups = divide(codes, digits, level, &members);
            // A level without a choice is gone through at once, so that choices stay in the order of their depth.
            while groups.len() == 1 {
                level += 1;
                groups = divide(codes, digits, level, &members);
            }
            let choice = shape.children.len() as u32;
            let some = groups.first().and_then(|group| group.first());
            shape.above.push(some.and_then(|&member| shape.paths[member as usize].last().copied()));
            shape.children.push(groups.len());
            if shape.depths.len() <= depth {
                shape.depths.resize(depth + 1, 0);
            }
            shape.depths[depth] += 1;
            for (child, group) in groups.into_iter().enumerate() {
                for &member in &group {
                    shape.paths[member as usize].push((choice, child as u32));
                }
                queue.push_back((group, level + 1, depth + 1));
            }
        }
        shape
    }
}

/// Two codes or more by what they are at a level. Codes that end above it, and below the last level every code, are alone.
fn divide(codes: &[String], digits: &[usize], level: usize, members: &[u32]) -> Vec<Vec<u32>> {
    let mut groups: BTreeMap<(String, u32), Vec<u32>> = BTreeMap::new();
    for &member in members {
        let code = &codes[member as usize];
        let prefix: Option<String> = digits.get(level).filter(|&&d| code.chars().count() >= d).map(|&d| code.chars().take(d).collect());
        groups.entry(prefix.map_or_else(|| (code.clone(), member), |p| (p, u32::MAX))).or_default().push(member);
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(codes: &[&str], digits: &[usize]) -> Shape {
        Shape::of(&codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>(), digits)
    }

    #[test]
    fn choices_lead_from_the_top_to_each_code() {
        let found = shape(&["11", "12", "21", "31", "32", "33"], &[1]);
        assert_eq!(found.children, [3, 2, 3]);
        assert_eq!(found.depths, [1, 2]);
        assert_eq!(found.above, [None, Some((0, 0)), Some((0, 2))]);
        assert_eq!(found.paths[1], [(0, 0), (1, 1)]);
        // The only code of its group is reached by the first choice.
        assert_eq!(found.paths[2], [(0, 1)]);
        assert_eq!(found.paths[5], [(0, 2), (2, 2)]);
    }

    #[test]
    fn choices_are_in_the_order_of_their_depth() {
        // Below "1" the second level offers no choice, below "2" it does, and the third again.
        let found = shape(&["1111", "1112", "1121", "2111", "2112", "2211", "2221", "2222"], &[1, 2, 3]);
        let mut depth = vec![0usize; found.children.len()];
        for (choice, above) in found.above.iter().enumerate() {
            depth[choice] = above.map_or(0, |(above, _)| depth[above as usize] + 1);
        }
        assert!(depth.is_sorted(), "{depth:?}");
        let counted: Vec<usize> = (0..found.depths.len()).map(|d| depth.iter().filter(|own| **own == d).count()).collect();
        assert_eq!(found.depths, counted);
        assert_eq!((found.children[0], found.depths.as_slice(), found.paths[0].len()), (2, &[1, 2, 3, 1][..], 3));
    }

    #[test]
    fn levels_without_a_choice_and_codes_of_unequal_length_do_no_harm() {
        // All begin alike; "1" ends at the first level, beside "12" and "13".
        let found = shape(&["1", "12", "13"], &[1]);
        assert_eq!((found.children.as_slice(), found.paths[0].len(), found.paths[2].len()), (&[3][..], 1, 1));
        let found = shape(&["1", "121", "122", "2"], &[1, 2]);
        assert_eq!(found.children, [2, 2, 2]);
        assert_eq!(found.paths[0], [(0, 0), (1, 0)]);
        assert_eq!(found.paths[2], [(0, 0), (1, 1), (2, 1)]);
        assert_eq!(shape(&["a", "b"], &[]).children, [2]);
    }
}
