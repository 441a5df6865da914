//! The nodes and each measured call in processes of their own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::Fault;
use crate::client::{Figures, Job};
use crate::farm::Farm;

/// Nodes that serve until this is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) port: u16,
}

impl Running {
    pub(crate) fn start(farm: &Farm) -> Result<Self, Fault> {
        let mut command = itself("farm", &serde_json::to_string(farm)?)?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        // From here on it ends with its input, whatever happens.
        let port = line.trim().parse().map_err(|_| format!("the nodes did not start: {line:?}"))?;
        Ok(Self { child, port })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Makes a call and gives what it took.
pub(crate) fn call(job: &Job) -> Result<Figures, Fault> {
    let output = itself("client", &serde_json::to_string(job)?)?.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the call ended with {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn itself(task: &str, what: &str) -> Result<Command, Fault> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(task).arg(what);
    Ok(command)
}
