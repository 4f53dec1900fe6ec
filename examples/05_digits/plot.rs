//! Draws the learning curves as an SVG picture.

use crate::{Progress, Scores};
use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;
/// Where both panels begin and end, from above.
const TOP: f64 = 84.0;
const BOTTOM: f64 = 356.0;
const TRAIN: &str = "#2563eb";
const TEST: &str = "#ea580c";

/// A frame with axes; the abscissa is the epoch.
struct Panel {
    title: &'static str,
    left: f64,
    right: f64,
    epochs: usize,
    /// Where a value is between the bottom, 0, and the top, 1
    height: fn(f64) -> f64,
    /// The ordinate's ticks
    ticks: &'static [(f64, &'static str)],
    value: fn(&Scores) -> f64,
}

/// The picture: the loss on the left, on a logarithmic scale, and the accuracy on the right.
pub(crate) fn svg(history: &[Progress]) -> String {
    let epochs = history.len();
    let panels = [
        Panel {
            title: "Cross-entropy",
            left: 76.0,
            right: 464.0,
            epochs,
            height: |loss| (loss.log10() + 3.0) / 3.5,
            ticks: &[(0.001, "0.001"), (0.01, "0.01"), (0.1, "0.1"), (1.0, "1")],
            value: |scores| scores.loss,
        },
        Panel {
            title: "Images read right (from 90 %)",
            left: 548.0,
            right: 936.0,
            epochs,
            height: |accuracy| (accuracy - 0.9) / 0.103,
            ticks: &[
                (0.9, "90 %"),
                (0.92, "92 %"),
                (0.94, "94 %"),
                (0.96, "96 %"),
                (0.98, "98 %"),
                (1.0, "100 %"),
            ],
            value: |scores| scores.accuracy,
        },
    ];
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#334155\">\n\
         <title>Learning to read handwritten digits</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    text(
        &mut out,
        76.0,
        36.0,
        "start",
        "font-size=\"19\" fill=\"#0f172a\"",
        "Learning to read digits",
    );
    for (x, colour, name) in [(780.0, TRAIN, "training"), (872.0, TEST, "test")] {
        let _ = writeln!(
            out,
            "<line x1=\"{x}\" y1=\"31\" x2=\"{}\" y2=\"31\" stroke=\"{colour}\" stroke-width=\"3\"/>",
            x + 22.0
        );
        text(&mut out, x + 28.0, 35.5, "start", "", name);
    }
    for (i, panel) in panels.iter().enumerate() {
        panel.axes(&mut out);
        // Curves may begin below the frame.
        let _ = writeln!(
            out,
            "<clipPath id=\"panel{i}\"><rect x=\"{}\" y=\"{TOP}\" width=\"{}\" height=\"{}\"/></clipPath>\n\
             <g clip-path=\"url(#panel{i})\" fill=\"none\" stroke-width=\"2\" stroke-linejoin=\"round\">",
            panel.left,
            panel.right - panel.left,
            BOTTOM - TOP
        );
        panel.curve(&mut out, TRAIN, history.iter().map(|progress| &progress.train));
        panel.curve(&mut out, TEST, history.iter().map(|progress| &progress.test));
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

impl Panel {
    fn x(&self, epoch: usize) -> f64 {
        let last = self.epochs.max(2) - 1;
        self.left + (self.right - self.left) * (epoch - 1) as f64 / last as f64
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * (self.height)(value)
    }

    fn axes(&self, out: &mut String) {
        let Panel { left, right, .. } = *self;
        text(out, left, TOP - 14.0, "start", "font-weight=\"bold\"", self.title);
        for (value, label) in self.ticks {
            let y = self.y(*value);
            line(out, (left, y), (right, y), "#e2e8f0");
            text(out, left - 8.0, y + 4.5, "end", "", label);
        }
        let step = self.epochs.div_ceil(4).next_multiple_of(5);
        for epoch in (1..=self.epochs).filter(|epoch| *epoch == 1 || epoch % step == 0) {
            let x = self.x(epoch);
            line(out, (x, BOTTOM), (x, BOTTOM + 5.0), "#64748b");
            text(out, x, BOTTOM + 20.0, "middle", "", &epoch.to_string());
        }
        line(out, (left, BOTTOM), (right, BOTTOM), "#64748b");
        line(out, (left, TOP), (left, BOTTOM), "#64748b");
        text(out, 0.5 * (left + right), BOTTOM + 42.0, "middle", "", "epoch");
    }

    fn curve<'a>(&self, out: &mut String, colour: &str, scores: impl Iterator<Item = &'a Scores>) {
        let _ = write!(out, "<polyline stroke=\"{colour}\" points=\"");
        for (i, scores) in scores.enumerate() {
            let _ = write!(out, "{:.1},{:.1} ", self.x(i + 1), self.y((self.value)(scores)));
        }
        out.push_str("\"/>\n");
    }
}

fn line(out: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(
        out,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>"
    );
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, style: &str, text: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {style}>{text}</text>"
    );
}
