//! Arithmetic on the numbers of JSON as Python does it: whole numbers are exact and of any size, a fraction makes a
//! float, sums of floats are compensated. So the calculators of all languages give the same digits.

mod number;
mod operations;
mod python_text;

pub use number::Number;
pub use operations::{difference, product, quotient, sum};
pub use python_text::{dumps, repr};

/// How a result past the largest float is refused.
pub const TOO_LARGE: &str = "expected a result of at most 1.79769e+308, found a larger one";
