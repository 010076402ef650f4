//! Tests of the drawings: text stays text, points stay inside, colours are those that dark pages replace.

use super::*;
use crate::report::card::{Pair, Trade};
use crate::report::format::Marks;

#[test]
fn text_in_a_plot_is_text() {
    let hostile = "<script>alert(1)</script>&\"'";
    let row = Row { label: hostile.into(), value: 50.0, interval: Some((40.0, 60.0)) };
    let svg =
        svg(&Plot::Intervals { axis: hostile.into(), reference: Some((45.0, hostile.into())), rows: vec![row] }, Format::Wide, &Marks::default()).unwrap();
    assert!(!svg.contains("<script"), "{svg}");
    assert_eq!(svg.matches("&lt;script&gt;").count(), 3);
}

#[test]
fn a_narrow_plot_keeps_every_point_and_name_inside_its_frame() {
    let row = |label: &str, value: f64| Row { label: label.into(), value, interval: Some((value - 5.0, value + 5.0)) };
    let rows = vec![row("Agriculture, forestry and fishery", 40.0), row("b", 95.0), row("c", 60.0), row("d", 61.0), row("e", 5.0)];
    let plot = Plot::Intervals { axis: "in per cent".into(), reference: Some((95.0, "all records".into())), rows };
    let svg = svg(&plot, Format::Narrow, &Marks::default()).unwrap();
    let numbers = |attribute: &str| svg.split(attribute).skip(1).filter_map(|p| p.split('"').next()?.parse::<f64>().ok()).collect::<Vec<_>>();
    let centres = numbers(" cx=\"");
    assert_eq!(centres.len(), 5);
    assert!(centres.iter().all(|x| (0.0..=330.0).contains(x)), "{centres:?}");
    assert!(svg.contains("viewBox=\"0 0 330 ") && svg.contains("Agriculture, forestry and fishery"), "{svg}");
}

#[test]
fn scales_cover_their_values_with_round_ticks() {
    let s = Scale::over([71.3, 88.2].into_iter(), 5.0, 0, 100);
    assert_eq!(s.ticks, [70.0, 75.0, 80.0, 85.0, 90.0]);
    assert_eq!((s.pixel(70.0), s.pixel(90.0)), (0, 100));
    let constant = Scale::over([5.0].into_iter(), 5.0, 0, 100);
    assert!(constant.from <= 5.0 && constant.to >= 5.0 && constant.to > constant.from);
    let empty = Scale::over(std::iter::empty(), 5.0, 0, 100);
    assert!(empty.pixel(0.5).abs() < 1000);
}

#[test]
fn only_the_colours_that_the_style_sheet_replaces_are_used() {
    let point = |marked| Point { x: 1.0, y: 2.0, interval: Some((1.0, 3.0)), label: Some("a".into()), marked };
    let plot =
        Plot::Points { x_axis: "x".into(), y_axis: "y".into(), log_x: true, joined: true, diagonal: Some("d".into()), points: vec![point(true), point(false)] };
    let svg = svg(&plot, Format::Wide, &Marks::default()).unwrap();
    let css = include_str!("../templates/style.css");
    for part in svg.split(['"', ' ']).filter(|p| p.starts_with('#')) {
        assert!(css.contains(part), "{part} has no counterpart on dark pages");
    }
}

fn matrix(name: &str) -> Plot {
    let cell = |count: &str, share, same| Some(Pair { count: count.into(), share, same });
    Plot::Matrix {
        axis: name.into(),
        rows: vec![("1".into(), name.into()), (name.into(), "two".into())],
        columns: vec!["1".into(), name.into(), "other".into()],
        cells: vec![vec![cell("500", 0.9, true), None, cell("12", 0.02, false)], vec![None, cell("1,234", 1.0, true), None]],
    }
}

fn trade(name: &str) -> Plot {
    let point = |energy: f64, dominated: bool| Trade {
        label: name.into(),
        energy,
        accuracy: (80.0, Some((78.0, 82.0))),
        worst: (!dominated).then_some((60.0, Some((50.0, 70.0)))),
        dominated,
    };
    Plot::Trade {
        x_axis: name.into(),
        y_axis: name.into(),
        legend: [name.into(), "worst".into(), "hollow".into()],
        points: vec![point(3.0, false), point(400.0, true)],
    }
}

#[test]
fn tables_of_codes_and_candidates_are_drawn_inside_with_known_colours_and_text_as_text() {
    let css = include_str!("../templates/style.css");
    for plot in [matrix("<script>&\"'"), trade("<script>&\"'")] {
        for (format, width) in [(Format::Wide, 680.0), (Format::Narrow, 330.0)] {
            let svg = svg(&plot, format, &Marks::default()).unwrap();
            assert!(!svg.contains("<script") && svg.contains("&lt;script"), "{svg}");
            for part in svg.split(['"', ' ']).filter(|p| p.starts_with('#')) {
                assert!(css.contains(part), "{part} has no counterpart on dark pages");
            }
            for attribute in [" x=\"", " cx=\""] {
                let at: Vec<f64> = svg.split(attribute).skip(1).filter_map(|p| p.split('"').next()?.parse().ok()).collect();
                assert!(at.iter().all(|x| (0.0..=width).contains(x)), "{format:?}: {at:?}");
            }
        }
    }
}

#[test]
fn a_hidden_count_leaves_its_place_empty_and_narrow_drawings_have_no_figures() {
    let wide = svg(&matrix("n"), Format::Wide, &Marks::default()).unwrap();
    assert!(wide.contains("500") && wide.contains("1,234") && !wide.contains("suppressed"));
    assert_eq!(wide.matches("<rect").count(), 5, "three filled cells, two of them framed");
    assert!(!svg(&matrix("n"), Format::Narrow, &Marks::default()).unwrap().contains("1,234"));
}
