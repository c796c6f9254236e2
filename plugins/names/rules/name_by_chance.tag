# Droppers and wipers write programs under names that nobody chose. Names that people chose
# have few different letters; 3.8 bits a letter and more are those of chance.
rule name_by_chance {
    meta {
        id = "OT-NAMES-0001"
        sid = 9263001
        rev = 1
        severity = medium
        attack = [ics.T0849]
        description = "A program with a name by chance was started"
        falsepositives = "an installer that unpacks itself under such a name"
        reference = "https://attack.mitre.org/techniques/T0849/"
    }
    on process as m
    where len(m.image.name) >= 14 and entropy(m.image.name) > 3.8
    dedup by (m.host.name, m.image) for 10m
    emit {
        title = "{m.image.name} was started on {m.host.name}"
        evidence = [m.image, m.command_line, m.user]
    }

    test "letters by chance" {
        at 0s process { image: "C:\\Users\\op\\qx7vk2mz9wpd4t.exe", host.name: "eng-1" }
        expect match
    }

    test "a name that was chosen" {
        at 0s process {
            image: "C:\\Program Files\\siemens\\assassins_assess.exe", host.name: "eng-1"
        }
        expect none
    }

    test "too short to tell" {
        at 0s process { image: "C:\\Windows\\dwm3.exe", host.name: "eng-1" }
        expect none
    }
}
