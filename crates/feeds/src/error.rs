//! Errors of collection, one line each.

/// What stops a feed from being opened or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The video could not be opened or read.
    #[error(transparent)]
    Video(#[from] atalaya_video::Error),
    /// The address cannot be listened on.
    #[error(
        "udp {address}: cannot listen: {cause}; stop what uses the port, or choose another in the operation"
    )]
    Listen {
        /// The address as given.
        address: String,
        /// The system's reason.
        cause: String,
    },
    /// A sensor's recording or live source can't be used.
    #[error("{path}: {cause}")]
    Sensor {
        /// The file or the address.
        path: String,
        /// What is wrong and what to do.
        cause: String,
    },
    /// A file or folder of evidence could not be written or read.
    #[error("{path}: {action} failed: {cause}; check free space and permissions")]
    Store {
        /// The path.
        path: String,
        /// What was tried.
        action: &'static str,
        /// The system's reason.
        cause: String,
    },
}

impl Error {
    pub(crate) fn store(
        path: &std::path::Path,
        action: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::Store {
            path,
            action,
            cause: error.to_string(),
        }
    }
}
