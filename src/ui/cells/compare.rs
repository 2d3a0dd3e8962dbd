use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::CellProps;
use super::verdict::verdict;
use crate::browser::save;
use crate::head::Settings;
use crate::metrics::wilson_interval;
use crate::protocol::{Command, TrainingsCommand};
use crate::trainings::{Cell, Column, MOST, Order, Summary, csv};
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::TextField;
use crate::ui::port::Port;

/// Name of the table as a file.
const FILE: &str = "trainings.csv";
/// What tells spreadsheets that a file is UTF-8.
const MARK: &str = "\u{feff}";

/// Every finished training of what is in use, and what two chosen ones say of each other.
#[component]
pub fn Compare(props: &CellProps) -> Html {
    let locale = use_locale();
    let order = use_state(Order::default);
    // Another data set's rows have the same numbers, and were made at other times.
    let chosen = use_state(Vec::<(u32, f64)>::new);
    let CellProps { state, port } = props;
    let finished = &state.finished;
    let busy = state.can_use_data().is_err();
    let same = |&(id, made): &(u32, f64)| finished.row(id).filter(|row| row.made == made).map(|row| row.id);
    let there: Vec<u32> = chosen.iter().filter_map(same).collect();
    let compared = finished.comparison_of(&there);
    let wanted = match there[..] {
        [first, second] if compared.is_none() && !busy => Some([first, second]),
        _ => None,
    };
    use_effect_with(wanted, {
        let port = port.clone();
        move |wanted| {
            if let Some(of) = *wanted {
                port.send(Command::Trainings(TrainingsCommand::Compare(of)));
            }
        }
    });
    if state.data().is_none() || (state.head.is_none() && finished.info.rows.is_empty()) {
        return Html::default();
    }
    let mut rows = finished.info.rows.clone();
    order.sort(&mut rows, |row, column| sorted_by(row, column, &locale));
    let choose = {
        let (chosen, there, finished) = (chosen.setter(), there.clone(), finished.clone());
        Callback::from(move |(id, on): (u32, bool)| {
            let mut next: Vec<u32> = there.iter().copied().filter(|other| *other != id).collect();
            if on {
                next.push(id);
                // A third one takes the place of the one that was chosen first.
                next.drain(..next.len().saturating_sub(2));
            }
            let made = |id| Some((id, finished.row(id)?.made));
            chosen.set(next.into_iter().filter_map(made).collect());
        })
    };
    let table = table(&rows, &there, &order, &choose, busy, port, &locale);
    html! {
        <details class="exam compare" data-testid="compare">
            <summary>{ locale.text("trainings-title") }</summary>
            <p>{ locale.text(if rows.is_empty() { "trainings-none" } else { "trainings-intro" }) }</p>
            if !rows.is_empty() {
                { table }
            }
            { gone(props, busy, &locale) }
            if !rows.is_empty() {
                { verdict(finished, compared, there.len(), &locale) }
                <button
                    type="button"
                    class="quiet"
                    data-testid="trainings-csv"
                    onclick={{
                        let text = format!("{MARK}{}", csv(&lines(&rows, &locale)));
                        Callback::from(move |_: MouseEvent| save::text(FILE, &text))
                    }}
                >
                    { locale.text("trainings-csv") }
                </button>
            }
        </details>
    }
}

/// What is called a training: its own name, else its number.
pub fn called(row: &Summary, locale: &Locale) -> String {
    match row.name.as_str() {
        "" => locale.fill("trainings-unnamed", &[("number", locale.integer(row.id).into())]),
        name => name.to_owned(),
    }
}

/// What rows are ordered by in a column of words.
fn sorted_by(row: &Summary, column: Column, locale: &Locale) -> String {
    match column {
        Column::Name if row.name.is_empty() => {
            locale.fill("trainings-unnamed", &[("number", format!("{:010}", row.id).into())])
        }
        column => words(row, column, locale),
    }
}

/// What stands in a column of words.
fn words(row: &Summary, column: Column, locale: &Locale) -> String {
    match column {
        Column::Name => called(row, locale),
        Column::Network if row.network.is_empty() => locale.text("trainings-foreign"),
        Column::Network => row.network.clone(),
        Column::Head => locale.text(keys::preset(row.settings.preset)),
        Column::Settings => settings(&row.settings, locale),
        _ => String::new(),
    }
}

