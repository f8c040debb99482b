//! Tables of text for people: columns as wide as what stands in them.

/// Lays rows out under their headings.
pub(super) fn lay_out(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<_> = headings
        .iter()
        .map(|heading| heading.chars().count())
        .collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let head = headings
        .iter()
        .map(|heading| (*heading).to_owned())
        .collect();
    std::iter::once(&head)
        .chain(rows)
        .map(|row: &Vec<String>| line(row, &widths))
        .collect::<Vec<_>>()
        .join("\n")
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| {
        // A name that somebody typed must not move the cursor.
        let cell: String = cell.chars().filter(|c| !c.is_control()).collect();
        format!("{cell:<width$}")
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |one: &str, two: &str| vec![one.to_owned(), two.to_owned()];
        let table = lay_out(&["ID", "NAME"], &[row("1", "a"), row("1000", "b")]);
        assert_eq!(table, "ID    NAME\n1     a\n1000  b");
    }
}
