//! What is folded away, and is opened as a person would open it: by the line above it.

use serde_json::json;

use super::Browser;

/// A function that opens all that is folded around an element, from the outside in.
pub(crate) const OPEN: &str = "const open = element => {
        const folds = [];
        for (let at = element.parentElement; at; at = at.parentElement) {
            const title = at.tagName === 'DETAILS' && !at.open && at.querySelector(':scope > summary');
            if (title && !title.contains(element)) folds.unshift(title);
        }
        folds.forEach(title => title.click());
    };";

impl Browser {
    /// Opens all that is folded around the element with this test id.
    pub async fn unfold(&self, id: &str) -> anyhow::Result<()> {
        self.find(id).await?;
        let script = format!("{OPEN} open(document.querySelector(`[data-testid=${{arguments[0]}}]`));");
        self.client.execute(&script, vec![json!(id)]).await?;
        Ok(())
    }
}
