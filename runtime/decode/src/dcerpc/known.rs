//! Names of interfaces that are met in industrial networks and in attacks on them.
//!
//! UUIDs are from the protocol specifications that Microsoft publishes ([MS-...], their
//! section 1.9), from the OPC Foundation's OPC Data Access 3.00, from IEC 61158-6-10 and
//! from C706.

use crate::dcerpc::Uuid;

/// The name of an interface.
pub(super) fn name(interface: Uuid) -> Option<&'static str> {
    TABLE.iter().find(|(uuid, _)| *uuid == interface.0).map(|(_, name)| *name)
}

#[rustfmt::skip]
const TABLE: [(u128, &str); 31] = [
    (0xdea00001_6c97_11d1_8271_00a02442df7d, "pnio_device"),
    (0xdea00002_6c97_11d1_8271_00a02442df7d, "pnio_controller"),
    (0xdea00003_6c97_11d1_8271_00a02442df7d, "pnio_supervisor"),
    (0xdea00004_6c97_11d1_8271_00a02442df7d, "pnio_parameter_server"),
    (0xe1af8308_5d1f_11c9_91a4_08002b14a0fa, "epmapper"),
    (0xafa8bd80_7d8a_11c9_bef4_08002b102989, "mgmt"),
    (0x000001a0_0000_0000_c000_000000000046, "isystemactivator"),
    (0x00000131_0000_0000_c000_000000000046, "iremunknown"),
    (0x00000143_0000_0000_c000_000000000046, "iremunknown2"),
    (0x99fcfec4_5260_101b_bbcb_00aa0021347a, "iobjectexporter"),
    (0x367abb81_9844_35f1_ad32_98f038001003, "svcctl"),
    (0x1ff70682_0a51_30e8_076d_740be8cee98b, "atsvc"),
    (0x86d35949_83c9_4044_b424_db363231fd0c, "itaskschedulerservice"),
    (0x338cd001_2244_31f1_aaaa_900038001003, "winreg"),
    (0x12345778_1234_abcd_ef00_0123456789ac, "samr"),
    (0x12345778_1234_abcd_ef00_0123456789ab, "lsarpc"),
    (0x12345678_1234_abcd_ef00_01234567cffb, "netlogon"),
    (0x4b324fc8_1670_01d3_1278_5a47bf6ee188, "srvsvc"),
    (0x6bffd098_a112_3610_9833_46c3f87e345a, "wkssvc"),
    (0xe3514235_4b06_11d1_ab04_00c04fc2dcd2, "drsuapi"),
    (0x12345678_1234_abcd_ef00_0123456789ab, "spoolss"),
    (0x82273fdc_e32a_18c3_3f78_827929dc23ea, "eventlog"),
    (0xc681d488_d850_11d0_8c52_00c04fd90f7e, "efsrpc"),
    (0x3919286a_b10c_11d0_9ba8_00c04fd92ef5, "dssetup"),
    (0x9556dc99_828c_11cf_a37e_00aa003240c7, "iwbemservices"),
    (0xf309ad18_d86a_11d0_a075_00c04fb68820, "iwbemlevel1login"),
    (0x39c13a4d_011e_11d0_9675_0020afd8adb3, "opc_server"),
    (0x39c13a50_011e_11d0_9675_0020afd8adb3, "opc_group_state_mgt"),
    (0x39c13a52_011e_11d0_9675_0020afd8adb3, "opc_sync_io"),
    (0x39c13a54_011e_11d0_9675_0020afd8adb3, "opc_item_mgt"),
    (0x13486d50_4821_11d2_a494_3cb306c10000, "opc_server_list"),
];