/// How a head was trained: its epochs and seed, and what is not usual for its kind.
fn settings(settings: &Settings, locale: &Locale) -> String {
    if !settings.preset.has_epochs() {
        return "–".to_owned();
    }
    let usual = Settings::of(settings.preset);
    let number = |value: f64, text: String| {
        locale.decimal(value, text.split_once('.').map_or(0, |(_, digits)| digits.len()))
    };
    let real = |value: f32| number(value.into(), value.to_string());
    let share = locale.percent(settings.validation_share, 0);
    let patience = settings.patience.map_or_else(|| "–".to_owned(), |epochs| locale.integer(epochs));
    let others = [
        (true, "trainings-seed", settings.seed.to_string()),
        (settings.batch != usual.batch, "trainings-batch", locale.integer(settings.batch)),
        (settings.learning_rate != usual.learning_rate, "trainings-rate", real(settings.learning_rate)),
        (share != locale.percent(usual.validation_share, 0), "trainings-share", share.clone()),
        (settings.dropout_map != usual.dropout_map, "trainings-dropout-map", real(settings.dropout_map)),
        (
            settings.dropout_pooled != usual.dropout_pooled,
            "trainings-dropout-pooled",
            real(settings.dropout_pooled),
        ),
        (settings.patience != usual.patience, "trainings-patience", patience),
    ];
    let epochs = [("count", settings.epochs.into()), ("shown", locale.integer(settings.epochs).into())];
    let others = others.into_iter().filter(|(shown, ..)| *shown);
    let others = others.map(|(_, key, value)| locale.fill(key, &[("value", value.into())]));
    std::iter::once(locale.fill("trainings-epochs", &epochs)).chain(others).collect::<Vec<_>>().join(", ")
}

fn table(
    rows: &[Summary],
    chosen: &[u32],
    order: &UseStateHandle<Order>,
    choose: &Callback<(u32, bool)>,
    busy: bool,
    port: &Port,
    locale: &Locale,
) -> Html {
    let heads = Column::ALL.map(|column| {
        let [name, text] = keys::column(column);
        let sort = order.aria_sort(column);
        let arrow = match sort {
            "ascending" => "▲",
            "descending" => "▼",
            _ => "↕",
        };
        let order = order.clone();
        html! {
            <th scope="col" class={column.is_words().then_some("words")} aria-sort={sort}>
                <button
                    type="button"
                    class="sort"
                    data-testid={name}
                    onclick={move |_: MouseEvent| order.set(order.pressed(column))}
                >
                    { locale.text(text) }<span aria-hidden="true">{ arrow }</span>
                </button>
            </th>
        }
    });
    let rows = rows.iter().map(|one| row(one, chosen.contains(&one.id), choose, busy, port, locale));
    html! {
        <div class="scrolls wide" tabindex="0" role="region" aria-label={locale.text("trainings-table")}>
            <table class="epochs trainings" data-testid="trainings">
                <thead>
                    <tr>
                        <th scope="col">{ locale.text("trainings-choose") }</th>
                        { for heads }
                        <th scope="col">{ locale.text("trainings-delete") }</th>
                    </tr>
                </thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
    }
}

