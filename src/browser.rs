//! Everything that touches the browser outside the page.
