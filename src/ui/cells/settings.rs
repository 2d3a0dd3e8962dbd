use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::protocol::Preset;
use crate::ui::i18n::keys;
use crate::ui::locale::use_locale;
use crate::ui::parts::NumberField;
use crate::ui::state::{Field, Fields};

/// What the training's settings need.
#[derive(Properties, PartialEq)]
pub struct TrainingSettingsProps {
    /// What stands in the fields.
    pub fields: Fields,
    /// Whether a project's takes decide which images validate.
    pub by_take: bool,
    /// Whether nothing can be changed now.
    pub disabled: bool,
    /// Gets the fields after a change.
    pub onchange: Callback<Fields>,
}

/// The kind of head and how it is trained.
#[component]
pub fn TrainingSettings(props: &TrainingSettingsProps) -> Html {
    let locale = use_locale();
    let TrainingSettingsProps { fields, by_take, disabled, onchange } = props;
    let presets = Preset::ALL.map(|preset| {
        let chosen = fields.choose(preset);
        let name = keys::preset(preset);
        html! {
            <div class="preset">
                <label>
                    <input
                        type="radio"
                        name="preset"
                        data-testid={name}
                        checked={preset == fields.preset}
                        disabled={*disabled}
                        aria-describedby={format!("{name}-about")}
                        onchange={onchange.reform(move |_: Event| chosen.clone())}
                    />
                    { " " }{ locale.text(name) }
                </label>
                <small id={format!("{name}-about")}>{ locale.text(keys::preset_note(preset)) }</small>
            </div>
        }
    });
    let field = |field: Field| {
        let [name, label, note, wrong] = keys::field(field);
        let fixed = *by_take && field == Field::ValidationShare;
        let note = if fixed { "validation-share-takes" } else { note };
        let typed = {
            let fields = fields.clone();
            onchange.reform(move |text| fields.with(field, text))
        };
        let (least, most) = field.whole().unwrap_or_default();
        fields.matters(field).then(|| {
            html! {
                <NumberField
                    {name}
                    label={locale.text(label)}
                    note={locale.text(note)}
                    value={fields.text(field).to_owned()}
                    {least}
                    {most}
                    fraction={field.whole().is_none().then(|| AttrValue::from(locale.text(wrong)))}
                    invalid={!fixed && fields.is_wrong(field)}
                    disabled={*disabled || fixed}
                    oninput={typed.clone()}
                    onchange={typed}
                />
            }
        })
    };
    let stops_early = {
        let fields = fields.clone();
        onchange.reform(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            fields.stopping_early(input.checked())
        })
    };
    let more = fields.preset.has_epochs().then(|| {
        html! {
            <details data-testid="settings">
                <summary>{ locale.text("settings-title") }</summary>
                <p class="small">{ locale.text("settings-intro") }</p>
                <fieldset>
                    { for [Field::Batch, Field::LearningRate, Field::ValidationShare].into_iter().filter_map(field) }
                    { for [Field::DropoutMap, Field::DropoutPooled].into_iter().filter_map(field) }
                </fieldset>
                <label>
                    <input
                        type="checkbox"
                        data-testid="early-stopping"
                        checked={fields.stops_early}
                        disabled={*disabled}
                        onchange={stops_early}
                    />
                    { " " }{ locale.text("early-stopping-label") }
                </label>
                { field(Field::Patience).unwrap_or_default() }
            </details>
        }
    });
    html! {
        <>
            <fieldset class="presets" role="radiogroup">
                <legend>{ locale.text("preset-label") }</legend>
                { for presets }
            </fieldset>
            if fields.preset.has_epochs() {
                <fieldset>{ for [Field::Epochs, Field::Seed].into_iter().filter_map(field) }</fieldset>
            }
            { more.unwrap_or_default() }
        </>
    }
}
