use std::rc::Rc;

use yew::prelude::*;

use super::class_name;
use crate::ui::locale::use_locale;
use crate::ui::map_view::{ClassRow, class_rows};
use crate::ui::state::{MapMethod, MapProgress, State};

#[derive(Properties, PartialEq)]
pub struct ClassTableProps {
    /// The page's state.
    pub state: Rc<State>,
    /// How the images are placed.
    pub method: MapMethod,
}

/// What the map shows of each class, in numbers.
#[component]
pub fn ClassTable(props: &ClassTableProps) -> Html {
    let locale = use_locale();
    let ClassTableProps { state, method } = props;
    let open = use_state(|| false);
    let still = state.map.progress == MapProgress::Idle;
    let of = (*open && still).then(|| (state.map.drawn.clone(), state.map.moved.clone(), *method));
    let rows = use_memo(of, {
        let (state, method) = (Rc::clone(state), *method);
        move |of| {
            let map = of.as_ref().and_then(|(map, ..)| map.as_ref());
            map.map_or_else(Vec::new, |map| {
                let labels: Vec<u16> = map.images.iter().map(|image| image.label).collect();
                class_rows(state.map.positions(method), &labels)
            })
        }
    });
    let Some(map) = &state.map.drawn else { return Html::default() };
    let row = |row: &ClassRow| {
        let other = row.other.map_or_else(
            || "–".to_owned(),
            |(other, share)| format!("{} ({})", class_name(map, other, &locale), locale.percent(share, 0)),
        );
        html! {
            <tr data-testid="map-row">
                <th scope="row">{ class_name(map, row.class, &locale) }</th>
                <td>{ locale.integer(row.images) }</td>
                <td>{ locale.percent(row.own, 0) }</td>
                <td>{ other }</td>
            </tr>
        }
    };
    let onclick = {
        let open = open.clone();
        move |_: MouseEvent| open.set(!*open)
    };
    html! {
        <>
            <button
                type="button"
                class="quiet"
                data-testid="map-table-open"
                aria-expanded={open.to_string()}
                {onclick}
            >
                { locale.text("map-table") }
            </button>
            if *open {
                <p class="small" id="map-table-says">{ locale.text("map-table-caption") }</p>
                <div class="scrolls wide" tabindex="0" role="region" aria-label={locale.text("map-table")}>
                    <table class="epochs named" aria-labelledby="map-table-says" data-testid="map-table">
                        <thead>
                            <tr>
                                <th scope="col">{ locale.text("exam-class") }</th>
                                <th scope="col">{ locale.text("map-table-images") }</th>
                                <th scope="col">{ locale.text("map-table-own") }</th>
                                <th scope="col">{ locale.text("map-table-other") }</th>
                            </tr>
                        </thead>
                        <tbody>{ for rows.iter().map(row) }</tbody>
                    </table>
                </div>
            }
        </>
    }
}
