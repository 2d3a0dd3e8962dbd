use std::rc::Rc;

use yew::prelude::*;
use yew::virtual_dom::Key;

use super::CellProps;
use super::relabel::{Relabel, corrected};
use crate::features::ImageHash;
use crate::metrics::{Bin, ClassFigures, ConfusionMatrix};
use crate::protocol::{Command, ExamImages, Mistake, Trained};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{More, Picture, bar};
use crate::ui::port::Port;

/// Shades of a confusion matrix's cells, from none of a class's images to all of them.
const SHADES: f64 = 5.0;
/// What stands in the tables for what nothing is known of.
const NOTHING: &str = "–";
/// Height and width of the reliability diagram, in its own units.
const SIDE: f64 = 100.0;

/// What the test images showed: which class is taken for which, how each class does, the surest
/// mistakes, and whether the head is right as often as it claims.
#[component]
pub fn Exam(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let Some(head) = state.result() else { return Html::default() };
    html! {
        <details class="exam" data-testid="exam">
            <summary>{ locale.text("exam-title") }</summary>
            { confusion(head, props, &locale) }
            { state.exam_images.as_ref().map(|images| shown(images, head, props, &locale)).unwrap_or_default() }
            { per_class(head, &locale) }
            { mistakes(head, props, &locale) }
            { corrected(head, state, port, &locale) }
            { reliability(head, &locale) }
        </details>
    }
}

fn class_name(head: &Trained, class: u16, locale: &Locale) -> String {
    head.classes.get(usize::from(class)).map_or_else(String::new, |name| locale.class(name))
}

/// What an image is and what it was taken for, in words.
fn taken_for(head: &Trained, label: u16, answer: u16, locale: &Locale) -> String {
    let name = |class| class_name(head, class, locale);
    if label == answer {
        return locale.fill("exam-right", &[("label", name(label).into())]);
    }
    locale.fill("exam-wrong", &[("label", name(label).into()), ("answer", name(answer).into())])
}

/// Rows are what the images are, columns what they were taken for.
fn confusion(head: &Trained, CellProps { state, port }: &CellProps, locale: &Locale) -> Html {
    // What the classes look like, where the images in use are theirs.
    let data = state.data().filter(|data| data.classes == head.classes);
    let example = |class: u16| {
        let found = data.and_then(|data| data.examples.iter().find(|example| example.label == class));
        found.map_or_else(Html::default, |example| {
            html! { <Picture image={example.image.clone()} label="" /> }
        })
    };
    let matrix = &head.exam.confusion;
    let classes = 0..matrix.classes() as u16;
    let answers = classes.clone().map(|answer| {
        html! { <th scope="col"><span>{ class_name(head, answer, locale) }</span></th> }
    });
    let rows = classes.clone().map(|label| {
        let cells = classes.clone().map(|answer| cell(head, matrix, (label, answer), port, locale));
        html! {
            <tr>
                <th scope="row">{ example(label) }<span>{ class_name(head, label, locale) }</span></th>
                { for cells }
            </tr>
        }
    });
    let hint = if head.restored { "exam-confusion-restored" } else { "exam-confusion-hint" };
    html! {
        <section>
            <h3>{ locale.text("exam-confusion") }</h3>
            <p>{ locale.text("exam-confusion-intro") }</p>
            <p>{ locale.text(hint) }</p>
            <div class="scrolls wide" tabindex="0" role="region" aria-label={locale.text("exam-confusion")}>
                <table class="confusion">
                    <thead><tr><td>{ locale.text("exam-corner") }</td>{ for answers }</tr></thead>
                    <tbody>{ for rows }</tbody>
                </table>
            </div>
        </section>
    }
}

fn cell(
    head: &Trained,
    matrix: &ConfusionMatrix,
    (label, answer): (u16, u16),
    port: &Port,
    locale: &Locale,
) -> Html {
    let row = matrix.row(usize::from(label));
    let (count, of) = (row.get(usize::from(answer)).copied().unwrap_or(0), row.iter().sum::<u32>());
    let shade = (SHADES * f64::from(count) / f64::from(of.max(1))).ceil();
    let kind = if label == answer { "right" } else { "wrong" };
    let words = format!("{}: {}", taken_for(head, label, answer, locale), locale.integer(count));
    let content = if of == 0 {
        html! { { NOTHING } }
    } else if count == 0 || head.restored {
        html! { { locale.integer(count) } }
    } else {
        html! {
            <button
                type="button"
                aria-label={words.clone()}
                title={words}
                data-testid="confusion-cell"
                data-label={label.to_string()}
                data-answer={answer.to_string()}
                data-count={count.to_string()}
                onclick={port.on_click(Command::ShowExam { label, answer })}
            >
                { locale.integer(count) }
            </button>
        }
    };
    html! { <td class={classes!(kind, format!("shade-{shade}"))}>{ content }</td> }
}

/// The images behind one cell of the matrix.
fn shown(images: &Rc<ExamImages>, head: &Trained, props: &CellProps, locale: &Locale) -> Html {
    let ExamImages { label, answer, images } = &**images;
    let title = taken_for(head, *label, *answer, locale);
    let pictures = images.iter().map(|(hash, image)| {
        let correction = (label != answer).then(|| relabel(*hash, *label, head, props));
        html! {
            <li key={key(hash)}>
                <Picture image={image.clone()} label={class_name(head, *label, locale)} />
                { for correction }
            </li>
        }
    });
    html! {
        <section aria-live="polite" data-testid="exam-images" data-count={images.len().to_string()}>
            <h4>{ title }</h4>
            <ul class="examples pictured">{ for pictures }</ul>
        </section>
    }
}

