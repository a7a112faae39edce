//! Accuracy: how the finalists learned, and what int8 cost.

use std::fmt::Write;

use crate::{
    Accuracy, Epoch, TrainingCurve,
    axes::{Axis, Begin, Frame, Unit},
    confusion,
    page::Section,
    svg::{Rect, SERIES, Svg},
    text::{Escaped, percent, thousands},
};

/// The section about accuracy.
pub(crate) fn section(accuracy: &Accuracy) -> Section {
    let mut body = quantized(accuracy);
    if accuracy.finalists.iter().any(|f| !f.epochs.is_empty()) {
        body.push_str("<h3>Training of the finalists</h3><p class=\"legend\">");
        for (at, finalist) in accuracy.finalists.iter().enumerate() {
            let best = finalist.best_epoch.map_or_else(String::new, |epoch| format!(", weights of epoch {epoch} kept"));
            let _ = write!(
                body,
                "<span class=\"entry\"><span class=\"key swatch s{}\"></span><code>{}</code>{}{best}</span> ",
                at % SERIES,
                Escaped(&finalist.id),
                if finalist.chosen { " (chosen)" } else { "" },
            );
        }
        body.push_str("</p><div class=\"pair\">");
        body.push_str(&figure(accuracy, "training loss", Unit::Plain, Begin::Zero, |e| e.loss));
        body.push_str(&figure(accuracy, "validation accuracy (%)", Unit::Percent, Begin::Data, |e| e.accuracy));
        body.push_str("</div>");
        body.push_str(&epochs(&accuracy.finalists));
    }
    if let Some(confusion) = &accuracy.confusion {
        body.push_str(&confusion::part(confusion));
    }
    Section { id: "accuracy", title: "Accuracy", body }
}

/// Float against int8.
fn quantized(accuracy: &Accuracy) -> String {
    let rows = [("float", accuracy.float), ("int8", accuracy.int8)];
    if rows.iter().all(|(_, value)| value.is_none()) {
        return String::new();
    }
    let mut text = format!("<div class=\"versus\"><p>On {} test images", thousands(accuracy.images));
    if let (Some(float), Some(int8)) = (accuracy.float, accuracy.int8) {
        let points = (float - int8) * 100.0;
        let word = if points >= 0.0 { "lost" } else { "gained" };
        let _ = write!(text, ", quantization {word} <b>{:.2} points</b>", points.abs());
    }
    text.push_str(".</p>");
    for (name, value) in rows {
        let Some(value) = value else { continue };
        let width = value.clamp(0.0, 1.0) * 100.0;
        let _ = write!(
            text,
            "<div class=\"versus-row\"><span>{name}</span><span class=\"track\"><i style=\"width:{width:.2}%\"></i></span>\
             <b>{:.2} %</b></div>",
            value * 100.0
        );
    }
    text.push_str("</div>");
    text
}

fn figure(accuracy: &Accuracy, label: &str, unit: Unit, begin: Begin, of: fn(&Epoch) -> f64) -> String {
    let all = || accuracy.finalists.iter().flat_map(|f| &f.epochs);
    let frame = Frame {
        area: Rect { x: 62.0, y: 12.0, w: 450.0, h: 230.0 },
        x: Axis::over("epoch", Unit::Count, Begin::Data, all().map(|e| f64::from(e.epoch)), 8),
        y: Axis::over(label, unit, begin, all().map(of), 5),
    };
    let mut svg = Svg::new(530.0, 286.0, &format!("{label} per epoch"));
    frame.draw(&mut svg);
    for (at, finalist) in accuracy.finalists.iter().enumerate().rev() {
        let series = at % SERIES;
        let finite: Vec<&Epoch> = finalist.epochs.iter().filter(|e| of(e).is_finite()).collect();
        let points: Vec<_> = finite.iter().map(|e| frame.at(f64::from(e.epoch), of(e))).collect();
        svg.polyline(
            &points,
            &format!("line s{series} d{}{}", at % 3, if finalist.chosen { " winner" } else { "" }),
            &finalist.id,
        );
        for (epoch, p) in finite.iter().zip(&points) {
            let tip = format!(
                "{} epoch {}: loss {:.4}, accuracy {}",
                finalist.id,
                epoch.epoch,
                epoch.loss,
                percent(epoch.accuracy)
            );
            let kept = finalist.best_epoch == Some(epoch.epoch);
            svg.circle(*p, if kept { 5.0 } else { 2.4 }, &format!("mark s{series}"), &tip);
        }
    }
    format!("<figure>{}</figure>", svg.finish())
}

fn epochs(finalists: &[TrainingCurve]) -> String {
    let mut text = String::from(
        "<details><summary>Every epoch as a table</summary><div class=\"scroll\"><table class=\"tight\"><thead><tr>\
         <th>finalist</th><th class=\"n\">epoch</th><th class=\"n\">training loss</th>\
         <th class=\"n\">validation accuracy</th><th></th></tr></thead><tbody>",
    );
    for finalist in finalists {
        for epoch in &finalist.epochs {
            let kept = finalist.best_epoch == Some(epoch.epoch);
            let _ = write!(
                text,
                "<tr{}><td><code>{}</code></td><td class=\"n\">{}</td><td class=\"n\">{:.4}</td><td class=\"n\">{:.2} %</td>\
                 <td>{}</td></tr>",
                if kept { " class=\"best\"" } else { "" },
                Escaped(&finalist.id),
                epoch.epoch,
                epoch.loss,
                epoch.accuracy * 100.0,
                if kept { "kept" } else { "" },
            );
        }
    }
    text.push_str("</tbody></table></div></details>");
    text
}
