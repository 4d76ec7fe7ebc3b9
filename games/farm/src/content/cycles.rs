//! Finds a way round in a graph: things that need each other could never be bought, and recipes that lead back
//! to their own wool could make wool from nothing.

/// The first node, by number, that can reach itself along `edges`.
pub(super) fn find(nodes: usize, edges: &[(usize, usize)]) -> Option<usize> {
    // Take away nodes that nothing is waiting for until none is left, or only those on and behind a way round.
    let mut waiting = vec![0_usize; nodes];
    for &(_, to) in edges {
        waiting[to] += 1;
    }
    let mut free: Vec<usize> = (0..nodes).filter(|&n| waiting[n] == 0).collect();
    let mut gone = vec![false; nodes];
    while let Some(node) = free.pop() {
        gone[node] = true;
        for &(_, to) in edges.iter().filter(|edge| edge.0 == node) {
            waiting[to] -= 1;
            if waiting[to] == 0 {
                free.push(to);
            }
        }
    }
    (0..nodes).find(|&start| !gone[start] && reaches(start, start, edges))
}

fn reaches(from: usize, goal: usize, edges: &[(usize, usize)]) -> bool {
    let mut seen = Vec::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for &(_, to) in edges.iter().filter(|edge| edge.0 == node) {
            if to == goal {
                return true;
            }
            if !seen.contains(&to) {
                seen.push(to);
                open.push(to);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #[test]
    fn ways_round_are_found() {
        type Row<'a> = (usize, &'a [(usize, usize)], Option<usize>);
        let rows: [Row; 6] = [
            (0, &[], None),
            (2, &[(0, 1)], None),
            (1, &[(0, 0)], Some(0)),
            (3, &[(0, 1), (1, 2), (2, 1)], Some(1)),
            (4, &[(0, 1), (0, 2), (1, 3), (2, 3)], None),
            (3, &[(2, 1), (1, 0), (0, 2)], Some(0)),
        ];
        for (nodes, edges, want) in rows {
            assert_eq!(super::find(nodes, edges), want, "{edges:?}");
        }
    }
}
