//! The trained head, and the one before it.

use std::rc::Rc;

use crate::protocol::{Thresholds, Trained};

use super::{Classification, RunAll, State, Work};

impl State {
    /// A head was trained, or found in the store.
    pub(super) fn trained(&mut self, trained: Trained) {
        let earlier = self.replace_head(Some(Rc::new(trained)));
        let comparable = |earlier: &Rc<Trained>| {
            self.head.as_ref().is_some_and(|head| {
                !head.restored && (&head.classes, head.source) == (&earlier.classes, earlier.source)
            })
        };
        self.before = earlier.filter(comparable);
        self.run_all = RunAll::Off;
        self.change_work(Work::rested);
    }

    /// The head's classes have these names now. An answer that names the earlier ones goes.
    pub(super) fn rename_head_classes(&mut self, classes: &[String]) {
        for head in self.head.iter_mut().chain(&mut self.before) {
            Rc::make_mut(head).classes = classes.to_vec();
        }
        self.classification = Classification::None;
    }

    /// Puts a head in place of another one, whose answers are no longer worth anything.
    pub(super) fn replace_head(&mut self, head: Option<Rc<Trained>>) -> Option<Rc<Trained>> {
        self.thresholds = head.as_ref().map_or_else(Thresholds::default, |head| head.thresholds);
        self.corrections.clear();
        self.exam_images = None;
        // Its rings are the earlier head's.
        self.map.outdated |= self.map.drawn.is_some();
        self.epoch_images = None;
        self.classification = Classification::None;
        std::mem::replace(&mut self.head, head)
    }
}
