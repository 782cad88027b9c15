//! Rows under one another.

/// A column: what stands above it, and whether it holds numbers, which stand to the right.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    head: &'static str,
    is_number: bool,
}

impl Column {
    /// One of words.
    pub const fn words(head: &'static str) -> Self {
        Column { head, is_number: false }
    }

    /// One of numbers.
    pub const fn numbers(head: &'static str) -> Self {
        Column { head, is_number: true }
    }
}

/// The lines of a table whose cells are safe to show. Columns that are empty in all rows are left out, and lines end at a width.
pub fn lines<const N: usize>(columns: [Column; N], rows: &[[String; N]], width: usize) -> String {
    let widest = |place: usize| rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.chars().count()).max();
    let shown: Vec<(usize, Column, usize)> = (0..)
        .zip(columns)
        .map(|(place, column)| (place, column, widest(place).unwrap_or(0)))
        .filter(|(_, _, widest)| *widest > 0 || rows.is_empty())
        .map(|(place, column, widest)| (place, column, widest.max(column.head.chars().count())))
        .collect();
    let heads = columns.map(|column| column.head.to_owned());
    let line = |row: &[String; N]| {
        let cells = shown.iter().filter_map(|(place, column, width)| Some((row.get(*place)?, column.is_number, width)));
        let line: String = cells
            .map(
                |(cell, is_number, width)| {
                    if is_number { format!("{cell:>width$}  ") } else { format!("{cell:width$}  ") }
                },
            )
            .collect();
        let line: String = line.chars().take(width).collect();
        format!("{}\n", line.trim_end())
    };
    std::iter::once(&heads).chain(rows).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_empty_columns_are_left_out() {
        let columns = [Column::words("NAME"), Column::words("NOTE"), Column::numbers("N")];
        let row = |name: &str, number: &str| [name.to_owned(), String::new(), number.to_owned()];
        let rows = [row("é", "7"), row("longer", "12345")];
        assert_eq!(lines(columns, &rows, 80), "NAME        N\né           7\nlonger  12345\n");
        assert_eq!(lines(columns, &rows, 9), "NAME\né\nlonger  1\n");
        assert_eq!(lines(columns, &[], 80), "NAME  NOTE  N\n");
    }
}
