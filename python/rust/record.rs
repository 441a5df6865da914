//! Classes that are nothing but their fields.

/// A class with these fields, each an argument by name and an attribute; and methods of its own.
macro_rules! record {
    (
        $(#[$about:meta])*
        $type:ident { $($(#[$what:meta])* $field:ident $(($secret:ident))?: $of:ty),+ $(,)? }
        $($own:tt)*
    ) => {
        $(#[$about])*
        #[pyclass(frozen, eq, get_all, module = "regconf", from_py_object)]
        #[derive(Clone, PartialEq, serde::Deserialize, serde::Serialize)]
        pub(crate) struct $type {
            $($(#[$what])* pub(crate) $field: $of),+
        }

        impl $crate::value::Value for $type {
            fn arguments<'py>(
                &self,
                py: Python<'py>,
                secrets: $crate::value::Secrets,
            ) -> PyResult<$crate::value::Arguments<'py>> {
                let arguments = $crate::value::Arguments::new(py, secrets);
                $(let arguments = $crate::record::argument!(arguments, self.$field, $field $(, $secret)?)?;)+
                Ok(arguments)
            }

            fn key(&self) -> String {
                serde_json::to_string(self).unwrap_or_default()
            }
        }

        $crate::value::value_methods!($type {
            #[new]
            #[pyo3(signature = (*, $($field),+))]
            fn new($($field: $of),+) -> Self {
                Self { $($field),+ }
            }

            $($own)*
        });
    };
}
pub(crate) use record;

/// Adds a field; what may hold a secret is marked.
macro_rules! argument {
    ($arguments:ident, $value:expr, $field:ident) => {
        $arguments.name(stringify!($field), $value.clone())
    };
    ($arguments:ident, $value:expr, $field:ident, secret) => {
        $arguments.hidden(stringify!($field), $value.clone())
    };
}
pub(crate) use argument;
