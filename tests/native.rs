//! Native tests, one binary, a module a topic.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "native/arrays.rs"]
mod arrays;
#[path = "native/backbone.rs"]
mod backbone;
#[path = "native/cases.rs"]
mod cases;
#[path = "native/cifar_python.rs"]
mod cifar_python;
#[path = "native/containers.rs"]
mod containers;
#[path = "native/dataset.rs"]
mod dataset;
#[path = "native/doubt.rs"]
mod doubt;
#[path = "native/faults.rs"]
mod faults;
#[path = "native/folders.rs"]
mod folders;
#[path = "native/head.rs"]
mod head;
#[path = "native/head_bytes.rs"]
mod head_bytes;
#[path = "native/head_keras.rs"]
mod head_keras;
#[path = "native/interchange/classifier.rs"]
mod interchange_classifier;
#[path = "native/interchange/features.rs"]
mod interchange_features;
#[path = "native/interchange/heads.rs"]
mod interchange_heads;
#[path = "native/interchange/pictures.rs"]
mod interchange_pictures;
#[path = "native/interchange/scale.rs"]
mod interchange_scale;
#[path = "native/layers.rs"]
mod layers;
#[path = "native/layouts.rs"]
mod layouts;
#[path = "native/learning_curve.rs"]
mod learning_curve;
#[path = "native/metrics.rs"]
mod metrics;
#[path = "native/packed.rs"]
mod packed;
#[path = "native/page/camera.rs"]
mod page_camera;
#[path = "native/page/chart.rs"]
mod page_chart;
#[path = "native/page/device_check.rs"]
mod page_device_check;
#[path = "native/page/events.rs"]
mod page_events;
#[path = "native/page/exchange.rs"]
mod page_exchange;
#[path = "native/page/finished.rs"]
mod page_finished;
#[path = "native/page/links.rs"]
mod page_links;
#[path = "native/page/many.rs"]
mod page_many;
#[path = "native/page/map.rs"]
mod page_map;
#[path = "native/page/model_card.rs"]
mod page_model_card;
#[path = "native/page/offline.rs"]
mod page_offline;
#[path = "native/page/settings.rs"]
mod page_settings;
#[path = "native/page/speeds.rs"]
mod page_speeds;
#[path = "native/page/state.rs"]
mod page_state;
#[path = "native/page/texts.rs"]
mod page_texts;
#[path = "native/page/views.rs"]
mod page_views;
#[path = "native/pictures.rs"]
mod pictures;
#[path = "native/pieces.rs"]
mod pieces;
#[path = "native/pixels.rs"]
mod pixels;
#[path = "native/pool.rs"]
mod pool;
#[path = "native/project.rs"]
mod project;
#[path = "native/projects.rs"]
mod projects;
#[path = "native/python.rs"]
mod python;
#[path = "native/reopening.rs"]
mod reopening;
#[path = "native/session.rs"]
mod session;
#[path = "native/shared.rs"]
mod shared;
#[path = "native/skipped.rs"]
mod skipped;
#[path = "native/store.rs"]
mod store;
#[path = "native/training.rs"]
mod training;
#[path = "native/trainings.rs"]
mod trainings;
#[path = "native/two_tabs.rs"]
mod two_tabs;
#[path = "native/visit.rs"]
mod visit;
