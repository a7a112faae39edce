//! report.html: one offline page about a run.
