//! The container or unit that a process is in, by the path of its control group (cgroups(7)).

/// Digits of a container's id that are shown, as its own tools do.
const SHOWN: usize = 12;

/// How those who make containers call the control groups: what is before the id, and their name.
const MAKERS: [(&str, &str); 8] = [
    ("docker-", "docker"),
    ("libpod-", "podman"),
    ("cri-containerd-", "containerd"),
    ("nerdctl-", "containerd"),
    ("crio-", "cri-o"),
    ("lxc.payload.", "lxc"),
    ("machine-", "machine"),
    ("systemd-nspawn@", "machine"),
];

/// What a `/proc/PID/cgroup` tells: a container as `docker:0123456789ab`, else a unit of systemd as `nginx.service`.
pub fn of(text: &str) -> Option<String> {
    let paths = || text.lines().filter_map(|line| line.splitn(3, ':').nth(2));
    paths().find_map(container).or_else(|| paths().find_map(unit))
}

fn container(path: &str) -> Option<String> {
    // The innermost is where it is; what is below a container is its own.
    let mut before = None;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let name = part.strip_suffix(".scope").or(part.strip_suffix(".service")).unwrap_or(part);
        let made = MAKERS.iter().find_map(|(prefix, maker)| Some((*maker, name.strip_prefix(prefix)?)));
        if let Some((maker, id)) = made.filter(|(_, id)| !id.is_empty() && !id.starts_with("conmon")) {
            return Some(named(maker, id));
        }
        match before {
            Some("lxc") => return Some(named("lxc", part)),
            Some("docker") if is_id(part) => return Some(named("docker", part)),
            _ if is_id(part) => {
                return Some(named(if path.contains("kubepods") { "kubernetes" } else { "container" }, part));
            }
            _ => before = Some(part),
        }
    }
    None
}

/// A container's id: 64 hexadecimal digits.
fn is_id(part: &str) -> bool {
    part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn named(maker: &str, id: &str) -> String {
    let shown = if is_id(id) { id.get(..SHOWN).unwrap_or(id) } else { id };
    format!("{maker}:{shown}")
}

/// The innermost unit of systemd.
fn unit(path: &str) -> Option<String> {
    let is_unit = |part: &&str| part.ends_with(".service") || part.ends_with(".scope");
    path.rsplit('/').find(is_unit).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_and_units_are_known_by_their_groups() {
        let id = "0123456789abcdef".repeat(4);
        for (text, is) in [
            (format!("0::/system.slice/docker-{id}.scope\n"), Some("docker:0123456789ab")),
            (format!("12:pids:/docker/{id}\n0::/\n"), Some("docker:0123456789ab")),
            (format!("0::/machine.slice/libpod-{id}.scope/container\n"), Some("podman:0123456789ab")),
            (format!("0::/machine.slice/libpod-conmon-{id}.scope\n"), Some("libpod-conmon-0123")),
            (
                format!("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-{id}.scope"),
                Some("containerd:0123456789ab"),
            ),
            (format!("1:cpu:/kubepods/besteffort/pod1/{id}"), Some("kubernetes:0123456789ab")),
            ("0::/lxc.payload.web/system.slice/ssh.service".to_owned(), Some("lxc:web")),
            ("0::/lxc/web".to_owned(), Some("lxc:web")),
            ("0::/machine.slice/machine-box.scope/payload".to_owned(), Some("machine:box")),
            ("0::/system.slice/nginx.service".to_owned(), Some("nginx.service")),
            ("0::/user.slice/user-1000.slice/session-3.scope".to_owned(), Some("session-3.scope")),
            ("9:name=systemd:/\n0::/\n".to_owned(), None),
            ("nonsense".to_owned(), None),
        ] {
            let told = of(&text);
            match is {
                Some(is) => assert!(told.as_deref().is_some_and(|told| told.starts_with(is)), "{text}: {told:?}"),
                None => assert_eq!(told, None, "{text}"),
            }
        }
    }
}
