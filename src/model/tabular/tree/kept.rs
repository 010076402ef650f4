//! Saved trees: the flat arrays of all of them, one after the other, in which every number is checked to lead somewhere, and ever further down.

use super::{LEAF, Node, RIGHT, Tree};
use crate::model::{Pack, Unpack};
use crate::value::Problem;

/// Numbers of a node in a file: column, test, whether unseen values go left, and the nodes on its left and right.
const WIDTH: usize = 5;

impl Tree {
    /// Puts trees into `pack`.
    pub fn pack_all(trees: &[Self], pack: &mut Pack) {
        let flat = |node: &Node| [node.column, node.test, u32::from(node.unseen_left), node.left, node.right];
        pack.lists("nodes", trees.iter().map(|t| t.nodes.iter().flat_map(flat).collect()));
        pack.lists("sets", trees.iter().map(|t| t.sets.clone()));
        pack.lists("levels", trees.iter().map(|t| t.levels.iter().map(|l| u32::from(*l)).collect()));
        pack.lists("leaves", trees.iter().map(|t| t.leaves.clone()));
        pack.lists("leaves.codes", trees.iter().map(|t| t.codes.clone()));
        pack.lists("leaves.counts", trees.iter().map(|t| t.counts.clone()));
    }

    /// As many trees as were asked for, over a number of columns, of which the first are `categories`.
    pub fn unpack_all(parts: &Unpack<'_>, trees: usize, columns: usize, categories: usize) -> Result<Vec<Self>, Problem> {
        let lists = |name: &str| parts.lists(name, Some(trees)).map(Vec::into_iter);
        let (mut sets, mut levels) = (lists("sets")?, lists("levels")?);
        let (mut leaves, mut codes, mut counts) = (lists("leaves")?, lists("leaves.codes")?, lists("leaves.counts")?);
        let mut all = Vec::with_capacity(trees.min(1 << 16));
        for (number, nodes) in lists("nodes")?.enumerate() {
            let next = |list: &mut std::vec::IntoIter<Vec<u32>>| list.next().unwrap_or_default();
            let (sets, levels) = (next(&mut sets), next(&mut levels));
            let of_leaves = [next(&mut leaves), next(&mut codes), next(&mut counts)];
            let tree = Self::restored(&nodes, (sets, levels), of_leaves, (columns, categories, parts.codes().len()));
            all.push(tree.map_err(|what| parts.wrong("nodes", format!("are damaged: {what} of tree {}", number + 1)))?);
        }
        Ok(all)
    }

    /// A tree of its flat arrays, or what is wrong with them.
    fn restored(
        nodes: &[u32],
        (sets, levels): (Vec<u32>, Vec<u32>),
        [leaves, codes, counts]: [Vec<u32>; 3],
        (columns, categories, all_codes): (usize, usize, usize),
    ) -> Result<Self, &'static str> {
        let starts = |starts: &[u32], total: usize| starts.first() == Some(&0) && starts.is_sorted() && starts.last().is_some_and(|l| *l as usize == total);
        let Some(levels) = levels.iter().map(|l| u16::try_from(*l).ok()).collect::<Option<Vec<u16>>>() else { return Err("a level") };
        if !starts(&sets, levels.len()) {
            return Err("a set of levels");
        }
        let between = |starts: &[u32], at: usize| starts[at] as usize..starts[at + 1] as usize;
        if (0..sets.len() - 1).any(|set| levels[between(&sets, set)].windows(2).any(|pair| pair[0] & !RIGHT >= pair[1] & !RIGHT)) {
            return Err("a set of levels");
        }
        if !starts(&leaves, codes.len()) || codes.len() != counts.len() {
            return Err("a leaf");
        }
        for leaf in 0..leaves.len() - 1 {
            let own = between(&leaves, leaf);
            let records: u64 = counts[own.clone()].iter().map(|n| u64::from(*n)).sum();
            let known = codes[own.clone()].iter().all(|code| (*code as usize) < all_codes) && codes[own.clone()].windows(2).all(|pair| pair[0] < pair[1]);
            if !known || counts[own].contains(&0) || records == 0 || records > u64::from(u32::MAX) {
                return Err("a leaf");
            }
        }
        let (flat, rest) = nodes.as_chunks::<WIDTH>();
        if flat.is_empty() || !rest.is_empty() {
            return Err("the number of nodes");
        }
        let mut made = Vec::with_capacity(flat.len());
        for (number, &[column, test, unseen_left, left, right]) in flat.iter().enumerate() {
            let set = column != LEAF && (column as usize) < categories;
            // What a node leads to stands behind it, so that no way is endless.
            let below = |child: u32| child as usize > number && (child as usize) < flat.len();
            let leads = if column == LEAF {
                (test as usize) < leaves.len() - 1 && left == 0 && right == 0
            } else {
                (column as usize) < columns && (!set || (test as usize) < sets.len() - 1) && below(left) && below(right)
            };
            if !leads || unseen_left > 1 {
                return Err("a node");
            }
            made.push(Node { column, test, set, unseen_left: unseen_left == 1, left, right });
        }
        Ok(Self { nodes: made, sets, levels, leaves, codes, counts })
    }
}
