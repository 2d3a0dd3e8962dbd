//! Commands in, events out: the one place where the modules meet.
