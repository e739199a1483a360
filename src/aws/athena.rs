//! Athena, for windows of access logs that are too large to stream.
