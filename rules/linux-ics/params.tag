# Services of the control system, by their names in systemd.
param control_services: set<name> max 256 = {}
