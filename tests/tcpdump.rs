//! The program called by the name tcpdump, beside tcpdump itself where that is installed, and the list of flags in
//! docs/tcpdump.md.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const DNS: &str = "captures/dns.pcap";

/// A folder with a link to the program that is called tcpdump, gone with it.
struct Link(PathBuf);

impl Link {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sabueso-tcpdump-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        symlink(env!("CARGO_BIN_EXE_sabueso"), path.join("tcpdump")).unwrap();
        Link(path)
    }

    fn program(&self) -> PathBuf {
        self.0.join("tcpdump")
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn run(&self, args: &[&str]) -> Output {
        run(&self.program(), args, "")
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(program: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(program)
        .args(args)
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have ended without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// tcpdump itself, where it is installed.
fn oracle(test: &str) -> Option<PathBuf> {
    let found = Command::new("tcpdump").arg("--version").output();
    if found.is_ok_and(|output| text(&output.stdout).contains("tcpdump version 4.99")) {
        return Some("tcpdump".into());
    }
    eprintln!("*skipped* {test}: no tcpdump 4.99 is installed");
    None
}

/// What must be the same: nothing but the status, standard output too, or standard error too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Same {
    Status,
    Lines,
    All,
}

#[test]
fn what_tcpdump_prints_says_and_ends_with_is_the_same() {
    let Some(tcpdump) = oracle("what_tcpdump_prints_says_and_ends_with_is_the_same") else { return };
    let link = Link::new();
    let list = link.file("list", "captures/dns.pcap\ncaptures/arp.pcap\n");
    let out = link.0.join("out");
    let out = out.to_str().unwrap();
    let table: &[(Same, &str)] = &[
        (Same::All, "-n -r captures/dns.pcap"),
        (Same::All, "-nn -v -r captures/dns.pcap"),
        (Same::All, "-n -vv -e -r captures/icmp-types.pcap"),
        (Same::All, "-n -q -r captures/tcp-conversation.pcap"),
        (Same::All, "-n -X -c 2 -r captures/dns.pcap"),
        (Same::All, "-n -AA -c 2 -r captures/dns.pcap"),
        (Same::All, "-n -xx -c 2 -r captures/dns.pcap"),
        (Same::All, "-n -ttt -r captures/tcp-loss.pcap"),
        (Same::All, "-n -tttt -c 5 -r captures/dns.pcap"),
        (Same::All, "-n -ttttt -c 5 -r captures/dns.pcap"),
        (Same::All, "-n# -S -K -l -O -p -U -r captures/tcp-conversation.pcap tcp"),
        (Same::All, "-n --number --print -c 1 -r captures/dns.pcap"),
        (Same::All, "--count -r captures/dns.pcap tcp"),
        (Same::All, "-n -c 1 -r captures/pcap-nano-little.pcap"),
        (Same::All, "-n --nan -c 1 -r captures/pcap-nano-little.pcap"),
        (Same::All, "-n -b -u -M secret -c 1 -r captures/dns.pcap"),
        (Same::All, "-n -m MODULE -c 1 -r captures/dns.pcap"),
        (Same::All, "-n -T carp -r captures/carp.pcap"),
        (Same::All, "-nv -T carp -r captures/carp.pcap"),
        (Same::All, "-n -T domain -r captures/radius.pcap"),
        (Same::All, "-n -I -i lo -Q in -B 100 -j host --immediate-mode -c 1 -r captures/dns.pcap"),
        (Same::All, "-n -y RAW -c 1 -r captures/dns.pcap"),
        (Same::All, "-n -r captures/dns.pcap -r captures/arp.pcap"),
        (Same::All, "-n -W 3 -G 10 -C 1 -z true -c 1 -r captures/dns.pcap"),
        (Same::All, "-tttttt -r captures/dns.pcap"),
        (Same::All, "-f -r captures/dns.pcap"),
        (Same::Status, "-n -V {list} -c 40"),
        (Same::Status, "-n -r captures/dns.pcap filter"),
        (Same::Status, "-n -r captures/dns.pcap port"),
        (Same::Status, "-r no-such-file"),
        (Same::Status, "-V no-such-file"),
        (Same::Status, "-r captures/damaged-pcap-unknown-magic.pcap"),
        (Same::Lines, "-n -r captures/damaged-pcap-cut-body.pcap"),
        (Same::Status, "-w /no-such-folder/x -r captures/dns.pcap"),
        (Same::Status, "-T nosuch -r captures/dns.pcap"),
        (Same::Status, "-y nosuch -r captures/dns.pcap"),
        (Same::Status, "-Q nosuch -r captures/dns.pcap"),
        (Same::Status, "-c 0 -r captures/dns.pcap"),
        (Same::Status, "-c x -r captures/dns.pcap"),
        (Same::Status, "-F no-such-file -r captures/dns.pcap"),
        (Same::Status, "--no-such-flag"),
        (Same::Status, "-r"),
        (Same::Status, "--version"),
        (Same::Status, "-h"),
        (Same::Status, "-J -i lo"),
        (Same::Status, "-i no-such-interface"),
        (Same::Status, "-n -r captures/dns.pcap help"),
    ];
    for (same, args) in table {
        let args = args.replace("{list}", &list);
        let args: Vec<&str> = args.split(' ').collect();
        let (theirs, ours) = (run(&tcpdump, &args, ""), link.run(&args));
        assert_eq!(ours.status.code(), theirs.status.code(), "{args:?}: {}", text(&ours.stderr));
        if *same >= Same::Lines {
            assert_eq!(text(&ours.stdout), text(&theirs.stdout), "{args:?}");
        }
        if *same >= Same::All {
            assert_eq!(text(&ours.stderr), text(&theirs.stderr), "{args:?}");
        }
    }
    // What is written is the same to the byte.
    for args in
        ["-r captures/dns.pcap udp", "-U -c 3 -r captures/pcap-nano-big.pcap", "-s 40 -r captures/dns.pcap -s 0"]
    {
        let args: Vec<&str> = args.split(' ').chain(["-w", out]).collect();
        let written = |output: Output| {
            assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
            let bytes = fs::read(out).unwrap();
            fs::remove_file(out).unwrap();
            bytes
        };
        let theirs = written(run(&tcpdump, &args, ""));
        assert!(written(link.run(&args)) == theirs, "{args:?}");
    }
}

#[test]
fn files_of_a_list_are_read_in_turn() {
    let link = Link::new();
    let list = "captures/arp.pcap\n\ncaptures/ping.pcap\n";
    let from_file = link.run(&["-n", "-V", &link.file("list", list)]);
    let lines = |output: &Output| text(&output.stdout).lines().count();
    let count = |file| lines(&link.run(&["-n", "-r", file]));
    assert_eq!(lines(&from_file), count("captures/arp.pcap") + count("captures/ping.pcap"));
    let said = text(&from_file.stderr);
    let read: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("reading from file ")).collect();
    assert!(read[0].starts_with("captures/arp.pcap, ") && read[1].starts_with("captures/ping.pcap, "), "{said}");
    let from_input = run(&link.program(), &["-n", "-V", "-"], list);
    assert_eq!(from_input.stdout, from_file.stdout);
    let empty = run(&link.program(), &["-V", "-"], "\n");
    assert_eq!(
        (empty.status.code(), text(&empty.stderr)),
        (Some(1), "tcpdump: -V -: no file is listed there\n".into())
    );
}

#[test]
fn every_manieth_packet_is_printed() {
    let link = Link::new();
    let all = link.run(&["-n", "-#", "-S", "-r", DNS]);
    let some = link.run(&["-n", "-#", "-S", "--print-sampling", "5", "-w", "/dev/null", "-r", DNS]);
    let expected: Vec<String> = text(&all.stdout).lines().skip(4).step_by(5).map(str::to_owned).collect();
    assert_eq!(text(&some.stdout).lines().collect::<Vec<_>>(), expected);
    assert!(expected.len() > 3);
}

/// Runs a program where these are the hosts, stations and nobody can be asked for others; none where that can't be had.
fn among_hosts(link: &Link, hosts: &str, program: &Path, args: &[&str]) -> Option<Output> {
    let hosts = link.file("hosts", hosts);
    let switch = link.file("nsswitch", "hosts: files\n");
    let script = "mount --bind \"$1\" /etc/hosts && mount --bind \"$2\" /etc/nsswitch.conf && shift 2 && exec \"$@\"";
    let unshared = |flags: &str, rest: &[&str]| {
        let mut command = Command::new("unshare");
        command.args([flags, "sh", "-c"]).arg(rest[0]).arg("sh").args(&rest[1..]).env("TZ", "UTC").stdin(Stdio::null());
        command
    };
    // Root of the machine, where we are; else root of a namespace of our own.
    let flags = ["-m", "-Urm"].into_iter().find(|flags| {
        let tried = unshared(flags, &["mount --bind \"$1\" /etc/hosts", &hosts]).output();
        tried.is_ok_and(|output| output.status.success())
    })?;
    let program = program.to_str().unwrap();
    Some(unshared(flags, &[&[script, &hosts, &switch, program][..], args].concat()).output().unwrap())
}

const HOSTS: &str = "192.0.2.1 client.example\n198.51.100.2 server.example www\n2001:db8:1::2 six.example\n";

#[test]
fn hosts_and_ports_are_named() {
    let link = Link::new();
    let shown = |program: &Path, args: &[&str]| {
        let args = [&["-t", "-c", "3", "-r", DNS][..], args].concat();
        among_hosts(&link, HOSTS, program, &args).map(|output| {
            assert!(output.status.success(), "{}", text(&output.stderr));
            text(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>()
        })
    };
    let Some(lines) = shown(&link.program(), &[]) else {
        return eprintln!("*skipped* hosts_and_ports_are_named: no mounts of one's own can be had");
    };
    assert!(lines[0].starts_with("IP6 six.example > 2001:db8::1: "), "{}", lines[0]);
    assert!(lines[2].starts_with("IP client.example.44635 > server.example.domain: "), "{}", lines[2]);
    let program = PathBuf::from(env!("CARGO_BIN_EXE_sabueso"));
    assert_eq!(shown(&program, &["--resolve"]).unwrap(), lines);
    assert!(shown(&link.program(), &["-N"]).unwrap()[2].starts_with("IP client.44635 > server.domain: "));
    for (program, args) in [(&link.program(), &["-n"][..]), (&program, &[]), (&program, &["--resolve", "-n"])] {
        assert!(shown(program, args).unwrap()[2].starts_with("IP 192.0.2.1.44635 > 198.51.100.2.53: "), "{args:?}");
    }
    assert!(shown(&link.program(), &["-e"]).unwrap()[2].starts_with("02:00:00:00:00:01 (oui Unknown) > "));
}

#[test]
fn lines_with_names_are_tcpdumps() {
    let Some(tcpdump) = oracle("lines_with_names_are_tcpdumps") else { return };
    let link = Link::new();
    for capture in
        ["dns", "icmp-types", "arp", "closed-ports", "fragments", "ipv4-fields", "ospf", "rip", "sctp-chunks", "snmp"]
    {
        for flags in [&["-e"][..], &["-v"], &["-q", "-N"]] {
            let file = format!("captures/{capture}.pcap");
            // In a namespace of one's own there is no other user to become.
            let args = [flags, &["-r", &file, "-Z", "root"]].concat();
            let Some(theirs) = among_hosts(&link, HOSTS, &tcpdump, &args) else {
                return eprintln!("*skipped* lines_with_names_are_tcpdumps: no mounts of one's own can be had");
            };
            let numbers = |program: &Path| run(program, &[flags, &["-nn", "-r", &file]].concat(), "").stdout;
            let ours = among_hosts(&link, HOSTS, &link.program(), &args).unwrap();
            // Where lines differ for other reasons (docs/text.md), names are not to be compared.
            let (numbers_here, numbers_there) = (text(&numbers(&link.program())), text(&numbers(&tcpdump)));
            let alike = numbers_here.lines().zip(numbers_there.lines()).map(|(here, there)| here == there);
            let (here, there) = (text(&ours.stdout), text(&theirs.stdout));
            let pairs = here.lines().zip(there.lines()).zip(alike).filter(|(_, alike)| *alike);
            let mut compared = 0;
            for ((here, there), _) in pairs {
                assert_eq!(here, there, "{capture} {flags:?}");
                compared += 1;
            }
            assert!(compared > 5, "{capture} {flags:?}: {}", text(&ours.stderr));
        }
    }
}

/// Every flag of tcpdump 4.99.3 and the later ones, with arguments that show whether it is taken; `{}` is a file to write.
const FLAGS: &[(&str, &str)] = &[
    ("-A", "-A"),
    ("-b", "-b"),
    ("-B", "-B 100"),
    ("--buffer-size", "--buffer-size 100"),
    ("-c", "-c 2"),
    ("--count", "--count"),
    ("-C", "-C 1 -w {}"),
    ("-d", "-d"),
    ("-D", "-D"),
    ("--list-interfaces", "--list-interfaces"),
    ("-e", "-e"),
    ("-E", "-E 0x1@192.0.2.1 3des-cbc:x"),
    ("-f", "-f"),
    ("-F", "-F /dev/null"),
    ("-G", "-G 10 -w {}"),
    ("-h", "-h"),
    ("--help", "--help"),
    ("--version", "--version"),
    ("-H", "-H"),
    ("-i", "-i lo"),
    ("--interface", "--interface lo"),
    ("-I", "-I"),
    ("--monitor-mode", "--monitor-mode"),
    ("--immediate-mode", "--immediate-mode"),
    ("-j", "-j host"),
    ("--time-stamp-type", "--time-stamp-type host"),
    ("-J", "-J"),
    ("--list-time-stamp-types", "--list-time-stamp-types"),
    ("-K", "-K"),
    ("--dont-verify-checksums", "--dont-verify-checksums"),
    ("-l", "-l"),
    ("-L", "-L"),
    ("--list-data-link-types", "--list-data-link-types"),
    ("-m", "-m MODULE"),
    ("-M", "-M secret"),
    ("-n", "-n"),
    ("-N", "-N"),
    ("-#", "-#"),
    ("--number", "--number"),
    ("-O", "-O"),
    ("--no-optimize", "--no-optimize"),
    ("-p", "-p"),
    ("--no-promiscuous-mode", "--no-promiscuous-mode"),
    ("--print", "--print"),
    ("--print-sampling", "--print-sampling 2"),
    ("-Q", "-Q inout"),
    ("--direction", "--direction in"),
    ("-q", "-q"),
    ("-r", "-r captures/arp.pcap"),
    ("-S", "-S"),
    ("--absolute-tcp-sequence-numbers", "--absolute-tcp-sequence-numbers"),
    ("-s", "-s 0"),
    ("--snapshot-length", "--snapshot-length 96"),
    ("--skip", "--skip 2"),
    ("--lengths", "--lengths"),
    ("-T", "-T radius"),
    ("-t", "-ttttt"),
    ("--time-stamp-precision", "--time-stamp-precision nano"),
    ("--micro", "--micro"),
    ("--nano", "--nano"),
    ("-u", "-u"),
    ("-U", "-U -w {}"),
    ("--packet-buffered", "--packet-buffered -w {}"),
    ("-v", "-vvv"),
    ("-V", "-V captures/list"),
    ("-w", "-w {}"),
    ("-W", "-W 3 -C 1 -w {}"),
    ("-x", "-xx"),
    ("-X", "-XX"),
    ("-y", "-y EN10MB"),
    ("--linktype", "--linktype EN10MB"),
    ("-z", "-z true -w {}"),
    ("-Z", "-Z root"),
    ("--relinquish-privileges", "--relinquish-privileges root"),
];

#[test]
fn every_flag_is_taken_or_refused_with_its_reason_as_the_list_says() {
    let link = Link::new();
    let document = fs::read_to_string("docs/tcpdump.md").unwrap();
    let rows: Vec<(Vec<String>, &str)> = document.lines().filter_map(row).collect();
    let list = link.file("list", "captures/arp.pcap\n");
    let out = link.0.join("out");
    for (flag, args) in FLAGS {
        let (_, verdict) = rows
            .iter()
            .find(|(flags, _)| flags.iter().any(|known| known == flag))
            .unwrap_or_else(|| panic!("docs/tcpdump.md does not tell of {flag}"));
        let args = args.replace("{}", out.to_str().unwrap()).replace("captures/list", &list);
        let args: Vec<&str> = args.split(' ').collect();
        // Flags about capturing are refused with -r under our own name, so the link is called; what is refused, is by both.
        let read: &[&str] = if matches!(*flag, "-V" | "-D" | "--list-interfaces" | "-J" | "--list-time-stamp-types") {
            &[]
        } else {
            &["-r", DNS]
        };
        let as_tcpdump = link.run(&[read, &args].concat());
        let ours = run(env!("CARGO_BIN_EXE_sabueso").as_ref(), &[read, &args].concat(), "");
        let said = text(&ours.stderr);
        if *verdict == "refused" {
            let short = if *flag == "--monitor-mode" { "-I" } else { flag };
            assert_eq!(ours.status.code(), Some(2), "{flag}");
            assert!(said.starts_with(&format!("sabueso: {short}: ")), "{flag}: {said}");
        } else {
            let refused = text(&as_tcpdump.stderr);
            // A user namespace may have no other user; names of -f belong to a capture.
            let reason = match *flag {
                "-f" => "can not be used with -V or -r",
                _ => "",
            };
            assert!(
                as_tcpdump.status.success() || (!reason.is_empty() && refused.contains(reason)),
                "{flag}: {refused}"
            );
        }
    }
    // And the list tells of no flag that is not known here.
    let known = |flag: &String| FLAGS.iter().any(|(known, _)| known == flag);
    let unknown: Vec<&String> = rows.iter().flat_map(|(flags, _)| flags).filter(|flag| !known(flag)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The flags of a row of the list, each without its argument and its doubles, and what is said of them.
fn row(line: &str) -> Option<(Vec<String>, &str)> {
    let mut cells = line.strip_prefix("| `-")?.split(" | ");
    let flags = format!("`-{}", cells.next()?);
    let verdict = cells.next()?;
    let bare = |quoted: &str| quoted.split(' ').next().unwrap_or_default().to_owned();
    let flags: Vec<String> = flags.split('`').skip(1).step_by(2).map(bare).collect();
    let single = |flag: &String| flag.starts_with("--") || flag.len() == 2;
    Some((flags.into_iter().filter(single).collect(), verdict))
}
