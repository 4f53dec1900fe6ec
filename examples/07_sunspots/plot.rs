//! Draws what was forecast beside what happened, as an SVG picture.

use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 936.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 344.0;
/// The top of the ordinate.
const MOST: f64 = 200.0;
const TRUTH: &str = "#0f172a";
const FORECAST: &str = "#ea580c";
const PERSISTENCE: &str = "#94a3b8";

/// The picture of three curves over the same years.
pub(crate) fn svg(
    first_year: usize,
    truth: &[f64],
    forecast: &[f64],
    persistence: &[f64],
) -> String {
    let last_year = first_year + truth.len() - 1;
    let x = |year: usize| {
        LEFT + (RIGHT - LEFT) * (year - first_year) as f64 / (truth.len().max(2) - 1) as f64
    };
    let y = |number: f64| BOTTOM - (BOTTOM - TOP) * number / MOST;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#334155\">\n\
         <title>Sunspot numbers, forecast one year ahead</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    text(
        &mut out,
        LEFT,
        34.0,
        "start",
        "font-size=\"19\" fill=\"#0f172a\"",
        "Sunspots of the year",
    );
    for number in (0..=200).step_by(50) {
        let at = y(f64::from(number));
        line(&mut out, (LEFT, at), (RIGHT, at), "stroke=\"#e2e8f0\"");
        text(&mut out, LEFT - 8.0, at + 4.5, "end", "", &number.to_string());
    }
    for year in (first_year..=last_year).filter(|year| year % 10 == 0) {
        line(&mut out, (x(year), BOTTOM), (x(year), BOTTOM + 5.0), "stroke=\"#64748b\"");
        text(&mut out, x(year), BOTTOM + 20.0, "middle", "", &year.to_string());
    }
    line(&mut out, (LEFT, BOTTOM), (RIGHT, BOTTOM), "stroke=\"#64748b\"");
    let curves = [
        ("as the year before", persistence, PERSISTENCE, "stroke-dasharray=\"4 4\"", 410.0),
        ("forecast", forecast, FORECAST, "stroke-width=\"2.5\"", 610.0),
        ("truth", truth, TRUTH, "stroke-width=\"2\"", 750.0),
    ];
    for (name, numbers, colour, style, at) in curves {
        let style = format!("stroke=\"{colour}\" {style}");
        line(&mut out, (at, 29.0), (at + 24.0, 29.0), &style);
        text(&mut out, at + 31.0, 33.5, "start", "", name);
        let _ = write!(out, "<polyline fill=\"none\" {style} stroke-linejoin=\"round\" points=\"");
        for (year, number) in (first_year..).zip(numbers) {
            let _ = write!(out, "{:.1},{:.1} ", x(year), y(*number));
        }
        out.push_str("\"/>\n");
    }
    out.push_str("</svg>\n");
    out
}

fn line(out: &mut String, from: (f64, f64), to: (f64, f64), style: &str) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(
        out,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>"
    );
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, style: &str, text: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {style}>{text}</text>"
    );
}