fn row(
    one: &Summary,
    chosen: bool,
    choose: &Callback<(u32, bool)>,
    busy: bool,
    port: &Port,
    locale: &Locale,
) -> Html {
    let (id, name) = (one.id, called(one, locale));
    let about = |key: &str| locale.fill(key, &[("name", name.as_str().into())]);
    let onchange = {
        let choose = choose.clone();
        Callback::from(move |event: Event| {
            choose.emit((id, event.target_unchecked_into::<HtmlInputElement>().checked()));
        })
    };
    let rename = {
        let port = port.clone();
        Callback::from(move |name| {
            port.send(Command::Trainings(TrainingsCommand::Rename { id, name }));
        })
    };
    let (low, high) = wilson_interval(one.correct, one.test);
    let interval = [("low", locale.percent(low, 1).into()), ("high", locale.percent(high, 1).into())];
    html! {
        <tr
            key={id}
            class={chosen.then_some("best")}
            data-testid="training-row"
            data-id={id.to_string()}
            data-name={one.name.clone()}
            data-preset={one.settings.preset.name()}
            data-accuracy={one.accuracy().to_string()}
        >
            <td>
                <input
                    type="checkbox"
                    data-testid="training-choose"
                    aria-label={about("trainings-choose-one")}
                    checked={chosen}
                    {onchange}
                />
            </td>
            <th scope="row">
                <TextField
                    name="training-name"
                    label={about("trainings-name-one")}
                    value={name.clone()}
                    disabled={busy}
                    onchange={rename}
                />
            </th>
            <td>
                <strong>{ locale.percent(one.accuracy(), 1) }</strong>
                <small>{ locale.fill("range", &interval) }</small>
            </td>
            <td class="words">{ words(one, Column::Head, locale) }</td>
            <td class="words settings">{ words(one, Column::Settings, locale) }</td>
            <td class="words">{ words(one, Column::Network, locale) }</td>
            <td>{ locale.integer(one.train) }</td>
            <td>{ locale.integer(one.test) }</td>
            <td>{ locale.duration(one.seconds) }</td>
            <td><time datetime={iso(one.made)}>{ locale.date(one.made) }</time></td>
            <td>
                <button
                    type="button"
                    class="quiet"
                    data-testid="training-delete"
                    aria-label={about("trainings-delete-one")}
                    disabled={busy}
                    onclick={port.on_click(Command::Trainings(TrainingsCommand::Delete(id)))}
                >
                    { "×" }
                </button>
            </td>
        </tr>
    }
}

/// What was deleted and can be taken back, and what made room.
fn gone(props: &CellProps, busy: bool, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let info = &state.finished.info;
    let deleted = info
        .deleted
        .as_ref()
        .map(|row| locale.fill("trainings-deleted", &[("name", called(row, locale).into())]));
    let dropped = [
        ("count", info.dropped.into()),
        ("shown", locale.integer(info.dropped).into()),
        ("most", (MOST as u32).into()),
    ];
    html! {
        <div role="status" class="gone">
            if let Some(text) = deleted {
                <p data-testid="training-deleted">{ text }</p>
                <button
                    type="button"
                    class="quiet"
                    data-testid="training-undo"
                    disabled={busy}
                    onclick={port.on_click(Command::Trainings(TrainingsCommand::Restore))}
                >
                    { locale.text("trainings-undo") }
                </button>
            }
            if info.dropped > 0 {
                <p data-testid="trainings-dropped">{ locale.fill("trainings-dropped", &dropped) }</p>
            }
        </div>
    }
}

/// A moment in milliseconds since 1970, as ISO 8601 writes it.
fn iso(milliseconds: f64) -> String {
    js_sys::Date::new(&milliseconds.into()).to_iso_string().into()
}

/// The table for other programs: the same rows in the same order.
fn lines(rows: &[Summary], locale: &Locale) -> Vec<Vec<Cell>> {
    let heads = [
        "trainings-name",
        "trainings-network",
        "trainings-head",
        "trainings-settings",
        "trainings-train",
        "trainings-test",
        "trainings-correct",
        "trainings-accuracy",
        "trainings-low",
        "trainings-high",
        "trainings-seconds",
        "trainings-made",
    ];
    let heads = heads.map(|key| Cell::Text(locale.text(key))).to_vec();
    let line = |row: &Summary| {
        let (low, high) = wilson_interval(row.correct, row.test);
        let columns = [Column::Name, Column::Network, Column::Head, Column::Settings];
        let texts = columns.map(|column| Cell::Text(words(row, column, locale)));
        let numbers = [row.train, row.test, row.correct].map(|count| Cell::Number(count.into()));
        let shares = [row.accuracy(), low, high, row.seconds].map(Cell::Number);
        let made = Cell::Text(iso(row.made));
        texts.into_iter().chain(numbers).chain(shares).chain([made]).collect()
    };
    std::iter::once(heads).chain(rows.iter().map(line)).collect()
}
