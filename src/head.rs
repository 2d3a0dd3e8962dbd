//! The part of the network that is trained here.
