//! What a model card says of a trained head: data, split, network, head, results and limits (after M. Mitchell et
//! al. 2019, "Model Cards for Model Reporting"). Pure; the page draws it.

use crate::backbone::Purpose;
use crate::dataset::Source;
use crate::dataset::notices::Notice;
use crate::metrics::wilson_interval;
use crate::protocol::{DatasetInfo, Trained};
use crate::ui::i18n::keys;
use crate::ui::phrase::{Phrase, Value};
use crate::ui::state::State;

/// An exam of fewer images leaves an interval that is wide enough to be told of.
const FEW_TESTS: u32 = 200;
/// A class with fewer images in the exam is named.
const FEW_OF_CLASS: u32 = 10;
/// Pairs of classes that are named, those that are mixed up most.
const MOST_PAIRS: usize = 3;

/// A class's line.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassLine {
    /// Its name.
    pub name: String,
    /// Images to learn from, validation images included; `None` where that is not known any more.
    pub train: Option<u32>,
    /// Images of the exam.
    pub test: u32,
    /// Those that were recognised.
    pub right: u32,
}

impl ClassLine {
    /// The share of its images that were recognised, with its 95 % interval; `None` where it has none in the exam.
    pub fn recall(&self) -> Option<(f64, (f64, f64))> {
        let share = f64::from(self.right) / f64::from(self.test);
        (self.test > 0).then(|| (share, wilson_interval(self.right, self.test)))
    }
}

/// What a model card says.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// What it is about: a project's name, or where the data come from.
    pub name: Value,
    /// How many images there are, and where they come from.
    pub source: Phrase,
    /// Whether the data in use are those that the head learnt from.
    pub current: bool,
    /// Each class.
    pub classes: Vec<ClassLine>,
    /// What was left out, joined or learnt from otherwise.
    pub notices: Vec<Notice>,
    /// How the images were shared out.
    pub split: Vec<Phrase>,
    /// Which network and which head, with their settings.
    pub made: Vec<Phrase>,
    /// The accuracy.
    pub result: Phrase,
    /// What it cannot do.
    pub limits: Vec<Phrase>,
}

/// The card of the head whose result is shown; `None` where there is none.
pub fn card(state: &State) -> Option<Card> {
    let head = state.result()?;
    let data = state.data().filter(|data| is_of(data, head));
    let per_class = data.map(|data| data.per_class.as_slice()).filter(|counts| {
        let train: u32 = counts.iter().map(|[train, _]| train).sum();
        counts.len() == head.classes.len() && train == head.train
    });
    let classes: Vec<ClassLine> = head
        .classes
        .iter()
        .enumerate()
        .map(|(class, name)| {
            let row = head.exam.confusion.row(class);
            ClassLine {
                name: name.clone(),
                train: per_class.and_then(|counts| Some(counts.get(class)?[0])),
                test: row.iter().sum(),
                right: row.get(class).copied().unwrap_or(0),
            }
        })
        .collect();
    let project = state.projects.open.as_ref().filter(|_| head.source == Source::Project);
    Some(Card {
        name: match project {
            Some(open) => Value::Text(open.project.name.clone()),
            None => Value::Key(keys::source(head.source)),
        },
        source: Phrase::new("card-source")
            .with("source", Value::Key(keys::source(head.source)))
            .with("train", whole(head.train))
            .with("test", whole(head.test())),
        current: per_class.is_some(),
        notices: data.map(|data| data.notices.clone()).unwrap_or_default(),
        split: split(head),
        made: made(head, state),
        result: result(head),
        limits: limits(head, &classes, state),
        classes,
    })
}

/// Whether a head could have learnt from these data as they are now.
fn is_of(data: &DatasetInfo, head: &Trained) -> bool {
    data.source == head.source
        && data.classes == head.classes
        && (data.train, data.test) == (head.train, head.test())
}

fn whole(number: u32) -> Value {
    Value::Number(number.into(), 0)
}

/// Images that were not learnt from but chose the best epoch. As in Keras, the first ones are learnt.
fn validation(head: &Trained) -> u32 {
    if !head.options.preset.has_epochs() {
        return 0;
    }
    let learnt = (f64::from(head.train) * (1.0 - head.options.validation_share)).floor() as u32;
    head.train - learnt.clamp(1.min(head.train), head.train)
}

