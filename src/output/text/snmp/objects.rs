//! Names of SNMP's objects: the Internet's tree as far as MIB-II (RFC 1213), the first enterprises that IANA lists, and the
//! modules of SNMP itself (RFC 3411, 3412, 3414).

use crate::output::Sheet;

/// An object's name, empty where it has none, and what is below it, numbered from 1.
struct Object(&'static str, &'static [Object]);

macro_rules! objects {
    ($($name:literal $([$($below:tt)*])?)*) => { &[$(Object($name, objects!($($($below)*)?))),*] };
}

/// What stands for the path to an object.
const SHORT: [(&str, &str); 4] = [("mib", ""), ("experimental", "X:"), ("enterprises", "E:"), ("snmpModules", "S:")];

/// Prints the path to an object, names where there are some: `system.sysUpTime.0`.
pub(super) fn put(sheet: &mut Sheet, path: impl Iterator<Item = u32>) {
    let start = sheet.len();
    let (mut level, mut joint) = (TREE, ".");
    for number in path {
        let place = usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1);
        let object = level.get(place).filter(|object| !object.0.is_empty());
        level = object.map_or(&[], |object| object.1);
        if let Some((_, short)) = SHORT.iter().find(|(name, _)| object.is_some_and(|object| object.0 == *name)) {
            sheet.truncate(start);
            sheet.put(short);
            joint = "";
            continue;
        }
        sheet.put(joint);
        match object {
            Some(object) => sheet.put(object.0),
            None => sheet.dec(number),
        }
        joint = ".";
    }
}

