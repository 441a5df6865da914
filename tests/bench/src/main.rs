//! The push benchmark: the same work by regconf and by others, on the same real sshd nodes.
mod floor;
mod job;
mod nodes;
mod ours;
mod procfs;

fn main() -> job::Result<()> {
    let mut args = std::env::args().skip(1);
    let word = args.next().unwrap_or_default();
    match word.as_str() {
        "floor" => floor::push(&job::Job::of_environment()?)?,
        "ours" => println!("{}", ours::push(&job::Job::of_environment()?)?),
        _ => {
            let nodes = nodes::Nodes::start("target/bench/nodes".as_ref(), word.parse()?)?;
            println!("{}", nodes.client().display());
            println!("{}", nodes.hosts(nodes.all().len())?.display());
            println!("{}", nodes.port());
            std::io::stdin().read_line(&mut String::new())?;
            nodes.drain()?;
        }
    }
    Ok(())
}