fn split(head: &Trained) -> Vec<Phrase> {
    let validation = validation(head);
    let shared = match validation {
        0 => Phrase::new("card-split-two").with("learnt", whole(head.train)),
        _ => Phrase::new("card-split-three")
            .with("learnt", whole(head.train - validation))
            .with("validation", whole(validation)),
    };
    let kept = if head.source == Source::Project { "card-split-takes" } else { "card-split-plain" };
    vec![shared.with("test", whole(head.test())), Phrase::new(kept)]
}

fn made(head: &Trained, state: &State) -> Vec<Phrase> {
    let network = match state.backbone() {
        Some(backbone) if !state.is_foreign() => Phrase::new("card-network")
            .with("name", Value::Text(backbone.name.clone()))
            .with("source", Value::Text(backbone.source.clone()))
            .with("licence", Value::Text(backbone.licence.clone())),
        _ => Phrase::new("card-network-unknown"),
    };
    let options = &head.options;
    let preset = Phrase::new("card-head").with("head", Value::Key(keys::preset(options.preset)));
    let settings = if options.preset.has_epochs() {
        Phrase::new("card-settings")
            .with("done", whole(head.epochs.len() as u32))
            .with("epochs", whole(options.epochs))
            .with("best", whole(head.best_epoch))
            .with("batch", whole(options.batch))
            .with("rate", Value::Number(options.learning_rate.into(), 5))
            .with("seed", Value::Text(options.seed.to_string()))
    } else {
        Phrase::new("card-settings-nearest")
    };
    vec![network, preset, settings]
}

fn result(head: &Trained) -> Phrase {
    let (correct, test) = (head.correct(), head.test());
    let (low, high) = wilson_interval(correct, test);
    Phrase::new("card-accuracy")
        .with("correct", whole(correct))
        .with("test", whole(test))
        .with("accuracy", Value::Share(f64::from(correct) / f64::from(test.max(1)), 2))
        .with("low", Value::Share(low, 2))
        .with("high", Value::Share(high, 2))
}

fn limits(head: &Trained, classes: &[ClassLine], state: &State) -> Vec<Phrase> {
    let names = |wanted: fn(&ClassLine) -> bool| -> Vec<String> {
        classes.iter().filter(|class| wanted(class)).map(|class| class.name.clone()).collect()
    };
    let named = |key: &str, names: Vec<String>| {
        (!names.is_empty()).then(|| Phrase::new(key).with("names", Value::Classes(names)))
    };
    let test = head.test();
    let few = (test < FEW_TESTS).then(|| {
        let (low, high) = wilson_interval(head.correct(), test);
        Phrase::new("card-limit-few")
            .with("images", Value::Count(test))
            .with("low", Value::Share(low, 0))
            .with("high", Value::Share(high, 0))
    });
    let development = state.backbone().filter(|backbone| backbone.purpose == Purpose::Development);
    let development = development.filter(|_| !state.is_foreign());
    let mut limits = vec![
        Phrase::new("card-limit-classes").with("classes", Value::Count(classes.len() as u32)),
        Phrase::new("card-limit-alike"),
    ];
    limits.extend(few);
    limits.extend(named("card-limit-class-few", names(|class| (1..FEW_OF_CLASS).contains(&class.test))));
    limits.extend(named("card-limit-untested", names(|class| class.test == 0)));
    limits.extend(mixed_up(head));
    limits.extend(development.map(|_| Phrase::new("card-limit-development")));
    limits.push(Phrase::new("card-limit-people"));
    limits
}

/// The classes that are taken for one another most often, the most frequent first.
fn mixed_up(head: &Trained) -> Vec<Phrase> {
    let matrix = &head.exam.confusion;
    let mut pairs: Vec<(u32, usize, usize)> = (0..matrix.classes())
        .flat_map(|label| (0..matrix.classes()).map(move |answer| (label, answer)))
        .filter(|(label, answer)| label != answer)
        .filter_map(|(label, answer)| Some((*matrix.row(label).get(answer)?, label, answer)))
        .filter(|(count, ..)| *count > 0)
        .collect();
    pairs.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
    let class = |at: usize| Value::Classes(head.classes.get(at).cloned().into_iter().collect());
    let pairs = pairs.into_iter().take(MOST_PAIRS).map(|(count, label, answer)| {
        Phrase::new("card-limit-mixed")
            .with("label", class(label))
            .with("answer", class(answer))
            .with("count", whole(count))
            .with("of", whole(matrix.row(label).iter().sum()))
    });
    pairs.collect()
}
