//! A store that lasts as long as the tab, for tests and where the browser's is closed.
