//! The parts of the page that use a camera.

use serde_json::json;

use super::Browser;

/// What a button is held with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A mouse.
    Mouse,
    /// A finger on a screen.
    Finger,
    /// The keyboard's space bar, while the button has the focus.
    SpaceBar,
}

impl Browser {
    /// Makes a project, or takes one without pictures, and gives its two classes' numbers.
    pub async fn make_project(&self) -> anyhow::Result<[String; 2]> {
        self.go("#/teach").await?;
        self.wait_for("project", "data-id", 30, |_| true).await?;
        let code = "return [...document.querySelectorAll('[data-testid=class-card]')]
            .map(card => card.dataset.classId);";
        Ok(serde_json::from_value(self.script(code).await?)?)
    }

    /// Opens the recorder of this class, which is scrolled to; another one closes. The camera is asked for.
    pub async fn open_recorder(&self, class: &str) -> anyhow::Result<()> {
        let card = format!("document.querySelector('[data-class-id=\"{class}\"]')");
        self.script(&format!("{card}.querySelector('[data-testid=class-record]').click();")).await?;
        let there = format!("!!{card}.querySelector('[data-testid=recorder]')");
        self.until("the recorder is open", &there).await?;
        // Out of sight its camera ends.
        let look = "querySelector('[data-testid=recorder]')
            .scrollIntoView({ block: 'center', behavior: 'instant' });";
        self.script(&format!("{card}.{look}")).await?;
        Ok(())
    }

    /// Waits until the first camera on the page gives pictures.
    pub async fn camera_runs(&self) -> anyhow::Result<()> {
        self.wait_for("camera-video", "data-state", 60, |state| state == "running").await?;
        Ok(())
    }

    /// The middle on the screen of the element with this test id, which is scrolled to.
    async fn middle(&self, id: &str) -> anyhow::Result<(f64, f64)> {
        let code = "const e = document.querySelector(`[data-testid=${arguments[0]}]`);
            e.scrollIntoView({ block: 'center', behavior: 'instant' });
            const box = e.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];";
        Ok(serde_json::from_value(self.client.execute(code, vec![json!(id)]).await?)?)
    }

    /// Presses what the selector finds and lets it go, as a person does who sees it: fails where it cannot be used,
    /// or is out of the window or covered. A finger scrolls to it first.
    pub async fn press_with(&self, selector: &str, by: By) -> anyhow::Result<()> {
        let look = format!(
            "(() => {{
                const e = document.querySelector('{selector}');
                if (!e || e.disabled) return null;
                if ({}) e.scrollIntoView({{ block: 'nearest', behavior: 'instant' }});
                const box = e.getBoundingClientRect();
                const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                return e.contains(document.elementFromPoint(x, y)) ? [x, y] : null;
            }})()",
            by == By::Finger
        );
        self.until("it can be pressed", &format!("{look} !== null")).await?;
        let (x, y): (f64, f64) = serde_json::from_value(self.script(&format!("return {look};")).await?)?;
        match by {
            By::Mouse => {
                for kind in ["mousePressed", "mouseReleased"] {
                    let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
                    self.devtools("Input.dispatchMouseEvent", event).await?;
                }
            }
            By::Finger => {
                let touch = json!({ "enabled": true });
                self.devtools("Emulation.setTouchEmulationEnabled", touch).await?;
                let points = json!([{ "x": x, "y": y }]);
                for (kind, points) in [("touchStart", points), ("touchEnd", json!([]))] {
                    let event = json!({ "type": kind, "touchPoints": points });
                    self.devtools("Input.dispatchTouchEvent", event).await?;
                }
            }
            By::SpaceBar => {
                self.script(&format!("document.querySelector('{selector}').focus();")).await?;
                self.press(" ").await?;
            }
        }
        Ok(())
    }

    /// Presses the element with this test id, or lets it go, as a person's hand does.
    pub async fn hold(&self, id: &str, by: By, down: bool) -> anyhow::Result<()> {
        let (x, y) = self.middle(id).await?;
        let (method, event) = match by {
            By::Mouse => {
                let kind = if down { "mousePressed" } else { "mouseReleased" };
                let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
                ("Input.dispatchMouseEvent", event)
            }
            By::Finger => {
                let points = if down { json!([{ "x": x, "y": y }]) } else { json!([]) };
                let kind = if down { "touchStart" } else { "touchEnd" };
                ("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points }))
            }
            By::SpaceBar => {
                let focus = "document.querySelector(`[data-testid=${arguments[0]}]`).focus();";
                self.client.execute(focus, vec![json!(id)]).await?;
                let kind = if down { "keyDown" } else { "keyUp" };
                let event = json!({ "type": kind, "key": " ", "code": "Space", "text": " ",
                    "windowsVirtualKeyCode": 32 });
                ("Input.dispatchKeyEvent", event)
            }
        };
        self.devtools(method, event).await?;
        Ok(())
    }
}