#[rustfmt::skip]
const TREE: &[Object] = objects![
    "iso" [
        "" ""
        "org" [
            "" "" "" "" ""
            "dod" [
                "internet" [
                    "directory"
                    "mgmt" [
                        "mib" [
                            "system" [
                                "sysDescr" "sysObjectID" "sysUpTime" "sysContact" "sysName" "sysLocation"
                                "sysServices"
                            ]
                            "interfaces" [
                                "ifNumber"
                                "ifTable" [
                                    "ifEntry" [
                                        "ifIndex" "ifDescr" "ifType" "ifMtu" "ifSpeed" "ifPhysAddress"
                                        "ifAdminStatus" "ifOperStatus" "ifLastChange" "ifInOctets" "ifInUcastPkts"
                                        "ifInNUcastPkts" "ifInDiscards" "ifInErrors" "ifInUnknownProtos"
                                        "ifOutOctets" "ifOutUcastPkts" "ifOutNUcastPkts" "ifOutDiscards"
                                        "ifOutErrors" "ifOutQLen" "ifSpecific"
                                    ]
                                ]
                            ]
                            "at" [
                                "atTable" [
                                    "atEntry" [
                                        "atIfIndex" "atPhysAddress" "atNetAddress"
                                    ]
                                ]
                            ]
                            "ip" [
                                "ipForwarding" "ipDefaultTTL" "ipInReceives" "ipInHdrErrors" "ipInAddrErrors"
                                "ipForwDatagrams" "ipInUnknownProtos" "ipInDiscards" "ipInDelivers" "ipOutRequests"
                                "ipOutDiscards" "ipOutNoRoutes" "ipReasmTimeout" "ipReasmReqds" "ipReasmOKs"
                                "ipReasmFails" "ipFragOKs" "ipFragFails" "ipFragCreates"
                                "ipAddrTable" [
                                    "ipAddrEntry" [
                                        "ipAdEntAddr" "ipAdEntIfIndex" "ipAdEntNetMask" "ipAdEntBcastAddr"
                                        "ipAdEntReasmMaxSize"
                                    ]
                                ]
                                "ipRoutingTable" [
                                    "ipRouteEntry" [
                                        "ipRouteDest" "ipRouteIfIndex" "ipRouteMetric1" "ipRouteMetric2"
                                        "ipRouteMetric3" "ipRouteMetric4" "ipRouteNextHop" "ipRouteType"
                                        "ipRouteProto" "ipRouteAge" "ipRouteMask"
                                    ]
                                ]
                                "ipNetToMediaTable" [
                                    "ipNetToMediaEntry" [
                                        "ipNetToMediaIfIndex" "ipNetToMediaPhysAddress" "ipNetToMediaNetAddress"
                                        "ipNetToMediaType"
                                    ]
                                ]
                            ]
                            "icmp" [
                                "icmpInMsgs" "icmpInErrors" "icmpInDestUnreachs" "icmpInTimeExcds"
                                "icmpInParmProbs" "icmpInSrcQuenchs" "icmpInRedirects" "icmpInEchos"
                                "icmpInEchoReps" "icmpInTimestamps" "icmpInTimestampReps" "icmpInAddrMasks"
                                "icmpInAddrMaskReps" "icmpOutMsgs" "icmpOutErrors" "icmpOutDestUnreachs"
                                "icmpOutTimeExcds" "icmpOutParmProbs" "icmpOutSrcQuenchs" "icmpOutRedirects"
                                "icmpOutEchos" "icmpOutEchoReps" "icmpOutTimestamps" "icmpOutTimestampReps"
                                "icmpOutAddrMasks" "icmpOutAddrMaskReps"
                            ]
                            "tcp" [
                                "tcpRtoAlgorithm" "tcpRtoMin" "tcpRtoMax" "tcpMaxConn" "tcpActiveOpens"
                                "tcpPassiveOpens" "tcpAttemptFails" "tcpEstabResets" "tcpCurrEstab" "tcpInSegs"
                                "tcpOutSegs" "tcpRetransSegs"
                                "tcpConnTable" [
                                    "tcpConnEntry" [
                                        "tcpConnState" "tcpConnLocalAddress" "tcpConnLocalPort" "tcpConnRemAddress"
                                        "tcpConnRemPort"
                                    ]
                                ]
                                "tcpInErrs" "tcpOutRsts"
                            ]
                            "udp" [
                                "udpInDatagrams" "udpNoPorts" "udpInErrors" "udpOutDatagrams"
                                "udpTable" [
                                    "udpEntry" [
                                        "udpLocalAddress" "udpLocalPort"
                                    ]
                                ]
                            ]
                            "egp" [
                                "egpInMsgs" "egpInErrors" "egpOutMsgs" "egpOutErrors"
                                "egpNeighTable" [
                                    "egpNeighEntry" [
                                        "egpNeighState" "egpNeighAddr" "egpNeighAs" "egpNeighInMsgs"
                                        "egpNeighInErrs" "egpNeighOutMsgs" "egpNeighOutErrs" "egpNeighInErrMsgs"
                                        "egpNeighOutErrMsgs" "egpNeighStateUps" "egpNeighStateDowns"
                                        "egpNeighIntervalHello" "egpNeighIntervalPoll" "egpNeighMode"
                                        "egpNeighEventTrigger"
                                    ]
                                ]
                                "egpAs"
                            ]
                            "" "transmission"
                            "snmp" [
                                "snmpInPkts" "snmpOutPkts" "snmpInBadVersions" "snmpInBadCommunityNames"
                                "snmpInBadCommunityUses" "snmpInASNParseErrs" "snmpInBadTypes" "snmpInTooBigs"
                                "snmpInNoSuchNames" "snmpInBadValues" "snmpInReadOnlys" "snmpInGenErrs"
                                "snmpInTotalReqVars" "snmpInTotalSetVars" "snmpInGetRequests" "snmpInGetNexts"
                                "snmpInSetRequests" "snmpInGetResponses" "snmpInTraps" "snmpOutTooBigs"
                                "snmpOutNoSuchNames" "snmpOutBadValues" "snmpOutReadOnlys" "snmpOutGenErrs"
                                "snmpOutGetRequests" "snmpOutGetNexts" "snmpOutSetRequests" "snmpOutGetResponses"
                                "snmpOutTraps" "snmpEnableAuthTraps"
                            ]
                        ]
                    ]
                    "experimental"
                    "private" [
                        "enterprises" [
                            "proteon" "ibm" "cmu" "unix" "acc" "twg" "cayman" "nysernet" "cisco" "nsc" "hp"
                            "epilogue" "utennessee" "bbn" "xylogics" "unisys" "canstar" "wellfleet" "trw" "mit"
                            "eon" "spartacus" "excelan" "spider" "nsfnet" "sytek" "intergraph" "interlan" "vitalink"
                            "ulana" "nswc" "santacruzoperation" "xyplex" "cray" "bellnorthernresearch" "dec" "touch"
                            "networkresearchcorp" "baylor" "nmfeccllnl" "sri" "sun" "3com" "cmc" "synoptics"
                            "cheyenne" "prime" "mcnc" "chipcom" "opticaldatasystems" "gated" "cabletron" "apollo"
                            "desktalksystems" "ssds" "castlerock" "mips" "tgv" "silicongraphics" "ubc" "merit"
                            "fibercom" "apple" "gandalf" "dartmouth" "davidsystems" "reuter" "cornell" "tmac"
                            "locus" "nasa" "retix" "boeing" "att" "ungermannbass" "digitalanalysis" "hplanman"
                            "netlabs" "icl" "auspex" "lannet" "ncd" "raycom" "pirellifocom" "datability"
                            "networkappltech" "link" "nyu" "rnd" "intercon" "learningtree" "webstercomputer"
                            "frontier" "nokia" "allenbradley" "cern" "sigma" "emergingtech" "snmpresearch"
                            "ohiostate" "ultra"
                        ]
                    ]
                    "security"
                    "snmpV2" [
                        "" ""
                        "snmpModules" [
                            "" "" "" "" "" "" "" "" ""
                            "snmpFrameworkMIB" [
                                "snmpFrameworkAdmin"
                                "snmpFrameworkMIBObjects" [
                                    "snmpEngine" [
                                        "snmpEngineID" "snmpEngineBoots" "snmpEngineTime"
                                        "snmpEngineMaxMessageSize"
                                    ]
                                ]
                                "snmpFrameworkMIBConformance"
                            ]
                            "snmpMPDMIB" [
                                "snmpMPDAdmin"
                                "snmpMPDMIBObjects" [
                                    "snmpMPDStats" [
                                        "snmpUnknownSecurityModels" "snmpInvalidMsgs" "snmpUnknownPDUHandlers"
                                    ]
                                ]
                                "snmpMPDMIBConformance" [
                                    "snmpMPDMIBCompliances" "snmpMPDMIBGroups"
                                ]
                            ]
                            "" "" ""
                            "snmpUsmMIB" [
                                "usmMIBObjects" [
                                    "usmStats" [
                                        "usmStatsUnsupportedSecLevels" "usmStatsNotInTimeWindows"
                                        "usmStatsUnknownUserNames" "usmStatsUnknownEngineIDs" "usmStatsWrongDigests"
                                        "usmStatsDecryptionErrors"
                                    ]
                                    "usmUser" [
                                        "usmUserSpinLock"
                                        "usmUserTable" [
                                            "usmUserEntry" [
                                                "usmUserEngineID" "usmUserName" "usmUserSecurityName"
                                                "usmUserCloneFrom" "usmUserAuthProtocol" "usmUserAuthKeyChange"
                                                "usmUserOwnAuthKeyChange" "usmUserPrivProtocol"
                                                "usmUserPrivKeyChange" "usmUserOwnPrivKeyChange" "usmUserPublic"
                                                "usmUserStorageType" "usmUserStatus"
                                            ]
                                        ]
                                    ]
                                ]
                                "usmMIBConformance" [
                                    "usmMIBCompliances" "usmMIBGroups"
                                ]
                            ]
                        ]
                    ]
                ]
            ]
        ]
    ]
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shortened_and_named_as_far_as_names_are_known() {
        for (path, expected) in [
            (&[1, 3, 6, 1, 2, 1, 1, 3, 0][..], "system.sysUpTime.0"),
            (&[1, 3, 6, 1, 2, 1, 31, 1], "31.1"),
            (&[1, 3, 6, 1, 4, 1, 9, 2, 1], "E:cisco.2.1"),
            (&[1, 3, 6, 1, 4, 1, 9999, 2], "E:9999.2"),
            (&[1, 3, 6, 1, 6, 3, 15, 1, 1, 4], "S:snmpUsmMIB.usmMIBObjects.usmStats.usmStatsUnknownEngineIDs"),
            (&[1, 3, 6, 1, 5, 0, 1], ".iso.org.dod.internet.security.0.1"),
            (&[0, 1, u32::MAX], ".0.1.4294967295"),
        ] {
            let mut sheet = Sheet::new();
            put(&mut sheet, path.iter().copied());
            assert_eq!(String::from_utf8_lossy(sheet.as_bytes()), expected);
        }
    }
}
