//! The page's drawn pictures. They repeat what the text beside them says, so that screen readers leave them out;
//! their colours are the page's.

use yew::prelude::*;

/// What a drawing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Two piles of photos and a camera.
    DoorTeach,
    /// A notebook's page with a curve.
    DoorNotebook,
    /// A folder that pictures fly into.
    DoorOpen,
    /// From a picture through the network to a few numbers and two classes.
    Bottleneck,
    /// A class without pictures.
    EmptyClass,
    /// A head that has not learnt yet.
    EmptyTrain,
    /// Nothing to classify yet.
    EmptyTry,
}

impl Scene {
    fn svg(self) -> &'static str {
        match self {
            Self::DoorTeach => include_str!("drawings/door-teach.svg"),
            Self::DoorNotebook => include_str!("drawings/door-notebook.svg"),
            Self::DoorOpen => include_str!("drawings/door-open.svg"),
            Self::Bottleneck => include_str!("drawings/bottleneck.svg"),
            Self::EmptyClass => include_str!("drawings/empty-class.svg"),
            Self::EmptyTrain => include_str!("drawings/empty-train.svg"),
            Self::EmptyTry => include_str!("drawings/empty-try.svg"),
        }
    }
}

/// What a drawing needs.
#[derive(Properties, PartialEq)]
pub struct DrawingProps {
    /// What it shows.
    pub scene: Scene,
}

/// A drawing.
#[component]
pub fn Drawing(props: &DrawingProps) -> Html {
    html! {
        <span class="drawing" aria-hidden="true">{ Html::from_html_unchecked(props.scene.svg().into()) }</span>
    }
}
