# Hardware addresses of the stations that may configure devices. DCP has no IP, so they
# are all that tells one station from another. Bound by the site; with nothing bound,
# everybody is a stranger.
param engineering_stations: set<mac> max 256 = {}
# Addresses of the IO controllers and engineering stations. Bound by the site; with
# nothing bound, everybody is a stranger.
param controllers: set<ip> max 256 = {}