/// A field for the true class of an image that counts as `label`, unless it was corrected.
fn relabel(image: ImageHash, label: u16, head: &Trained, props: &CellProps) -> Html {
    let label = props.state.corrections.get(&image).copied().unwrap_or(label);
    html! { <Relabel {image} {label} classes={head.classes.clone()} port={props.port.clone()} /> }
}

/// An image's identity as a key of a list.
fn key(hash: &ImageHash) -> Key {
    Key::from(u128::from_le_bytes(hash.0))
}

fn per_class(head: &Trained, locale: &Locale) -> Html {
    let figures = head.exam.confusion.per_class();
    let rows = head.classes.iter().zip(figures).enumerate().map(|(class, (name, figures))| {
        let ClassFigures { precision, recall, f1, support } = figures;
        let share =
            |share| figures.known(share).map_or_else(|| NOTHING.to_owned(), |share| locale.percent(share, 1));
        html! {
            <tr
                data-testid="class-row"
                data-name={name.clone()}
                data-recall={figures.known(recall).map(|recall| recall.to_string())}
            >
                <th scope="row">{ locale.class(name) }</th>
                <td>{ share(precision) }</td>
                <td>{ share(recall) }</td>
                <td class="bar">{ for figures.known(recall).map(|recall| bar(class, recall)) }</td>
                <td>{ share(f1) }</td>
                <td>{ locale.integer(support) }</td>
            </tr>
        }
    });
    html! {
        <section>
            <h3>{ locale.text("exam-classes") }</h3>
            <p>{ locale.text("exam-classes-intro") }</p>
            <More text={locale.text("exam-classes-intro-more")} />
            <div class="scrolls wide" tabindex="0" role="region" aria-label={locale.text("exam-classes")}>
                <table class="epochs named">
                    <thead>
                        <tr>
                            <th scope="col">{ locale.text("exam-class") }</th>
                            <th scope="col">{ locale.text("exam-precision") }</th>
                            <th scope="col" colspan="2">{ locale.text("exam-recall") }</th>
                            <th scope="col">{ locale.text("exam-f1") }</th>
                            <th scope="col">{ locale.text("exam-support") }</th>
                        </tr>
                    </thead>
                    <tbody>{ for rows }</tbody>
                </table>
            </div>
        </section>
    }
}

fn mistakes(head: &Trained, props: &CellProps, locale: &Locale) -> Html {
    if head.exam.mistakes.is_empty() {
        return html! { <p>{ locale.text("exam-no-mistakes") }</p> };
    }
    let items = head.exam.mistakes.iter().map(|Mistake { hash, image, label, answer, probability }| {
        html! {
            <li key={key(hash)} data-testid="mistake">
                <Picture image={image.clone()} label="" />
                <span>{ taken_for(head, *label, *answer, locale) }</span>
                <span class="figure">{ locale.percent((*probability).into(), 1) }</span>
                { relabel(*hash, *label, head, props) }
            </li>
        }
    });
    html! {
        <section>
            <h3>{ locale.text("exam-mistakes") }</h3>
            <p>{ locale.text("exam-mistakes-intro") }</p>
            <ul class="examples mistakes">{ for items }</ul>
        </section>
    }
}

/// Accuracy over confidence, as a drawing and as a table.
fn reliability(head: &Trained, locale: &Locale) -> Html {
    let reliability = &head.exam.reliability;
    let bins = reliability.bins();
    let width = SIDE / bins.len() as f64;
    let filled = || {
        bins.iter()
            .enumerate()
            .filter_map(|(place, bin)| Some((place, bin, bin.accuracy()?, bin.confidence()?)))
    };
    let bars = filled().map(|(place, _, accuracy, _)| {
        let (x, height) = (place as f64 * width, accuracy * SIDE);
        html! {
            <rect
                x={(x + 0.5).to_string()}
                y={(SIDE - height).to_string()}
                width={(width - 1.0).to_string()}
                height={height.to_string()}
            />
        }
    });
    let rows = filled().map(|(_, bin, accuracy, confidence)| {
        let Bin { answers, .. } = bin;
        html! {
            <tr>
                <td>{ locale.percent(confidence, 0) }</td>
                <td>{ locale.percent(accuracy, 0) }</td>
                <td>{ locale.integer(*answers) }</td>
            </tr>
        }
    });
    let error = locale.percent(reliability.calibration_error(), 1);
    let summary = locale.fill("exam-reliability-error", &[("error", error.into())]);
    html! {
        <section>
            <h3>{ locale.text("exam-reliability") }</h3>
            <p>{ locale.text("exam-reliability-intro") }{ " " }{ summary.clone() }</p>
            <div class="reliability">
                <svg viewBox={format!("0 0 {SIDE} {SIDE}")} role="img" aria-label={summary}>
                    { for bars }
                    <line x1="0" y1={SIDE.to_string()} x2={SIDE.to_string()} y2="0" />
                </svg>
                <table class="epochs">
                    <thead>
                        <tr>
                            <th scope="col">{ locale.text("exam-confidence") }</th>
                            <th scope="col">{ locale.text("exam-accuracy") }</th>
                            <th scope="col">{ locale.text("exam-support") }</th>
                        </tr>
                    </thead>
                    <tbody>{ for rows }</tbody>
                </table>
            </div>
        </section>
    }
}
