//! Compiles a filter and prints its program, as `tcpdump -d` does: `filter [-O] -d|-dd|-ddd -y LINK|-r FILE|-i ANY EXPR`.

use sabueso::filter::{Capture, Options, SystemNames, compile};
use sabueso::frame::{ByteOrder, LinkType};

fn main() {
    let mut args = std::env::args().skip(1).peekable();
    let names = SystemNames::default();
    let mut options = Options { names: &names, ..Options::default() };
    let (mut link_type, mut format, mut words) = (LinkType::EN10MB, String::from("-d"), Vec::new());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-O" => options.optimize = false,
            "-d" | "-dd" | "-ddd" => format = arg,
            "-y" => link_type = args.next().and_then(|name| LinkType::parse(&name)).expect("a link type"),
            "-i" => {
                args.next();
                options.capture = Capture::Live;
            }
            "-r" => {
                let header = std::fs::read(args.next().expect("a file")).expect("a file to read");
                let little = header[0] == 0xd4 || header[0] == 0x4d;
                let number = header[20..22].try_into().expect("two bytes");
                let big = header[22..24].try_into().expect("two bytes");
                link_type = LinkType(if little { u16::from_le_bytes(number) } else { u16::from_be_bytes(big) });
                options.capture = Capture::File { byte_order: if little { ByteOrder::Little } else { ByteOrder::Big } };
            }
            "--" => words.extend(args.by_ref()),
            _ => words.push(arg),
        }
    }
    let expression = words.join(" ");
    match compile(&expression, link_type, &options) {
        Ok(program) if format == "-ddd" => print!("{}", program.decimal_text()),
        Ok(program) if format == "-dd" => print!("{}", program.c_text()),
        Ok(program) => print!("{program}"),
        Err(error) => {
            eprint!("{}", error.render(&expression));
            std::process::exit(1);
        }
    }
}
