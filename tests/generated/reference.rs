//! Values and derivatives that PyTorch and ONNX have (`tests/reference`).

use crate::cases::{Case, Close};
use pullback::Model;
use serde_json::Value;
use std::sync::OnceLock;

macro_rules! values {
    ($(($name:ident $Model:ident $kind:ident $suite:ident $key:literal))*) => {$(
        values! { $kind
            #[test]
            fn $name() {
                $crate::reference::check::<$Model<f64>>(stringify!($suite), $key);
            }
        }
    )*};
    (valueless $($test:tt)*) => {};
    ($kind:ident $($test:tt)*) => { $($test)* };
}
pub(crate) use values;

/// The cases of a file, which is read once.
fn rows(suite: &str) -> &'static [Value] {
    macro_rules! files {
        ($($name:literal)*) => {
            match suite {
                $($name => {
                    static ROWS: OnceLock<Vec<Value>> = OnceLock::new();
                    ROWS.get_or_init(|| {
                        let file = include_str!(concat!("../reference/", $name, ".json"));
                        serde_json::from_str(file).expect("the file is JSON")
                    })
                })*
                other => panic!("there is no suite {other}"),
            }
        };
    }
    files!("ops" "torch" "onnx" "ties" "grid" "models")
}

/// Compares a model with all its cases.
pub(crate) fn check<M: Model<Scalar = f64>>(suite: &str, key: &str) {
    let name = if matches!(suite, "torch" | "onnx" | "ties") { "model" } else { "case" };
    let close = match suite {
        "ties" => Close::SampleBySample,
        "onnx" => Close::AsTold,
        _ => Close::Relative,
    };
    let cases = rows(suite).iter().filter(|row| row[name] == key);
    let mut count = 0;
    for case in cases {
        Case::<M>::new(case, close).check();
        count += 1;
    }
    assert!(count > 0, "{suite} has no case of {key}");
}
