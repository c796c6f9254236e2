# What a site may say of itself.
# Addresses from which remote desktop into the plant is allowed.
param jump_hosts: set<ip> max 256 = {}
# Programs beside engineering tools that may write projects: backup, version control.
param project_tools: set<name> max 256 = {}
# Engineering tools, by the names of their programs.
param engineering_tools: set<name> max 1024 = {
    "s7tgtopx.exe", "s7jtagtx.exe", "siemens.automation.portal.exe", "studio5000.exe",
    "rs5000.exe", "rslogix5.exe", "rslogix500.exe", "unitypro.exe", "controlexpert.exe",
    "ecostruxure.exe", "codesys.exe", "gxw2.exe", "gxw3.exe", "tcxaeshell.exe",
    "pcworx.exe", "plcnextengineer.exe", "sysmac studio.exe", "automation studio.exe",
    "pg.exe", "cx-programmer.exe"
}
# Programs that run scripts or commands.
param script_hosts: set<name> max 256 = {
    "cmd.exe", "powershell.exe", "pwsh.exe", "wscript.exe", "cscript.exe", "mshta.exe",
    "rundll32.exe", "regsvr32.exe", "bitsadmin.exe", "certutil.exe"
}
# Programs that open what comes from outside.
param documents: set<name> max 256 = {
    "outlook.exe", "thunderbird.exe", "winword.exe", "excel.exe", "powerpnt.exe",
    "onenote.exe", "onenotem.exe", "acrord32.exe", "acrobat.exe", "msedge.exe",
    "chrome.exe", "firefox.exe", "iexplore.exe"
}
