# A program whose name is a letter or two away from one that engineers use is made to be
# overlooked. The known ones are the list `names` of the site.
rule nearly_a_known_program {
    meta {
        id = "OT-NAMES-0002"
        sid = 9263002
        rev = 1
        severity = high
        attack = [ics.T0849]
        description = "A program was started whose name is nearly a known one"
        falsepositives = "another version of a known program; list it"
        reference = "https://attack.mitre.org/techniques/T0849/"
    }
    on process as m
    where edit_distance(m.image.name) >= 1 and edit_distance(m.image.name) <= 2
    dedup by (m.host.name, m.image) for 10m
    emit {
        title = "{m.image.name} on {m.host.name} is nearly a program that is known"
        evidence = [m.image, m.command_line, m.user]
    }

    test "a letter is another" {
        at 0s process { image: "C:\\Temp\\s7tgtopy.exe", host.name: "eng-1" }
        expect match
    }

    test "the program itself" {
        at 0s process { image: "C:\\Siemens\\s7tgtopx.exe", host.name: "eng-1" }
        expect none
    }

    test "another program" {
        at 0s process { image: "C:\\Windows\\explorer.exe", host.name: "eng-1" }
        expect none
    }
}
