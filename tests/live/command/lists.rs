//! The lists that help to choose: interfaces, link types, time stamp types.

use serde_json::{Value, json};

use super::*;
use crate::harness::Rights::Namespace;

fn list(flags: &str) -> String {
    let ended = Run::spawn(command(&format!("sabueso {flags}"))).end();
    assert_eq!((ended.code, ended.said.len()), (Some(0), 0), "{ended:?}");
    ended.text().to_owned()
}

live_test!(interfaces_are_listed_for_people, Namespace, {
    let _talk = Talk::new();
    let _tun = tun("tun");
    ip("link add idle type veth peer name idler");
    assert_eq!(
        list("-D"),
        "1.here [Up, Running] EN10MB 10.9.0.1\n\
         2.tun [Up, Running] RAW\n\
         3.any (Pseudo-device that captures on all interfaces) [Up, Running] LINUX_SLL2\n\
         4.lo [Up, Running, Loopback] EN10MB 127.0.0.1 ::1\n\
         5.idler [] EN10MB\n\
         6.idle [] EN10MB\n"
    );
});

live_test!(interfaces_are_listed_for_programs, Namespace, {
    let talk = Talk::new();
    let told: Value = serde_json::from_str(&list("-D --json")).unwrap();
    let names: Vec<_> = told.as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["here", "any", "lo"]);
    let index = sabueso::live::interfaces::find("here").unwrap().index;
    assert_eq!(
        told[0],
        json!({
            "number": 1, "name": "here", "index": index, "up": true, "running": true, "loopback": false,
            "mac": "02:00:00:00:00:01", "addresses": ["10.9.0.1"], "link_type": 1, "link_type_name": "EN10MB",
            "description": null,
        })
    );
    let run = capture("-i 1 --count");
    talk.send(0..3);
    run.interrupt().succeeded_with(3);
});

live_test!(link_and_time_stamp_types_are_those_of_the_interface, Namespace, {
    let _talk = Talk::new();
    let _tun = tun("tun");
    assert_eq!(list("-i here -L"), "Data link types for here:\n  EN10MB (Ethernet)\n");
    assert_eq!(list("-i tun -L"), "Data link types for tun:\n  RAW (Raw IP)\n");
    let types = list("-i here -J");
    let mut lines = types.lines();
    assert_eq!(lines.next(), Some("Time stamp types for here (use option -j to set):"));
    assert!(lines.next().unwrap().starts_with("  host ("), "{types}");
    assert!(refused("sabueso -Z root -i here -j adapter").contains("no time stamps of type adapter"));
    capture("-i here -j host --count").interrupt().succeeded_with(0);
});
