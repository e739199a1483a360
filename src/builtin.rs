//! The definition files that are part of the program.

include!(concat!(env!("OUT_DIR"), "/builtin_definitions.rs"));
