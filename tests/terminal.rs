//! What a terminal gets to see: colour where it is wanted, lines that fit, and no control sequence but our own.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::pty::{Winsize, openpty};

/// What the command prints on a terminal of so many columns.
fn on_terminal(columns: u16, args: &[&str], no_color: bool) -> String {
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let pty = openpty(Some(&size), None).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")).args(args);
    command.env("TERM", "xterm").env("TZ", "UTC").env_remove("NO_COLOR").stdin(Stdio::null());
    if no_color {
        command.env("NO_COLOR", "1");
    }
    let mut child = command.stdout(pty.slave).stderr(Stdio::null()).spawn().unwrap();
    // The command holds the other end of the terminal too.
    drop(command);
    let mut bytes = Vec::new();
    // Where nobody has the other end any more, reading fails.
    let _ = File::from(pty.master).read_to_end(&mut bytes);
    assert!(child.wait().unwrap().success());
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

/// The text without its colours; what is left of control characters is a fault.
fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('m').unwrap();
        assert!(code.len() <= 2 && code.chars().all(|digit| digit.is_ascii_digit()), "{code:?} is no colour of ours");
        plain.push_str(rest);
    }
    assert!(!plain.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{plain:?}");
    plain
}

#[test]
fn a_tree_fits_the_terminal() {
    let wide = plain(&on_terminal(400, &["-r", "tls-hellos.pcap", "--tree"], false));
    for columns in [90, 100, 120] {
        for capture in ["tls-hellos.pcap", "lldp.pcap", "dhcp.pcap", "quic-initials.pcap"] {
            for more in [&["--tree"][..], &["--tree", "--offsets"]] {
                let text = plain(&on_terminal(columns, &[&["-r", capture], more].concat(), false));
                let widest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
                assert!(widest.chars().count() <= columns.into(), "{capture}: {widest}");
            }
        }
    }
    let narrow = plain(&on_terminal(60, &["-r", "tls-hellos.pcap", "--tree"], false));
    assert_eq!(narrow.lines().count(), wide.lines().count());
    assert!(narrow.contains("… (") && narrow.contains(" values)\n"), "{narrow}");
    assert!(plain(&on_terminal(60, &["-r", "lldp.pcap", "--tree"], false)).contains(" bytes)\n"));
}

#[test]
fn colour_tells_layers_and_flags() {
    let tree = on_terminal(100, &["-r", "tcp-reset.pcap", "--tree"], false);
    for coloured in [
        "\x1b[34mEthernet",
        "\x1b[36mInternet protocol",
        "\x1b[35mTransmission",
        "\x1b[32mtrue\x1b[0m\n",
        "\x1b[31mtrue\x1b[0m\n",
    ] {
        assert!(tree.contains(coloured), "{coloured:?} is not in {tree:?}");
    }
    let lines = on_terminal(100, &["-r", "tcp-reset.pcap", "-X", "--mark", "tcp.flags"], false);
    assert!(lines.contains("\x1b[36mIP \x1b[0m") && lines.contains("Flags [\x1b[32mS\x1b[0m]"), "{lines:?}");
}

#[test]
fn marked_bytes_are_reversed_where_there_is_colour() {
    let args = ["-r", "udp-talk.pcap", "-c", "1", "-t", "--mark", "udp.dst"];
    let (coloured, uncoloured) = (on_terminal(100, &args, false), on_terminal(100, &args, true));
    assert_eq!(
        coloured.matches("\x1b[7m").count(),
        2 + usize::from(coloured.contains("\x1b[0m\x1b[7m")),
        "{coloured:?}"
    );
    assert!(!uncoloured.contains('\x1b') && uncoloured.contains("\n\t") && uncoloured.contains("^^"), "{uncoloured}");
    let unmarked: String =
        uncoloured.lines().filter(|line| !line.contains('^')).map(|line| format!("{line}\n")).collect();
    assert_eq!(plain(&coloured), unmarked);
}

#[test]
fn nothing_from_outside_reaches_the_terminal_raw() {
    for capture in [
        "pcapng-names-hostile.pcapng",
        "cut-everywhere.pcap",
        "hostile-fragments.pcap",
        "payload-bytes.pcap",
        "telnet.pcap",
    ] {
        for args in [&["--tree", "--offsets", "-X"][..], &["--mark", "eth,ip,tcp.payload,udp.payload"], &["-A", "-vv"]]
        {
            plain(&on_terminal(70, &[&["-r", capture], args].concat(), false));
        }
    }
}
