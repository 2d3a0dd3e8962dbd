use yew::prelude::*;

use crate::ui::i18n::Language;
use crate::ui::locale::use_locale;
use crate::ui::route::Route;

/// What the header needs.
#[derive(Properties, PartialEq)]
pub struct HeaderProps {
    /// What stands beside the page's name.
    #[prop_or_default]
    pub children: Html,
}

/// The page's name, which leads to the first view.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let locale = use_locale();
    html! {
        <header class="top">
            <a class="name" href={Route::Home.to_string()} data-testid="home">{ locale.text("header-name") }</a>
            { props.children.clone() }
        </header>
    }
}

/// What the language switch needs.
#[derive(Properties, PartialEq)]
pub struct LanguagesProps {
    /// Gets the language that was chosen.
    pub on_language: Callback<Language>,
}

/// The language switch, named in both languages: who looks for it may read only one.
#[component]
pub fn Languages(props: &LanguagesProps) -> Html {
    let locale = use_locale();
    let switch = Language::ALL.into_iter().map(|language| {
        let name = locale.text(match language {
            Language::Spanish => "language-es",
            Language::English => "language-en",
        });
        let onclick = props.on_language.reform(move |_: MouseEvent| language);
        html! {
            <button
                type="button"
                lang={language.code()}
                aria-pressed={(language == locale.language()).to_string()}
                data-testid={format!("lang-{}", language.code())}
                {onclick}
            >
                { name }
            </button>
        }
    });
    html! {
        <div class="beside">
            <span id="language-label">{ locale.text("language-label") }</span>
            <div class="languages" role="group" aria-labelledby="language-label">{ for switch }</div>
        </div>
    }
}
